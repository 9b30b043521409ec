"""Answers a question: search, choose or abstain, verify, word."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from uuid import uuid4

from bot.answers import Answer, Citation, Mode, Timings
from bot.candidates import Candidate, candidates
from bot.citations import CitedStatement, Claim, verify
from bot.confidence import weigh
from bot.extraction import Extraction, extract
from bot.questions import Question, read_question
from bot.wording import NOT_FOUND, as_answer, as_readings, readable_quote
from bot.writing import Writer
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


@dataclass(frozen=True, slots=True)
class _Draft:
    """What is left of an answer after verification; `readings` are rival answers."""

    mode: Mode
    cited: Sequence[CitedStatement] = ()
    readings: bool = False


class Answerer:
    """Answers questions from the index, cited. Shared between threads.

    Without a `writer` answers are verbatim sentences; with one they are written by
    its chat model, and verbatim again when it fails. `report` is told of failures.
    """

    def __init__(
        self,
        searcher: Searcher,
        catalog: Catalog,
        embeddings: SentenceEmbeddings,
        rules: AnswerRules,
        writer: Writer | None = None,
        report: Callable[[Exception, str], object] | None = None,
    ) -> None:
        self._searcher = searcher
        self._catalog = catalog
        self._embeddings = embeddings
        self._rules = rules
        self._writer = writer
        self._report = report

    def answer(self, text: str, request_id: str | None = None) -> Answer:
        """Returns the answer to `text`, or one that says it is not known.

        Raises `QuestionError` for a question that is empty or too long,
        `IndexMissingError` and `IndexMismatchError` when there is nothing to search.
        """
        began = perf_counter()
        request_id = request_id or uuid4().hex[:12]
        question = read_question(text)
        found = self._searcher.search(question.text, self._rules.passages)
        composing = perf_counter()
        ranked = candidates(question, found, self._embeddings.embed)
        confidence = self._confidence(question, found, ranked)
        draft = _Draft("extractive")
        if ranked and confidence >= self._rules.min_confidence:
            draft = self._compose(question, found, ranked, request_id)
        ended = perf_counter()
        return Answer(
            question=question.text,
            text=_word(draft),
            answered=bool(draft.cited),
            mode=draft.mode,
            citations=_unique(draft.cited),
            nearest=() if draft.cited else self._nearest(ranked),
            timings=Timings(
                found.embed_seconds * 1000,
                found.search_seconds * 1000,
                (ended - composing) * 1000,
                (ended - began) * 1000,
            ),
            request_id=request_id,
            confidence=confidence,
        )

    def _compose(
        self, question: Question, found: SearchResult, ranked: list[Candidate], request_id: str
    ) -> "_Draft":
        if self._writer is not None:
            try:
                claims = self._writer.write(question.text, found.hits)
                return _Draft("generated", verify(claims, self._catalog))
            except Exception as error:  # noqa: BLE001  any provider, any failure: answer verbatim
                if self._report:
                    self._report(error, request_id)
        extraction = extract(question, ranked, self._rules.max_words)
        cited = verify(_claims(extraction), self._catalog)
        return _Draft("extractive", cited, extraction.readings)

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


def _word(draft: _Draft) -> str:
    if not draft.cited:
        return NOT_FOUND
    rivals = draft.readings and len(draft.cited) > 1
    return as_readings(draft.cited) if rivals else as_answer(draft.cited)


def _unique(cited: Sequence[CitedStatement]) -> tuple[Citation, ...]:
    return tuple({entry.citation.number: entry.citation for entry in cited}.values())
