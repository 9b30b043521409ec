"""Finds passages that say the same in nearly the same words, such as a reprinted paragraph."""

from collections.abc import Sequence

from retrieval.analysis import words

_SHINGLE = 3
# Jaccard similarity of word shingles (Broder 1997). Reports of two years that differ
# only in their figures stay below it: each figure changes three shingles.
_SAME = 0.85


def shingles(text: str) -> frozenset[tuple[str, ...]]:
    """Returns the set of runs of three words in `text`."""
    found = words(text)
    if len(found) < _SHINGLE:
        return frozenset({tuple(found)})
    return frozenset(zip(found, found[1:], found[2:], strict=False))


def fold(texts: Sequence[str]) -> list[int | None]:
    """Returns, for each text, the index of the earlier text that it repeats, or None.

    Texts whose numbers differ are never folded: a changed figure is news.
    """
    kept: list[tuple[int, frozenset[tuple[str, ...]], frozenset[str]]] = []
    folded: list[int | None] = []
    for index, text in enumerate(texts):
        mine, numbers = shingles(text), _numbers(text)
        twin = next(
            (
                other
                for other, theirs, figures in kept
                if figures == numbers and _jaccard(mine, theirs) >= _SAME
            ),
            None,
        )
        folded.append(twin)
        if twin is None:
            kept.append((index, mine, numbers))
    return folded


def _numbers(text: str) -> frozenset[str]:
    return frozenset(word for word in words(text) if any(map(str.isdigit, word)))


def _jaccard(left: frozenset[tuple[str, ...]], right: frozenset[tuple[str, ...]]) -> float:
    union = len(left | right)
    return len(left & right) / union if union else 1.0
