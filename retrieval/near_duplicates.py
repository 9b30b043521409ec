"""Finds passages that say the same in nearly the same words, such as a reprinted paragraph."""

from collections.abc import Sequence

from retrieval.analysis import words

_SHINGLE = 3
# Jaccard similarity of word shingles (Broder 1997). Reports of two years that differ
# only in their figures stay below it: each figure changes three shingles.
_SAME = 0.85


def shingles(found: Sequence[str]) -> frozenset[tuple[str, ...]]:
    """Returns the set of runs of three words in the words `found`."""
    if len(found) < _SHINGLE:
        return frozenset({tuple(found)})
    return frozenset(zip(found, found[1:], found[2:], strict=False))


class Folder:
    """Takes texts one by one and tells which of them were there before.

    Texts whose numbers differ are never folded: a changed figure is news.
    """

    def __init__(self) -> None:
        self._kept: list[tuple[frozenset[tuple[str, ...]], frozenset[str]]] = []

    def twin_of(self, text: str) -> int | None:
        """Returns which kept text, from 0, `text` repeats; None keeps `text` as a new one."""
        found = words(text)
        mine = shingles(found)
        numbers = frozenset(word for word in found if any(map(str.isdigit, word)))
        for index, (theirs, figures) in enumerate(self._kept):
            if figures == numbers and _jaccard(mine, theirs) >= _SAME:
                return index
        self._kept.append((mine, numbers))
        return None


def _jaccard(left: frozenset[tuple[str, ...]], right: frozenset[tuple[str, ...]]) -> float:
    common = len(left & right)
    union = len(left) + len(right) - common
    return common / union if union else 1.0
