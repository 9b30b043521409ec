"""Turns the paths a person names into documents: an indexed folder and a path inside it."""

import os
import stat
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from retrieval.domain.errors import ConfigurationError
from retrieval.domain.failures import DocumentFailure
from retrieval.domain.records import DocumentKey
from retrieval.loading.registry import SUPPORTED_ENDINGS, is_supported
from retrieval.sources.sources_yaml import LIST_NAME
from retrieval.sources.unsupported import kind_of, skipped
from retrieval.system.containment import (
    FOLDER_LINK,
    is_there,
    is_unicode,
    mode_of,
    opened_folder,
    printable,
    storable,
    why_not_regular,
)

# What tells a data folder of Monazite's.
_OF_A_DATA_FOLDER = frozenset({"catalog.db", "chroma", "lexical"})


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
        if not os.path.lexists(path):
            raise ConfigurationError(
                f"There is no {printable(str(path))}; name a folder or file that exists"
            )
        scope = _scope_of(_placed(path), roots)
        roots.add(scope.root)
        if scope not in scopes:
            scopes.append(scope)
    return scopes


@dataclass(frozen=True, slots=True)
class FoundFiles:
    """The documents of a scope, sorted, and the folders that hold a source list.

    `names` are paths inside the indexed folder with `/`, strings because there may be many.
    `failures` are what would be a document, but is not read; `unreadable` folders inside it, of
    which nobody can tell what they hold. `unsupported` counts files that no loader reads, by kind.
    """

    names: tuple[str, ...]
    list_folders: tuple[Path, ...] = ()
    failures: tuple[DocumentFailure, ...] = ()
    unreadable: tuple[str, ...] = ()
    unsupported: Mapping[str, int] = field(default_factory=dict)


def walk(
    scope: Scope, selection: Selection = EVERYTHING, data_folder: Path | None = None
) -> FoundFiles:
    """Returns the supported files in `scope`; hidden and lock files are left out.

    So is a `data_folder` that lies in it: copies of pages there have no access label.

    A file named itself is returned whatever its ending, so that its failure is reported. Links
    are not followed; they, pipes, devices and names that are no text are among the failures.
    Raises `ConfigurationError` when the folder cannot be read.
    """
    try:
        mode = mode_of(scope.root, scope.inside) if scope.inside else stat.S_IFDIR
    except OSError as error:
        raise _unreadable(scope.root / scope.inside, error) from error
    if not stat.S_ISDIR(mode):
        reason = why_not_regular(mode) or storable(str(scope.root), scope.inside)
        if reason:
            return FoundFiles((), failures=(DocumentFailure(printable(scope.inside), reason),))
        return FoundFiles((scope.inside,))
    return _Walk(scope, selection, data_folder).walked()


