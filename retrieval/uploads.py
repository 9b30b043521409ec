"""Files that admins add from Slack: kept under the documents folder, with who added them and when."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from retrieval.containment import is_there, read_file
from retrieval.errors import ConfigurationError, LoadError
from retrieval.files import replace_file
from retrieval.loaders import SUPPORTED_ENDINGS
from retrieval.metadata import Metadata
from retrieval.source_lists import LIST_NAME, read_list

FOLDER = "slack"
_HEADER = "# Written by Monazite: the files that were added from Slack, by whom and when.\n"
_MAX_NAME = 150
# What a file system or a pattern of a source list reads more into.
_ODD = '/\\*?[]<>:"|'


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to add: its name as it was given, its bytes, and what is said of it."""

    name: str
    data: bytes
    said: Metadata


class Uploads:
    """The folder of added files; its source list says what is known of each."""

    def __init__(self, documents: Path) -> None:
        self._documents = documents
        self._folder = documents / FOLDER

    def add(self, upload: Upload) -> str:
        """Keeps a file, and returns its path in the documents folder, with `/`.

        A file of the same name stays: the new one gets a number. Raises `ConfigurationError`
        when the file is there already, is of no supported format, or cannot be written.
        """
        name = safe_name(upload.name)
        try:
            self._make_folder()
            with self._locked():
                name = self._free_name(name, upload.data)
                # Said before it is there: whoever indexes meanwhile must know who may see it.
                self._rewrite(lambda rules: {**rules, name: upload.said})
                replace_file(self._folder / name, upload.data)
        except OSError as error:
            raise ConfigurationError(
                f"{upload.name} cannot be kept in {self._folder} ({error.strerror}); check the folder"
            ) from error
        return f"{FOLDER}/{name}"

    def forget(self, path: Path) -> None:
        """Forgets what was said of a file that is no more, where it was one of these.

        Raises `ConfigurationError` when the list cannot be written.
        """
        if path.parent != self._folder.resolve() or not (self._folder / LIST_NAME).exists():
            return
        try:
            with self._locked():
                self._rewrite(lambda rules: {k: v for k, v in rules.items() if k != path.name})
        except OSError as error:
            raise ConfigurationError(
                f"{path.name} is removed, but still named in {self._folder / LIST_NAME} ({error})"
            ) from error

    def holds(self, path: Path) -> bool:
        """Says whether a path is that of a file that was added from Slack."""
        if path.parent != self._folder.resolve():
            return False
        try:
            rules = read_list(self._folder / LIST_NAME).rules
        except ConfigurationError:
            return False
        return any(rule.pattern == path.name and rule.said.added_by for rule in rules)

    def _make_folder(self) -> None:
        """Makes the folder, for this user alone; a link to another place is not written through."""
        self._documents.mkdir(parents=True, exist_ok=True)
        if self._folder.is_symlink():
            raise ConfigurationError(
                f"{self._folder} is a link, so nothing is added to it; put a folder in its place"
            )
        self._folder.mkdir(mode=0o700, exist_ok=True)

    def _locked(self) -> FileLock:
        return FileLock(self._folder / ".lock", timeout=10)

    def _free_name(self, name: str, data: bytes) -> str:
        stem, dot, ending = name.rpartition(".")
        for number in range(1, 1000):
            candidate = name if number == 1 else f"{stem}-{number}{dot}{ending}"
            if not is_there(self._folder, candidate):
                return candidate
            if self._is_the_same(candidate, data):
                raise ConfigurationError(
                    f"{FOLDER}/{candidate} is the same file; it is there already"
                )
        raise ConfigurationError(f"There are too many files named {name}; rename this one")

    def _is_the_same(self, name: str, data: bytes) -> bool:
        try:
            return read_file(self._folder, name, len(data) // 1024**2 + 1) == data
        except (LoadError, OSError):
            return False

    def _rewrite(self, change: "Callable[[dict[str, Metadata]], dict[str, Metadata]]") -> None:
        import yaml

        path = self._folder / LIST_NAME
        rules = change({rule.pattern: rule.said for rule in read_list(path).rules})
        entries = [{"path": name} | _plain(said) for name, said in sorted(rules.items())]
        text = yaml.safe_dump({"documents": entries}, allow_unicode=True, sort_keys=False)
        replace_file(path, (_HEADER + text).encode())


def safe_name(name: str) -> str:
    """Returns a name that is safe in any folder. Raises `ConfigurationError` for other formats."""
    kept = "".join(
        "_" if letter in _ODD or not letter.isprintable() else letter
        for letter in name.strip().lstrip(".~$")
    )
    stem, _, ending = kept.rpartition(".")
    if not stem or f".{ending.lower()}" not in SUPPORTED_ENDINGS:
        raise ConfigurationError(
            f"{name} cannot be added; add files ending in {' '.join(SUPPORTED_ENDINGS)}"
        )
    return f"{stem[:_MAX_NAME].rstrip()}.{ending.lower()}"


def _plain(said: Metadata) -> dict[str, Any]:
    found = said.as_json()
    if said.access:
        found["access"] = said.access.split(",")
    if said.tags is not None:
        found["tags"] = list(said.tags)
    return found
