"""Reads one `sources.yaml`: pages to fetch, and rules on the files of its folder."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retrieval.domain.access import EVERYONE, shortened
from retrieval.domain.errors import ConfigurationError, LoadError
from retrieval.domain.metadata import Metadata
from retrieval.sources.path_patterns import PathPattern
from retrieval.system.containment import open_file
from retrieval.text.metadata_fields import read_entry
from retrieval.text.strict_yaml import MAX_YAML_CHARS, read_yaml

LIST_NAME = "sources.yaml"


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

    @property
    def closes(self) -> bool:
        """Says whether it names who may see its files, and that is not everyone."""
        return self.said.access not in (None, EVERYONE)


@dataclass(frozen=True, slots=True)
class SourceList:
    """One list. `fault` says why it cannot be understood; then nobody can tell who may see what."""

    urls: tuple[ListedUrl, ...] = ()
    rules: tuple[Rule, ...] = ()
    fault: str = ""


def read_list(file: Path) -> SourceList:
    """Returns the list in `file`, an empty one where there is none.

    Raises `ConfigurationError` saying what is wrong with it.
    """
    if not os.path.lexists(file):
        return SourceList()
    try:
        return _understood(_text_of(file))
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read ({error.strerror or error})") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{file} is not UTF-8 text; save it as such") from error
    except (LoadError, ValueError) as error:
        raise ConfigurationError(f"{file} {error}") from error


def with_fault(file: Path) -> SourceList:
    """Returns the list in `file`; one that cannot be understood has a fault and nothing else."""
    try:
        return read_list(file)
    except ConfigurationError as error:
        return SourceList(fault=str(error).removeprefix(str(file)).strip())


def _text_of(file: Path) -> str:
    with open_file(file.parent, file.name) as opened:
        data = opened.read(MAX_YAML_CHARS + 1)
    if not data.strip():
        raise ValueError("is empty; put a list there, or delete it")
    if len(data) > MAX_YAML_CHARS:
        raise ValueError(f"has more than {MAX_YAML_CHARS:,} bytes; split it by folder")
    return data.decode("utf-8-sig")


def _understood(text: str) -> SourceList:
    found = read_yaml(text)
    if found is None:
        return SourceList()
    if not isinstance(found, Mapping) or found.keys() - {"urls", "documents"}:
        raise ValueError("takes two lists, urls and documents")
    urls = [_entry(entry, "url") for entry in _listed(found, "urls")]
    rules = [_entry(entry, "path") for entry in _listed(found, "documents")]
    for url, _ in urls:
        if not url.strip().startswith(("http://", "https://")):
            raise ValueError(f"{shortened(url)} is no address; it must begin with https://")
    return SourceList(
        tuple(ListedUrl(url.strip(), said) for url, said in urls),
        tuple(_rule(pattern, said) for pattern, said in rules),
    )


def _rule(written: str, said: Metadata) -> Rule:
    try:
        PathPattern(written).matcher(exact=False)
    except ValueError as error:
        raise ValueError(f"{shortened(written)}: {error}") from None
    return Rule(written, said)


def _listed(found: Mapping[str, Any], name: str) -> list[Any]:
    entries = found.get(name)
    if entries is None:
        return []
    if not isinstance(entries, list):
        raise ValueError(f"{name} must be a list; begin each entry with a dash")  # noqa: TRY004
    return entries


def _entry(entry: Any, key: str) -> tuple[str, Metadata]:
    if isinstance(entry, str) and key == "url":
        entry = {"url": entry}
    if not isinstance(entry, Mapping) or not isinstance(entry.get(key), str):
        raise ValueError(f"each entry needs {key!r}; {shortened(entry)} has none")  # noqa: TRY004
    try:
        return entry[key], read_entry({name: said for name, said in entry.items() if name != key})
    except ValueError as error:
        raise ValueError(f"{shortened(entry[key])}: {error}") from error
