"""`sources.yaml`: what a folder says of its documents, and which pages it adds to them.

A list speaks of the files in its folder and below; of two that speak of one file the one
nearer to it wins, and in one list the later rule. What a list says wins over front matter.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import accumulate
from pathlib import Path
from typing import Any

from retrieval.containment import read_file
from retrieval.errors import ConfigurationError, LoadError
from retrieval.metadata import UNSAID, Metadata, read_entry

LIST_NAME = "sources.yaml"
_MAX_MEGABYTES = 16


@dataclass(frozen=True, slots=True)
class ListedUrl:
    """A page to fetch."""

    url: str
    said: Metadata


@dataclass(frozen=True, slots=True)
class Rule:
    """What is said of the files whose path inside the list's folder fits `pattern`."""

    pattern: str
    said: Metadata


@dataclass(frozen=True, slots=True)
class SourceList:
    """One list."""

    urls: tuple[ListedUrl, ...] = ()
    rules: tuple[Rule, ...] = ()


class SourceLists:
    """The lists of one indexed folder; each is read once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._read: dict[Path, SourceList] = {}
        self._above: dict[str, tuple[tuple[str, Rule], ...]] = {}

    def of(self, folder: Path) -> SourceList:
        """Returns the list in `folder`, an empty one where there is none.

        Raises `ConfigurationError` for one that cannot be understood: then nobody can tell
        who may see what.
        """
        if folder not in self._read:
            self._read[folder] = read_list(folder / LIST_NAME)
        return self._read[folder]

    def said_of(self, name: str) -> Metadata:
        """Returns what the lists say of the file `name`, a path in the indexed folder with `/`."""
        said = UNSAID
        folder = name.rpartition("/")[0]
        if folder not in self._above:
            self._above[folder] = tuple(self._rules_above(folder))
        for start, rule in self._above[folder]:
            if fnmatchcase(name.removeprefix(start), rule.pattern):
                said = rule.said.over(said)
        return said

    def _rules_above(self, folder: str) -> Iterator[tuple[str, Rule]]:
        """The rules for files in `folder`, the farthest first, with what they leave out of a name."""
        above = ["", *accumulate(part + "/" for part in folder.split("/") if part)]
        for start in above:
            yield from ((start, rule) for rule in self.of(self._root / start).rules)


def read_list(file: Path) -> SourceList:
    """Returns the list in `file`; raises `ConfigurationError` saying what is wrong with it."""
    import yaml

    try:
        text = read_file(file.parent, file.name, _MAX_MEGABYTES).decode("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return SourceList()
    except LoadError as error:
        raise ConfigurationError(f"{file} {error}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file} cannot be read ({error})") from error
    try:
        found = yaml.safe_load(text) or {}
        return _understood(found)
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f" in line {where.line + 1}" if where else ""
        raise ConfigurationError(f"{file} is not YAML{line}; mend it") from error
    except ValueError as error:
        raise ConfigurationError(f"{file}: {error}") from error


def _understood(found: Any) -> SourceList:
    if not isinstance(found, Mapping) or found.keys() - {"urls", "documents"}:
        raise ValueError("takes two lists, urls and documents")
    urls = [_entry(entry, "url") for entry in _listed(found, "urls")]
    rules = [_entry(entry, "path") for entry in _listed(found, "documents")]
    for url, _ in urls:
        if not url.startswith(("http://", "https://")):
            raise ValueError(f"{url!r} is no address; it must begin with https:// or http://")
    return SourceList(
        tuple(ListedUrl(url, said) for url, said in urls),
        tuple(Rule(pattern, said) for pattern, said in rules),
    )


def _listed(found: Mapping[str, Any], name: str) -> list[Any]:
    entries = found.get(name) or []
    if not isinstance(entries, list):
        raise ValueError(f"{name} must be a list; begin each entry with a dash")  # noqa: TRY004
    return entries


def _entry(entry: Any, key: str) -> tuple[str, Metadata]:
    if isinstance(entry, str) and key == "url":
        entry = {"url": entry}
    if not isinstance(entry, Mapping) or not isinstance(entry.get(key), str):
        raise ValueError(f"each entry needs {key!r}; {entry!r} has none")  # noqa: TRY004
    try:
        rest = {name: value for name, value in entry.items() if name != key}
        return entry[key].strip(), read_entry(rest)
    except ValueError as error:
        raise ValueError(f"{entry[key]}: {error}") from error