class _Walk:
    """One walk through a folder, each folder opened from the root without following links."""

    def __init__(self, scope: Scope, selection: Selection, data_folder: Path | None) -> None:
        self._scope = scope
        self._data_folder = data_folder
        self._selection = selection
        self._names: list[str] = []
        self._lists: list[Path] = []
        self._failures: list[DocumentFailure] = []
        self._unreadable: list[str] = []
        self._unsupported: Counter[str] = Counter()
        # Those of other installations; what lies there is nobody's document.
        self._data_folders: list[str] = []

    def walked(self) -> FoundFiles:
        waiting = [self._scope.inside]
        while waiting:
            inside = waiting.pop()
            try:
                with opened_folder(self._scope.root, inside, listing=True) as folder:
                    below = self._take(inside, folder)
            except OSError as error:
                if inside == self._scope.inside:
                    raise _unreadable(self._scope.root / inside, error) from error
                if isinstance(error, FileNotFoundError):
                    continue
                self._unreadable.append(inside)
                self._fail(inside, f"cannot be read ({error.strerror}); check its permissions")
                continue
            waiting.extend(reversed(below))
        return FoundFiles(
            tuple(self._names), tuple(self._lists), tuple(self._failures), tuple(self._unreadable),
            self._unsupported,
        )  # fmt: skip

    def _take(self, inside: str, folder: int) -> list[str]:
        """Takes in what stands in an opened folder; returns the folders in it, sorted."""
        above = f"{inside}/" if inside else ""
        below: list[str] = []
        with os.scandir(folder) as opened:
            entries = sorted(opened, key=lambda one: one.name)
            if {entry.name for entry in entries} >= _OF_A_DATA_FOLDER:
                self._data_folders.append(above)
            for entry in entries:
                name = above + entry.name
                if entry.is_dir(follow_symlinks=False):
                    if not entry.name.startswith("."):
                        self._go_into(name, below)
                elif entry.name == LIST_NAME:
                    # Read whatever it is, so that a link in its place opens nothing.
                    self._lists.append(self._scope.root / inside)
                elif not entry.name.startswith((".", "~$")):
                    with suppress(FileNotFoundError):
                        self._take_file(name, entry)
        return below

    def _go_into(self, name: str, below: list[str]) -> None:
        if is_unicode(name):
            if self._scope.root / name != self._data_folder:
                below.append(name)
        else:
            self._fail(name, "has a name that is not UTF-8, so nothing in it is read; rename it")

    def _take_file(self, name: str, entry: "os.DirEntry[str]") -> None:
        if not is_supported(name):
            if entry.is_symlink() and _leads_to_folder(entry):
                self._fail(name, FOLDER_LINK)
            elif (
                self._selection.takes(name)
                and entry.is_file(follow_symlinks=False)
                and not name.startswith(tuple(self._data_folders))
            ):
                self._unsupported[kind_of(name)] += 1
            return
        if not self._selection.takes(name):
            return
        reason = storable(str(self._scope.root), name)
        if not reason and not entry.is_file(follow_symlinks=False):
            reason = why_not_regular(entry.stat(follow_symlinks=False).st_mode)
        if reason:
            self._fail(name, reason)
        else:
            self._names.append(name)

    def _fail(self, name: str, reason: str) -> None:
        if self._selection.takes(name) or name in self._unreadable:
            self._failures.append(DocumentFailure(printable(name), reason))


def with_roots(
    scopes: Sequence[Scope], roots: Mapping[Path, bool], live: Iterable[DocumentKey]
) -> list[Scope]:
    """Adds every root that still exists and that no scope takes in already.

    Of a folder that was never named as a whole, its documents alone.
    """
    taken = [scope.root / scope.inside for scope in scopes]
    more = [
        root
        for root in sorted(roots)
        if root.is_dir() and not any(root.is_relative_to(folder) for folder in taken)
    ]
    parts = [
        Scope(root, key.name)
        for root in more
        if not roots[root]
        for key in live
        if key.root == str(root) and is_there(root, key.name)
    ]
    return [*scopes, *(Scope(root) for root in more if roots[root]), *parts]


def describe_empty(scopes: Sequence[Scope], unsupported: Mapping[str, int] | None = None) -> str:
    """Returns the message for scopes that hold no document, only perhaps files that are not read."""
    folders = ", ".join(str(scope.root / scope.inside) for scope in scopes)
    others = "; ".join(str(one) for one in skipped(unsupported or {}))
    held = f" ({others})" if others else ""
    return f"No documents in {folders}{held}; add files ending in {' '.join(SUPPORTED_ENDINGS)}"


def _placed(path: Path) -> Path:
    """Where a path stands: a folder by any link, a file by the link in its own place.

    Raises `ConfigurationError` for a folder that the catalog cannot name.
    """
    found = path.resolve() if path.is_dir() else path.parent.resolve() / path.name
    folder = str(found if path.is_dir() else found.parent)
    if reason := storable("", folder):
        raise ConfigurationError(f"The folder {printable(folder)} {reason}")
    return found


def _scope_of(path: Path, roots: Iterable[Path]) -> Scope:
    for root in sorted(roots, key=lambda known: len(known.parts)):
        if path.is_relative_to(root):
            inside = path.relative_to(root).as_posix()
            return Scope(root, "" if inside == "." else inside)
    return Scope(path) if path.is_dir() else Scope(path.parent, path.name)


def _leads_to_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _unreadable(folder: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(
        f"The folder {printable(str(folder))} cannot be read ({error.strerror}); check its permissions"
    )
