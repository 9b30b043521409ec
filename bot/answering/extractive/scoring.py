"""Scores every sentence of the passages found, as a possible answer."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from bot.questions.question import Question
from retrieval.domain.passages import Passage, Sentence, in_context, labelled
from retrieval.domain.records import StoredPassage
from retrieval.embedding.embedder import Vectors
from retrieval.search.query_terms import QueryTerm, coverage, stems_around
from retrieval.search.searcher import Hit, SearchResult
from retrieval.text.boilerplate import has_inline_boilerplate, without_trailing_boilerplate
from retrieval.text.instructions import ordering_spans
from retrieval.text.key_values import value_of
from retrieval.text.terms import content_stems, stems

# Pairwise logistic regression on the development half of tests/eval (docs/quality.md), rounded,
# against a cosine (sentence with its context) of weight 1.
_PASSAGE_WEIGHT = 1.1
_COVERAGE_WEIGHT = 0.1
_CONTEXT_COVERAGE_WEIGHT = 0.3
_FOCUS_WEIGHT = 0.2
_FIT_WEIGHT = 0.13
_LATEST_WEIGHT = 0.35
_DEFINITION_BONUS = 0.3
_WEAK_PENALTY = 0.35
_ECHO_PENALTY = 0.8
_LEANING_PENALTY = 0.07
# Sentences of passages this far below the best could not win; embedding them takes time.
_PASSAGE_MARGIN = 0.35
# Documents this far below the best are no rivals of it where the newest is asked for.
_RIVAL_MARGIN = 0.2
_RESIDUE_PENALTY = 0.1
# A paragraph that speaks to a language model is trusted less than what says the same elsewhere;
# where nothing else answers, it is quoted like any other.
_ORDER_PENALTY = 0.4
# A definition names its subject before the verb, within this many characters.
_SUBJECT_CHARS = 90
_SUBJECT_COVERAGE = 0.6

_DEFINES = re.compile(
    r"\b(?:is|are|means?|includes?|comprises?|consists? of|aims? to|refers? to|turns?|involves?|entails?)\b"
)
# Sentences about the text itself, labels and lead-ins: they point at an answer and are none.
_WEAK = re.compile(
    r"\?$|:$|^(?:date|published|issued|posted|updated|last updated|effective(?: date)?|date of issue)\b.{0,40}$|"
    r"\b(?:here is a reminder|provides? a summary|as (?:stated|mentioned|noted) (?:above|below|earlier)|"
    r"we move on|see (?:above|below)|before proceeding)\b",
    re.IGNORECASE,
)

# A sentence that starts like this needs the one before it.
_LEANS = re.compile(
    r"(?:this|these|that|those|it|its|they|their|he|she|his|her|such|above that|the latter|"
    r"the former|both|instead|however|furthermore|therefore|also|otherwise|below that|during that)\b",
    re.IGNORECASE,
)

Embed = Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may answer: `hit.passage.passage.sentences[index]`.

    `cosine` compares it, in its context, with the question; `defining` says that
    it defines what the question is about.
    """

    hit: Hit
    index: int
    text: str
    cosine: float
    score: float
    defining: bool = False

    @property
    def sentence(self) -> Sentence:
        """Returns the offsets of the sentence in the document."""
        return self.hit.passage.passage.sentences[self.index]


def candidates(question: Question, found: SearchResult, embed: Embed) -> list[Candidate]:
    """Returns the sentences of the hits, best first."""
    within_reach = found.hits[0].score - _PASSAGE_MARGIN if found.hits else 0.0
    places = [
        (hit, index, sentence_text(hit.passage, index))
        for hit in found.hits
        if hit.score >= within_reach
        for index in range(len(hit.passage.passage.sentences))
    ]
    if not places:
        return []
    vectors = embed([_as_read(hit.passage.passage, index, text) for hit, index, text in places])
    cosines = vectors @ found.query_vector
    reading = _SentenceScorer(question, found)
    scored = [
        reading.candidate(hit, index, text, float(cosine))
        for (hit, index, text), cosine in zip(places, cosines, strict=True)
    ]
    return sorted(scored, key=lambda candidate: -candidate.score)


