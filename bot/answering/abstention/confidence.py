"""Confidence: the probability that the passages found hold the answer; below a threshold, the bot abstains."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from bot.answering.abstention.requirements import unmet
from bot.answering.extractive.scoring import Candidate
from bot.answering.extractive.selection import Extraction
from retrieval.search.query_terms import coverage, names_covered
from retrieval.search.searcher import SearchResult

# Logistic regression on the development half of tests/eval, whether an answer is among the
# passages found; how well it separates and is calibrated on the other half: docs/quality.md.
_BIAS = -5.59
_SIMILARITY = 2.75
_LEAD = 5.01
_COVERAGE = 2.96
_NAMES = 3.91
_LACKING = -4.13
# The best sentence leads where there is an answer; without one, several are about as near.
_FIELD = 3


@dataclass(frozen=True, slots=True)
class ConfidenceFeatures:
    """What speaks for an answer.

    `similarity` is the cosine of the best sentence, in its context, and the question, and `lead`
    by how much it exceeds the mean of the three best; `coverage` is the share, 0 to 1, of the
    question's terms that the document holds; `names` is 1 when every name, element, period and
    count in the question occurs in the document, else 0; `lacking` is 1 when the answer
    does not show what was asked for, such as money for a price, else 0.
    """

    similarity: float
    lead: float
    coverage: float
    names: float
    lacking: float

    @property
    def confidence(self) -> float:
        """Returns the probability, 0 to 1, that the answer is among the passages."""
        total = (
            _BIAS
            + _SIMILARITY * self.similarity
            + _LEAD * self.lead
            + _COVERAGE * self.coverage
            + _NAMES * self.names
            + _LACKING * self.lacking
        )
        return 1.0 / (1.0 + math.exp(-total))


def weigh(
    found: SearchResult, ranked: Sequence[Candidate], chosen: Extraction
) -> ConfidenceFeatures:
    """Returns the evidence that what was chosen answers the question searched for.

    `ranked` are the candidates, best first; there must be at least one. `chosen` is what would
    be quoted of them.
    """
    document = ranked[0].hit.document_stems
    return ConfidenceFeatures(
        ranked[0].cosine,
        ranked[0].cosine - fmean(candidate.cosine for candidate in ranked[:_FIELD]),
        coverage(found.query_terms, document),
        float(names_covered(found.query_terms, document) == 1.0),
        float(bool(unmet(found.question, chosen.text))),
    )
