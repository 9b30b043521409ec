"""Which rules of a source list fit a file, found without trying each rule on each file."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from retrieval.sources.list_reading import Rule, SourceList
from retrieval.sources.path_patterns import PathPattern, folded_steps


@dataclass(frozen=True, slots=True)
class PlacedRule:
    """The rule with this `number` (from 1) of the list in `folder`, an absolute path.

    `matches` takes a path inside the folder.
    """

    folder: str
    number: int
    rule: Rule
    pattern: PathPattern
    matches: Callable[[str], bool]

    @property
    def key(self) -> tuple[str, str, str]:
        """Returns what tells this rule from every other one, also when the list changes around it."""
        return self.folder, self.rule.pattern, self.rule.said.access or ""

    def overrules(self, other: "PlacedRule", path: str) -> bool:
        """Says whether it decides alone who may see the file at `path`, which both rules fit.

        It does where it speaks of a part of a folder, and the other one of all of that folder. No
        list overrules one that is nearer to the file.
        """
        if len(self.folder) < len(other.folder):
            return False
        whole = other.folder_of(path)
        if whole is None:
            return False
        own = self.folder_of(path)
        reach = own if own is not None else (*_steps(self.folder), *self.pattern.within)
        return reach[: len(whole)] == whole and own != whole

    def folder_of(self, path: str) -> tuple[str, ...] | None:
        """Returns the folder, as steps from the top, all of which it takes in with `path`."""
        inside = self.pattern.folder_of(inside_of(self.folder, path))
        return None if inside is None else (*_steps(self.folder), *inside)


class RuleIndex:
    """The rules of one list. A file's path is looked up among those without wildcards."""

    def __init__(self, folder: str, listed: SourceList) -> None:
        self.folder = folder
        self.listed = listed
        self.rules = tuple(
            _placed(folder, number, rule) for number, rule in enumerate(listed.rules, start=1)
        )
        self._anchored: dict[tuple[str, ...], list[PlacedRule]] = {}
        self._anywhere: dict[str, list[PlacedRule]] = {}
        # By the first step of their paths, or by "" where that has wildcards.
        self._wild: dict[str, list[PlacedRule]] = {}
        for placed in self.rules:
            literal = placed.pattern.literal
            if not literal:
                self._wild.setdefault((*placed.pattern.within, "")[0], []).append(placed)
            elif placed.pattern.anchored:
                self._anchored.setdefault(literal, []).append(placed)
            else:
                self._anywhere.setdefault(literal[0], []).append(placed)

    def fitting(self, path: str) -> list[PlacedRule]:
        """Returns the rules that fit a file below the folder, in their order."""
        name = inside_of(self.folder, path)
        found = {one.number: one for one in self._candidates(name) if one.matches(name)}
        return [found[number] for number in sorted(found)]

    def _candidates(self, name: str) -> Iterator[PlacedRule]:
        yield from self._wild.get("", ())
        if self._anchored or self._anywhere or self._wild:
            steps = folded_steps(name.split("/"))
            yield from self._wild.get(steps[0], ())
            for end, step in enumerate(steps, start=1):
                yield from self._anchored.get(steps[:end], ())
                yield from self._anywhere.get(step, ())


def inside_of(folder: str, path: str) -> str:
    """Returns an absolute path as seen from a folder above it."""
    return path[len(folder.rstrip("/")) + 1 :]


def _placed(folder: str, number: int, rule: Rule) -> PlacedRule:
    pattern = PathPattern(rule.pattern)
    return PlacedRule(folder, number, rule, pattern, pattern.matcher(exact=not rule.closes))


def _steps(folder: str) -> tuple[str, ...]:
    return folded_steps(folder.split("/"))
