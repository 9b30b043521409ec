"""Answers a question: search, choose or abstain, verify, word."""

from dataclasses import dataclass
from time import perf_counter
from uuid import uuid4

from bot.answers import Answer, Citation, Timings
from bot.candidates import Candidate, candidates
from bot.citations import CitedStatement, Claim, verify
from bot.confidence import weigh
from bot.extraction import Extraction, extract
from bot.questions import Question, read_question
from bot.wording import NOT_FOUND, as_answer, as_readings, readable_quote
from retrieval.catalog import Catalog
from retrieval.embedding import SentenceEmbeddings
from retrieval.search import Searcher, SearchResult

_MAX_NEAREST = 3


@dataclass(frozen=True, slots=True)
class AnswerRules:
    """How many passages to read, when to abstain (0 to 1) and how long to be (words)."""

    passages: int = 8
    min_confidence: float = 0.5
    max_words: int = 120


class Answerer:
    """Answers questions from the index, verbatim and cited. Shared between threads."""

    def __init__(
        self,
        searcher: Searcher,
        catalog: Catalog,
        embeddings: SentenceEmbeddings,
        rules: AnswerRules,
    ) -> None:
        self._searcher = searcher
        self._catalog = catalog
        self._embeddings = embeddings
        self._rules = rules

    def answer(self, text: str, request_id: str | None = None) -> Answer:
        """Returns the answer to `text`, or one that says it is not known.

        Raises `QuestionError` for a question that is empty or too long,
        `IndexMissingError` and `IndexMismatchError` when there is nothing to search.
        """
        began = perf_counter()
        question = read_question(text)
        found = self._searcher.search(question.text, self._rules.passages)
        composing = perf_counter()
        ranked = candidates(question, found, self._embeddings.embed)
        confidence = self._confidence(question, found, ranked)
        cited: list[CitedStatement] = []
        extraction = Extraction(())
        if ranked and confidence >= self._rules.min_confidence:
            extraction = extract(question, ranked, self._rules.max_words)
            cited = verify(_claims(extraction), self._catalog)
        ended = perf_counter()
        return Answer(
            question=question.text,
            text=_word(cited, readings=extraction.readings),
            answered=bool(cited),
            mode="extractive",
            citations=_unique(cited),
            nearest=() if cited else self._nearest(ranked),
            timings=Timings(
                found.embed_seconds * 1000,
                found.search_seconds * 1000,
                (ended - composing) * 1000,
                (ended - began) * 1000,
            ),
            request_id=request_id or uuid4().hex[:12],
            confidence=confidence,
        )

    def _confidence(
        self, question: Question, found: SearchResult, ranked: list[Candidate]
    ) -> float:
        if not ranked:
            return 0.0
        return weigh(question, found, ranked[0], self._searcher).confidence

    def _nearest(self, ranked: list[Candidate]) -> tuple[Citation, ...]:
        """The best sentence of each of the nearest passages, verified like any quote."""
        best: dict[str, Candidate] = {}
        for candidate in ranked:
            best.setdefault(candidate.hit.passage.id, candidate)
        claims = [
            Claim(candidate.text, candidate.text, candidate.hit.passage, candidate.score)
            for candidate in list(best.values())[:_MAX_NEAREST]
        ]
        return _unique(verify(claims, self._catalog))


def _claims(extraction: Extraction) -> list[Claim]:
    return [
        Claim(
            _statement(part.quote, part.stored.passage.header), part.quote, part.stored, part.score
        )
        for part in extraction.extracts
    ]


def _statement(quote: str, header: str) -> str:
    """The quote as read; rows of a table are told which columns they fill."""
    text = readable_quote(quote)
    described = ":" in text.split(";")[0]
    return f"({header}) {text}" if header and not described else text


def _word(cited: list[CitedStatement], *, readings: bool) -> str:
    if not cited:
        return NOT_FOUND
    return as_readings(cited) if readings and len(cited) > 1 else as_answer(cited)


def _unique(cited: list[CitedStatement]) -> tuple[Citation, ...]:
    return tuple({entry.citation.number: entry.citation for entry in cited}.values())
