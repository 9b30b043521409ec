"""Who may see the files of a folder, and what else its `sources.yaml` files say of them.

A list speaks of the files in its folder and below, whichever folder was named to be indexed: lists
are looked for from the file up to the root of the file system. Where it cannot be told who may see
a file, nobody may: then its access is `NOBODY`, and `why_closed` says why.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from pathlib import Path

from retrieval.domain.access import NOBODY, both, shortened
from retrieval.domain.metadata import UNSAID, Metadata
from retrieval.sources.folder_tree import FolderTree, misnamed_above, names_below, read_tree
from retrieval.sources.list_reading import LIST_NAME, Rule, SourceList, read_list, with_fault
from retrieval.sources.rule_matching import PlacedRule, RuleIndex

__all__ = ["LIST_NAME", "Rule", "RuleUse", "SourceLists", "read_list"]

# A list may lie far above what is indexed; no more files than these are looked through for it.
_MAX_ABOVE = 200_000


@dataclass(frozen=True, slots=True)
class RememberedLabels:
    """What earlier runs knew: access rules that have fitted a file, and files that were answered from.

    A rule that has fitted and fits nothing any more closes new files only: its file was
    deleted, or renamed.
    """

    fitted: frozenset[tuple[str, str, str]] = frozenset()
    open_files: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RuleUse:
    """An access rule, and how many files it fits. `list` is a path; `access` a label."""

    list: str
    number: int
    pattern: str
    access: str
    files: int


@dataclass(frozen=True, slots=True)
class Fault:
    """Why the files below `folder` are closed to all; `source` is the list, or what is taken for one.

    `spares_open` leaves those that were answered from before, `spares_ruled` those of which
    another rule says who may see them. `brief` is the reason without names of files.
    """

    folder: str
    source: str
    reason: str
    spares_open: bool = False
    spares_ruled: bool = False
    brief: str = ""

    @property
    def text(self) -> str:
        """Returns what people are told."""
        return f"{self.source} {self.reason}"


class SourceLists:
    """The lists that speak of one indexed folder; each is read once."""

    def __init__(self, root: Path, remembered: RememberedLabels | None = None) -> None:
        self._root = str(root)
        self._remembered = remembered or RememberedLabels()
        self._indexes: dict[str, RuleIndex] = {}
        self._above: dict[str, tuple[RuleIndex, ...]] = {}

    def of(self, folder: Path) -> SourceList:
        """Returns the list in `folder`; an empty one where there is none, or none to be understood."""
        return self._index_of(str(folder)).listed

    def said_of(self, name: str) -> Metadata:
        """Returns what the lists say of the file `name`, a path in the indexed folder with `/`."""
        said = UNSAID
        for placed in self._fitting(self._path(name)):
            said = replace(placed.rule.said, access=None).over(said)
        return replace(said, access=NOBODY if self.why_closed(name) else self.label_of(name))

    def label_of(self, name: str) -> str | None:
        """Returns the access label that rules give a file, None where none speaks of it.

        What keeps anybody from telling is left aside.
        """
        labels = [label for path in self._names_of(name) if (label := self._label(path))]
        return reduce(both, labels) if labels else None

    def why_closed(self, name: str) -> str:
        """Returns why nobody may see a file, "" where that is not so."""
        for path in self._names_of(name):
            for fault in self.faults:
                if self._strikes(fault, path):
                    return fault.text
        return ""

    @property
    def fitted(self) -> frozenset[tuple[str, str, str]]:
        """The access rules that fit a file now, or did before."""
        return frozenset(
            placed.key
            for placed, count in self._counts
            if count or placed.key in self._remembered.fitted
        )

    @cached_property
    def uses(self) -> tuple[RuleUse, ...]:
        """The access rules, with how many files each fits."""
        return tuple(
            RuleUse(
                self._shown(placed.folder), placed.number, placed.rule.pattern,
                placed.rule.said.access or "", count,
            )
            for placed, count in self._counts
        )  # fmt: skip

    @cached_property
    def faults(self) -> tuple[Fault, ...]:
        """What keeps anybody from telling who may see files, here and in the folders above."""
        return (*self._faults_of_files(), *self._faults_of_rules())

    @cached_property
    def tree(self) -> FolderTree:
        """What lies in the indexed folder."""
        return read_tree(Path(self._root))

    def _path(self, name: str) -> str:
        return f"{self._root.rstrip('/')}/{name}"

    def _names_of(self, name: str) -> list[str]:
        """The paths that a file is to be had by: a link shows the text of another one."""
        found = [self._path(name)]
        if name in self.tree.links:
            found.append(self.tree.links[name])
        found += [self._path(twin) for twin in self._twins.get(name, ()) if twin != name]
        return found

    @cached_property
    def _twins(self) -> dict[str, list[str]]:
        return {name: names for names in self.tree.twins.values() for name in names}

    def _label(self, path: str) -> str | None:
        """The access label that the rules give a file, None where none speaks of it."""
        found = [one for one in self._fitting(path) if one.rule.said.access]
        labels = [
            one.rule.said.access or ""
            for one in found
            if not any(other.overrules(one, path) for other in found if other is not one)
        ]
        return reduce(both, labels) if labels else None

    def _fitting(self, path: str) -> Iterator[PlacedRule]:
        for index in self._indexes_above(os.path.dirname(path)):  # noqa: PTH120  thousands of names
            yield from index.fitting(path)

    def _indexes_above(self, folder: str) -> tuple[RuleIndex, ...]:
        """The lists that speak of the files in a folder, the farthest first."""
        if folder not in self._above:
            above = () if folder == "/" else self._indexes_above(os.path.dirname(folder))  # noqa: PTH120
            index = self._index_of(folder)
            self._above[folder] = (*above, index) if index.rules or index.listed.fault else above
        return self._above[folder]

    def _index_of(self, folder: str) -> RuleIndex:
        if folder not in self._indexes:
            listed = with_fault(Path(folder, LIST_NAME))
            self._indexes[folder] = RuleIndex(folder, listed)
        return self._indexes[folder]

    @cached_property
    def _counts(self) -> list[tuple[PlacedRule, int]]:
        counts: dict[tuple[str, int], int] = {}
        rules: dict[tuple[str, int], PlacedRule] = {}
        folders = [self._path(inside).rstrip("/") for inside in self.tree.lists]
        above = [str(folder) for folder in Path(self._root).parents]
        for folder in (*reversed(above), *folders):
            for placed in self._index_of(folder or "/").rules:
                if placed.rule.said.access:
                    rules[placed.folder, placed.number] = placed
                    counts[placed.folder, placed.number] = 0
        for name in self.tree.files if rules else ():
            for placed in self._fitting(self._path(name)):
                if placed.rule.said.access:
                    counts[placed.folder, placed.number] += 1
        return [(rules[key], count) for key, count in counts.items()]

    def _faults_of_files(self) -> Iterator[Fault]:
        for inside, reason in self.tree.unreadable.items():
            yield Fault(self._path(inside), inside or ".", f"cannot be read ({reason})")
        for name in self.tree.misnamed:
            yield _misnamed(os.path.dirname(self._path(name)), name)  # noqa: PTH120
        for above in Path(self._root).parents:
            for name in misnamed_above(above):
                yield _misnamed(str(above), str(above / name))
        for folder in self._folders_with_lists():
            if fault := self._index_of(folder).listed.fault:
                brief = "cannot be understood; see: monazite doctor"
                yield Fault(folder, self._shown(folder), fault, brief=brief)

    def _folders_with_lists(self) -> Iterator[str]:
        yield from (str(folder) for folder in Path(self._root).parents)
        yield from (self._path(inside).rstrip("/") or "/" for inside in self.tree.lists)

    def _faults_of_rules(self) -> Iterator[Fault]:
        for placed, count in self._counts:
            if count or not placed.rule.closes or self._fits_elsewhere(placed):
                continue
            before = placed.key in self._remembered.fitted
            reason = f"rule {placed.number}, path {shortened(placed.rule.pattern)}, fits no file"
            if "\\" in placed.rule.pattern:
                reason += " (write / between folders)"
            outside = placed.pattern.leaves_its_folder or self._is_absolute(placed)
            yield Fault(
                self._root if outside else placed.folder,
                self._shown(placed.folder),
                f"{reason} any more; new files stay closed until it is taken out"
                if before
                else f"{reason}; mend it, or take it out",
                spares_open=before,
                spares_ruled=placed.rule.said.added_by is not None,
                brief=f"rule {placed.number} fits no file; mend it, or take it out",
            )

    def _is_absolute(self, placed: PlacedRule) -> bool:
        first = placed.rule.pattern.split("/")[1:2]
        return placed.rule.pattern.startswith("/") and first == placed.folder.split("/")[1:2]

    def _fits_elsewhere(self, placed: PlacedRule) -> bool:
        """Whether a rule of a list above the indexed folder fits a file beside that folder."""
        if placed.folder == self._root or placed.folder.startswith(f"{self._root.rstrip('/')}/"):
            return False
        return any(map(placed.matches, names_below(Path(placed.folder), _MAX_ABOVE)))

    def _strikes(self, fault: Fault, path: str) -> bool:
        if not path.startswith(f"{fault.folder.rstrip('/')}/"):
            return False
        if fault.spares_open and path in self._remembered.open_files:
            return False
        return not (fault.spares_ruled and self._label(path))

    def _shown(self, folder: str) -> str:
        """A list as it is named to people: from the indexed folder, or by its whole path."""
        path = f"{folder.rstrip('/')}/{LIST_NAME}"
        return path.removeprefix(f"{self._root.rstrip('/')}/")


def _misnamed(folder: str, shown: str) -> Fault:
    return Fault(folder, shown, f"is not read; name it {LIST_NAME}, or move it elsewhere")
