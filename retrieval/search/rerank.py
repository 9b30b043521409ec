"""Reorders fused hits by how near they are in meaning and how much of the question they cover."""

from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.search.query_terms import QueryTerm, coverage, names_covered

# Pairwise logistic regression on the development half of tests/eval (docs/quality.md), rounded,
# against a cosine of weight 1: the share of the question's terms found in the passage itself,
# the share found in the passage with its title, section and date, the share of its periods
# found there, and the share of its names found anywhere in the document.
_TEXT_WEIGHT = 0.15
_CONTEXT_WEIGHT = 0.25
_PERIODS_WEIGHT = 0.15
_NAMES_WEIGHT = 0.2


@dataclass(frozen=True, slots=True)
class PassageStems:
    """The stems of a passage, with those of what stands above it, and with its document's.

    Of the document, only those that the question's terms could be found by.
    """

    text: frozenset[str]
    passage: frozenset[str]
    document: frozenset[str]


@dataclass(frozen=True, slots=True)
class Relevance:
    """Why a passage ranks where it does. `score` orders; `coverage` is 0 to 1."""

    score: float
    coverage: float


def relevance(query_terms: Sequence[QueryTerm], stems: PassageStems, cosine: float) -> Relevance:
    """Returns the relevance of a passage of the given cosine to a question's terms."""
    anywhere = coverage(query_terms, stems.passage)
    names = [query_term for query_term in query_terms if query_term.binding]
    score = (
        cosine
        + _TEXT_WEIGHT * coverage(query_terms, stems.text)
        + _CONTEXT_WEIGHT * anywhere
        + _PERIODS_WEIGHT * names_covered([c for c in names if c.period], stems.passage)
        + _NAMES_WEIGHT * names_covered(names, stems.document)
    )
    return Relevance(score, anywhere)
