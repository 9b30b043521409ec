"""Finds passages that say the same in nearly the same words, such as a reprinted paragraph."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from retrieval.text.dates import MONTHS
from retrieval.text.terms import words

_SHINGLE = 3
# Jaccard similarity of word shingles (Broder 1997). Reports of two years that differ
# only in their figures stay below it: each figure changes three shingles.
_SAME = 0.85


def shingles(found: Sequence[str]) -> frozenset[tuple[str, ...]]:
    """Returns the set of runs of three words in the words `found`."""
    if len(found) < _SHINGLE:
        return frozenset({tuple(found)})
    return frozenset(zip(found, found[1:], found[2:], strict=False))


class NearDuplicateFilter:
    """Takes texts one by one and tells which of them were there before.

    Texts whose numbers differ are never folded: a changed figure is news. Nor are those of
    a series, whose titles differ in nothing but a number or a month: the same words then
    tell of another time.
    """

    def __init__(self) -> None:
        self._kept: list[_KeptPassage] = []

    def twin_of(self, text: str, title: str = "") -> int | None:
        """Returns which kept text, from 0, `text` repeats; None keeps `text` as a new one."""
        found = words(text)
        mine = _KeptPassage(shingles(found), _numbers(found), tuple(words(title)))
        for index, theirs in enumerate(self._kept):
            if mine.repeats(theirs):
                return index
        self._kept.append(mine)
        return None


@dataclass(frozen=True, slots=True)
class _KeptPassage:
    shingles: frozenset[tuple[str, ...]]
    numbers: frozenset[str]
    title: tuple[str, ...]

    def repeats(self, other: "_KeptPassage") -> bool:
        return (
            self.numbers == other.numbers
            and not _in_series(self.title, other.title)
            and _jaccard(self.shingles, other.shingles) >= _SAME
        )


def _numbers(found: Iterable[str]) -> frozenset[str]:
    return frozenset(word for word in found if not word.isalpha())


def _in_series(left: Sequence[str], right: Sequence[str]) -> bool:
    if left == right or len(left) != len(right):
        return False
    apart = [pair for pair in zip(left, right, strict=True) if pair[0] != pair[1]]
    return all(word in MONTHS or _numbers([word]) for pair in apart for word in pair)


def _jaccard(left: frozenset[tuple[str, ...]], right: frozenset[tuple[str, ...]]) -> float:
    common = len(left & right)
    union = len(left) + len(right) - common
    return common / union if union else 1.0