def sentence_text(stored: StoredPassage, index: int) -> str:
    """Returns a sentence of a passage, verbatim, without a link note at its end."""
    passage = stored.passage
    sentence = passage.sentences[index]
    return without_trailing_boilerplate(
        passage.text[sentence.start - passage.start : sentence.end - passage.start]
    )


def _as_read(passage: Passage, index: int, text: str) -> str:
    return in_context(passage.context, labelled(passage.sentences[index], text))


class _SentenceScorer:
    """Weighs sentences against one question."""

    def __init__(self, question: Question, found: SearchResult) -> None:
        self._question = question
        self._query_terms = found.query_terms
        self._focus = frozenset(stems(" ".join(question.focus)))
        self._asked = frozenset(content_stems(question.text)) | {
            stem for query_term in found.query_terms for form in query_term.forms for stem in form
        }
        self._around = {hit.passage.id: stems_around(hit.passage) for hit in found.hits}
        reach = found.hits[0].score - _RIVAL_MARGIN if found.hits else 0.0
        rivals = [hit.passage.date or "" for hit in found.hits if hit.score >= reach]
        self._dates = sorted(set(rivals))

    def candidate(self, hit: Hit, index: int, text: str, cosine: float) -> Candidate:
        folded = " ".join(labelled(hit.passage.passage.sentences[index], text).split())
        said = set(stems(folded))
        defining = self._question.defines and _defines(folded, self._query_terms)
        score = (
            cosine
            + _PASSAGE_WEIGHT * hit.score
            + _COVERAGE_WEIGHT * coverage(self._query_terms, said)
            + _CONTEXT_COVERAGE_WEIGHT
            * coverage(self._query_terms, said | self._around[hit.passage.id])
            + _FOCUS_WEIGHT * self._focus_share(said)
            + _FIT_WEIGHT * self._question.fit(folded)
            + _LATEST_WEIGHT * self._recency(hit)
            + _DEFINITION_BONUS * defining
            - _WEAK_PENALTY * bool(_WEAK.search(folded))
            - _ECHO_PENALTY * self._echoes(folded)
            - _LEANING_PENALTY * leans(folded)
            - _RESIDUE_PENALTY * has_inline_boilerplate(folded)
            - _ORDER_PENALTY * _speaks_to_a_model(hit.passage.passage, index)
        )
        return Candidate(hit, index, text, cosine, float(np.round(score, 6)), defining)

    def _focus_share(self, said: Collection[str]) -> float:
        return len(self._focus.intersection(said)) / len(self._focus) if self._focus else 0.0

    def _recency(self, hit: Hit) -> float:
        """From 0 for the oldest date among rivals to 1 for the newest, where that is asked for."""
        date = hit.passage.date or ""
        if not self._question.latest or len(self._dates) < 2 or date not in self._dates:
            return 0.0
        return self._dates.index(date) / (len(self._dates) - 1)

    def _echoes(self, sentence: str) -> bool:
        """Says whether a sentence, or the value of a field, tells nothing but what was asked."""
        return self._asked.issuperset(content_stems(value_of(sentence)))


def _speaks_to_a_model(passage: Passage, index: int) -> bool:
    start = passage.sentences[index].start - passage.start
    return any(left <= start < right for left, right in ordering_spans(passage))


def leans(sentence: str) -> bool:
    """Says whether a sentence starts with a word that points at the one before it."""
    return bool(_LEANS.match(sentence))


def _defines(sentence: str, query_terms: Sequence[QueryTerm]) -> bool:
    """Says whether the subject of a defining verb is what the question asks about."""
    verb = _DEFINES.search(sentence, 0, _SUBJECT_CHARS)
    if not verb or _WEAK.search(sentence):
        return False
    subject = set(stems(sentence[: verb.start()]))
    named = sum(query_term.covered_by(subject) for query_term in query_terms)
    return named >= max(1.0, _SUBJECT_COVERAGE * len(query_terms))
