"""Turns the paths a person names into documents: an indexed folder and a path inside it."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from retrieval.errors import ConfigurationError
from retrieval.loaders import SUPPORTED_ENDINGS, is_supported
from retrieval.records import DocumentKey
from retrieval.source_lists import LIST_NAME


@dataclass(frozen=True, slots=True)
class Scope:
    """A part of an indexed folder: all of it, a folder in it or one file (`inside`, with `/`)."""

    root: Path
    inside: str = ""

    def covers(self, key: DocumentKey) -> bool:
        """Says whether a document is in this scope, or was before its folder became this root."""
        path = Path(key.root, key.name)
        return path.is_relative_to(self.root / self.inside)

    def key_of(self, name: str) -> DocumentKey:
        """Returns the identity of the file `name` in the indexed folder."""
        return DocumentKey(str(self.root), name)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which files of a folder are documents, by patterns of their paths inside it, with `/`.

    `*` stands for anything, slashes too: `drafts/*`, `*.eml`. Without `include` every file is.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def takes(self, name: str) -> bool:
        """Says whether the file `name` is a document."""
        included = not self.include or any(fnmatchcase(name, part) for part in self.include)
        return included and not any(fnmatchcase(name, part) for part in self.exclude)


EVERYTHING = Selection()


def scopes_of(paths: Sequence[Path], known_roots: Iterable[Path]) -> list[Scope]:
    """Returns the scopes that `paths` name; a path inside a known root belongs to that root.

    Raises `ConfigurationError` when a path does not exist.
    """
    roots = set(known_roots)
    scopes: list[Scope] = []
    for path in paths:
        if not path.exists():
            raise ConfigurationError(f"There is no {path}; name a folder or file that exists")
        scope = _scope_of(path.resolve(), roots)
        roots.add(scope.root)
        if scope not in scopes:
            scopes.append(scope)
    return scopes


@dataclass(frozen=True, slots=True)
class Found:
    """The documents of a scope, sorted, and the folders that hold a source list.

    `names` are paths inside the indexed folder with `/`, strings because there may be many.
    """

    names: tuple[str, ...]
    list_folders: tuple[Path, ...] = ()


def walk(scope: Scope, selection: Selection = EVERYTHING) -> Found:
    """Returns the supported files in `scope`; hidden and lock files are left out.

    A file named itself is returned whatever its ending, so that its failure is reported.
    Raises `ConfigurationError` when the folder cannot be read.
    """
    start = scope.root / scope.inside
    if start.is_file():
        return Found((scope.inside,))
    found: list[str] = []
    lists: list[Path] = []
    for folder, subfolders, names in os.walk(start, onerror=_unreadable):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        inside = Path(folder).relative_to(scope.root).as_posix()
        above = "" if inside == "." else f"{inside}/"
        found.extend(
            above + name
            for name in sorted(names)
            if is_supported(name) and not name.startswith((".", "~$"))
        )
        if LIST_NAME in names:
            lists.append(Path(folder))
    if selection != EVERYTHING:
        found = [name for name in found if selection.takes(name)]
    return Found(tuple(found), tuple(lists))


def describe_empty(scopes: Sequence[Scope]) -> str:
    """Returns the message for scopes that hold no document at all."""
    folders = ", ".join(str(scope.root / scope.inside) for scope in scopes)
    return f"No documents in {folders}; add files ending in {' '.join(SUPPORTED_ENDINGS)}"


def _scope_of(path: Path, roots: Iterable[Path]) -> Scope:
    for root in sorted(roots, key=lambda known: len(known.parts)):
        if path.is_relative_to(root):
            inside = path.relative_to(root).as_posix()
            return Scope(root, "" if inside == "." else inside)
    return Scope(path.parent, path.name) if path.is_file() else Scope(path)


def _unreadable(error: OSError) -> None:
    raise ConfigurationError(f"The folder {error.filename} cannot be read; check its permissions")
