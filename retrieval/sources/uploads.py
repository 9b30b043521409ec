"""Files that admins add from Slack: kept under the documents folder, with who added them and when."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from retrieval.domain.access import EVERYONE, both
from retrieval.domain.errors import ConfigurationError, LoadError
from retrieval.domain.metadata import Metadata
from retrieval.loading.registry import SUPPORTED_ENDINGS
from retrieval.sources.path_patterns import pattern_for
from retrieval.sources.sources_yaml import LIST_NAME, SourceLists, read_list
from retrieval.system.atomic_files import replace_file
from retrieval.system.containment import is_there, read_file
from retrieval.text.strict_yaml import read_yaml

FOLDER = "slack"
_HEADER = "# Written by Monazite: the files that were added from Slack, by whom and when.\n"
# What file systems allow for a name.
_MAX_BYTES = 255
# What a file system or a pattern of a source list reads more into.
_ODD = '/\\*?[]<>:"|'
# What makes a file hidden, or a lock of an office program, at the beginning of its name.
_HIDING = ".~$ \t"


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
        when the file is there already, is of no supported format, cannot be written, or when
        the lists, read again, do not keep it for those whom it is for; then nothing is kept.
        """
        name = safe_name(upload.name)
        try:
            self._make_folder()
            with self._locked():
                name = self._free_name(name, upload.data)
                self._keep(name, upload)
        except OSError as error:
            raise ConfigurationError(
                f"{upload.name} cannot be kept in {self._folder} ({error.strerror}); check the folder"
            ) from error
        return f"{FOLDER}/{name}"

    def _keep(self, name: str, upload: Upload) -> None:
        """Says who may see a file, proves it, and only then lets the file appear."""
        listed, path = self._folder / LIST_NAME, self._folder / name
        before = listed.read_bytes() if listed.exists() else None
        entry = {"path": pattern_for(name)} | _plain(upload.said)
        try:
            self._rewrite(lambda entries: [*_others(entries, name, added=True), entry])
            self._prove(name, upload, written=False)
            replace_file(path, upload.data)
            self._prove(name, upload, written=True)
        except BaseException:
            path.unlink(missing_ok=True)
            if before is None:
                listed.unlink(missing_ok=True)
            else:
                replace_file(listed, before)
            raise

    def _prove(self, name: str, upload: Upload, *, written: bool) -> None:
        """Reads the lists as an indexing run does, and compares."""
        lists = SourceLists(self._documents.resolve())
        inside = f"{FOLDER}/{name}"
        label = lists.label_of(inside) or EVERYONE
        if both(label, upload.said.access or EVERYONE) != label:
            raise ConfigurationError(
                f"{upload.name} was not added: {self._folder / LIST_NAME} would not keep it for "
                "those whom it is for; rename it"
            )
        if written and (reason := lists.why_closed(inside)):
            raise ConfigurationError(
                f"{upload.name} was not added: nobody could see it, for {reason}"
            )

    def forget(self, path: Path) -> None:
        """Forgets what was said of a file that is no more, where it was one of these.

        Raises `ConfigurationError` when the list cannot be written.
        """
        if path.parent != self._folder.resolve() or not (self._folder / LIST_NAME).exists():
            return
        try:
            with self._locked():
                self._rewrite(lambda entries: _others(entries, path.name))
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
        return any(rule.pattern == pattern_for(path.name) and rule.said.added_by for rule in rules)

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
            candidate = name
            if number > 1:
                tail = f"-{number}{dot}{ending}"
                candidate = _cut(stem, _MAX_BYTES - len(tail.encode())) + tail
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

    def _rewrite(self, change: Callable[[list[Any]], list[Any]]) -> None:
        """Changes the entries of the list; its pages and the order of its rules stay as they are."""
        import yaml

        path = self._folder / LIST_NAME
        read_list(path)
        found = read_yaml(path.read_text(encoding="utf-8-sig")) if path.exists() else None
        kept = dict(found or {})
        kept["documents"] = change(list(kept.get("documents") or []))
        dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
        text = yaml.dump(kept, Dumper=dumper, allow_unicode=True, sort_keys=False)
        replace_file(path, (_HEADER + text).encode())


def safe_name(name: str) -> str:
    """Returns a name that is safe in any folder. Raises `ConfigurationError` for other formats."""
    kept = "".join(
        "_" if letter in _ODD or not letter.isprintable() else letter for letter in name.strip()
    )
    stem, _, ending = kept.lstrip(_HIDING).rpartition(".")
    if not stem.strip() or f".{ending.lower()}" not in SUPPORTED_ENDINGS:
        raise ConfigurationError(
            f"{name} cannot be added; add files ending in {' '.join(SUPPORTED_ENDINGS)}"
        )
    tail = f".{ending.lower()}"
    return _cut(stem, _MAX_BYTES - len(tail)) + tail


def _cut(stem: str, size: int) -> str:
    """The beginning of a name that takes up to so many bytes; no letter loses its accents."""
    kept = stem.encode()[:size].decode(errors="ignore")
    while len(kept) < len(stem) and kept and _joins(stem[len(kept)], kept[-1]):
        kept = kept[:-1]
    return kept.rstrip()


def _joins(letter: str, before: str) -> bool:
    return "\u200d" in {letter, before} or unicodedata.category(letter) in {"Mn", "Me", "Cf", "Sk"}


def _others(entries: list[Any], name: str, *, added: bool = False) -> list[Any]:
    """The entries but those for a file; with `added`, those that a person wrote stay, too."""
    paths = {name, pattern_for(name)}
    return [
        entry
        for entry in entries
        if entry["path"] not in paths or (added and "added_by" not in entry)
    ]


def _plain(said: Metadata) -> dict[str, Any]:
    found = said.as_json()
    if said.access:
        found["access"] = said.access.split(",")
    if said.tags is not None:
        found["tags"] = list(said.tags)
    return found
