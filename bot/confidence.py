"""How sure we are that the passages found hold the answer."""

import math
from dataclasses import dataclass

from bot.candidates import Candidate
from bot.questions import Question
from retrieval.analysis import stems
from retrieval.concepts import Concept, coverage, names_covered
from retrieval.search import Searcher, SearchResult

# Logistic regression on tests/eval/questions.jsonl; `make eval` prints how well it separates.
_BIAS = -5.0
_COSINE = 0.8
_COVERAGE = 2.4
_FOCUS = 1.6
_NAMES = 3.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for an answer, each 0 to 1.

    `cosine` of the best passage; `coverage` of the question's terms by its document;
    `focus`, the share of what is asked for that the passage names; `names`, 1 when
    every name, element, year and count in the question occurs in the document.
    """

    cosine: float
    coverage: float
    focus: float
    names: float

    @property
    def confidence(self) -> float:
        """Returns 0 to 1, rising with every part of the evidence."""
        total = (
            _BIAS
            + _COSINE * self.cosine
            + _COVERAGE * self.coverage
            + _FOCUS * self.focus
            + _NAMES * self.names
        )
        return 1.0 / (1.0 + math.exp(-total))


def weigh(question: Question, found: SearchResult, best: Candidate, searcher: Searcher) -> Evidence:
    """Returns the evidence that the best candidate answers the question."""
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
        max(0.0, best.hit.cosine or 0.0),
        coverage(found.concepts, document),
        _focus_covered(question, found.concepts, passage),
        float(names_covered(found.concepts, document) == 1.0),
    )


def _focus_covered(question: Question, concepts: tuple[Concept, ...], passage: set[str]) -> float:
    """The share of the focus words that the passage names, itself or by another name."""
    if not question.focus:
        return 1.0
    synonyms = {stem: concept for concept in concepts for form in concept.forms for stem in form}
    covered = 0
    for word in question.focus:
        stem = stems(word)[0]
        concept = synonyms.get(stem)
        covered += stem in passage or (concept is not None and concept.covered_by(passage))
    return covered / len(question.focus)
