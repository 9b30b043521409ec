"""Reorders fused hits by how near they are in meaning and how much of the question they cover."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from retrieval.analysis import stems
from retrieval.concepts import Concept, coverage, names_covered, open_stems, stems_around
from retrieval.records import StoredPassage

# Pairwise logistic regression on the development half of tests/eval (docs/quality.md), rounded,
# against a cosine of weight 1: the share of the question's terms found in the passage itself,
# the share found in the passage with its title, section and date, the share of its periods
# found there, and the share of its names found anywhere in the document.
_TEXT_WEIGHT = 0.15
_CONTEXT_WEIGHT = 0.25
_PERIODS_WEIGHT = 0.15
_NAMES_WEIGHT = 0.2

InDocument = Callable[[str, Collection[str]], Collection[str]]


@dataclass(frozen=True, slots=True)
class Relevance:
    """Why a passage ranks where it does. `score` orders; `coverage` is 0 to 1."""

    score: float
    coverage: float


def relevance(
    concepts: Sequence[Concept], stored: StoredPassage, cosine: float, in_document: InDocument
) -> Relevance:
    """Returns the relevance of a passage of the given cosine to a question's concepts.

    `in_document` tells which of some stems occur anywhere in a version of a document.
    """
    text = set(stems(stored.passage.text))
    everything = text | stems_around(stored)
    anywhere = coverage(concepts, everything)
    names = [concept for concept in concepts if concept.binding]
    document = everything.union(in_document(stored.version_id, open_stems(names, everything)))
    score = (
        cosine
        + _TEXT_WEIGHT * coverage(concepts, text)
        + _CONTEXT_WEIGHT * anywhere
        + _PERIODS_WEIGHT * names_covered([c for c in names if c.period], everything)
        + _NAMES_WEIGHT * names_covered(names, document)
    )
    return Relevance(score, anywhere)
