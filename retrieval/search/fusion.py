"""Reciprocal rank fusion: one ranking out of several whose scores cannot be compared."""

from collections.abc import Sequence

# Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and individual
# Rank Learning Methods", SIGIR 2009: score(d) = sum over rankings of 1 / (k + rank(d)), k = 60.
_K = 60


def fuse(rankings: Sequence[Sequence[str]]) -> list[tuple[str, float]]:
    """Returns `(id, score)` of every id in any ranking, best first; ties keep first-seen order."""
    scores: dict[str, float] = {}
    for ranking in rankings:
        for rank, identifier in enumerate(ranking, start=1):
            scores[identifier] = scores.get(identifier, 0.0) + 1.0 / (_K + rank)
    return sorted(scores.items(), key=lambda entry: -entry[1])
