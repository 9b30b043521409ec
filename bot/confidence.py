"""How sure we are that the passages found hold the answer."""

import math
from dataclasses import dataclass

from bot.candidates import Candidate
from retrieval.analysis import stems
from retrieval.concepts import coverage, names_covered
from retrieval.search import Searcher, SearchResult

# Logistic regression on the development half of tests/eval, whether an answer is among the
# passages found; how well it separates and is calibrated on the other half: docs/quality.md.
_BIAS = -4.8
_SIMILARITY = 2.93
_COVERAGE = 2.39
_NAMES = 3.11


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for an answer, each 0 to 1.

    `similarity` is the cosine of the best sentence, in its context, and the question;
    `coverage` the share of the question's terms that its document holds; `names` is 1 when
    every name, element, period and count in the question occurs in the document.
    """

    similarity: float
    coverage: float
    names: float

    @property
    def confidence(self) -> float:
        """Returns the probability, 0 to 1, that the answer is among the passages."""
        total = (
            _BIAS + _SIMILARITY * self.similarity + _COVERAGE * self.coverage + _NAMES * self.names
        )
        return 1.0 / (1.0 + math.exp(-total))


def weigh(found: SearchResult, best: Candidate, searcher: Searcher) -> Evidence:
    """Returns the evidence that the best candidate answers the question searched for."""
    stored = best.hit.passage
    passage = set(stems(f"{stored.passage.context} {stored.passage.text} {stored.date or ''}"))
    open_stems = {
        stem
        for concept in found.concepts
        for form in concept.forms
        for stem in form
        if stem not in passage
    }
    document = passage | searcher.stems_in_document(stored.version_id, open_stems)
    return Evidence(
        max(0.0, best.cosine),
        coverage(found.concepts, document),
        float(names_covered(found.concepts, document) == 1.0),
    )
