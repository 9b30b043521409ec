"""Measures answers against a file of questions whose answers are known."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean, quantiles
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.answering.answerer import Answerer, Inquiry
from bot.answers.answer import Answer, Citation
from bot.answers.citations import find_folded
from bot.evaluation.written import WrittenReport, written_report
from bot.writing.transcript import Transcript
from retrieval.domain.errors import ConfigurationError
from retrieval.search.searcher import Hit, Searcher
from retrieval.storage.catalog import Catalog

_DEPTHS = (1, 3, 5, 8)


class EvalCase(BaseModel):
    """A question; `documents` may hold its answer, any of `answers` must occur in a right one.

    `earlier` is what was asked before it, oldest first; `kind` groups questions in the report.
    """

    model_config = ConfigDict(extra="ignore")

    question: str = Field(min_length=1)
    earlier: tuple[str, ...] = ()
    kind: str = ""
    documents: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    answerable: bool = True

    def held_by(self, document: str, text: str) -> bool:
        """Says whether a passage is one that the answer can be read from."""
        if self.documents and document not in self.documents:
            return False
        return not self.answers or any(find_folded(answer, text) for answer in self.answers)


@dataclass(frozen=True, slots=True)
class EvalReport:
    """Shares are 0 to 1; recall and MRR over answerable questions that name an answer or document.

    `answer_hits`: answered, and an expected string stands in a cited quote of a right
    document. `citation_validity`: citations whose quote stands at its offsets in the
    stored text. Abstention precision and recall: of "I don't know" on questions that
    have no answer. `written` is what a chat model did, where one was asked.
    """

    answerable: int
    unanswerable: int
    recall: dict[str, float]
    mrr: float
    answer_hits: float
    citation_validity: float
    abstention_precision: float
    abstention_recall: float
    latency_ms: dict[str, float]
    missed: tuple[str, ...]
    wrongly_answered: tuple[str, ...]
    written: WrittenReport | None = None

    def as_json(self) -> dict[str, Any]:
        """Returns what `monazite eval --json` prints."""
        figures = asdict(self)
        if self.written is None:
            del figures["written"]
        return figures


@dataclass(frozen=True, slots=True)
class CaseOutcome:
    """What came of a question.

    `rank` is that of the first passage that holds the answer, from 1; `hit` says whether the
    answer was right, `valid` which of its citations stand where they say.
    """

    case: EvalCase
    answer: Answer
    transcript: Transcript
    rank: int | None
    hit: bool
    valid: Sequence[bool]


def read_cases(path: Path) -> list[EvalCase]:
    """Reads JSON lines. Raises `ConfigurationError` naming the file or line that is wrong."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"The file {path} cannot be read ({error}); name a JSON lines file"
        ) from error
    cases = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            cases.append(EvalCase.model_validate_json(line))
        except ValidationError as error:
            reason = error.errors()[0]
            place = ".".join(str(part) for part in reason["loc"])
            raise ConfigurationError(f"{path}, line {number}: {place} {reason['msg']}") from None
    if not cases:
        raise ConfigurationError(f"The file {path} holds no questions")
    return cases


def evaluate(
    cases: Sequence[EvalCase],
    answerer: Answerer,
    searcher: Searcher,
    catalog: Catalog,
    progress: Callable[[int, int], None] | None = None,
) -> EvalReport:
    """Asks every question and compares; raises as `Answerer.answer` does."""
    outcomes = []
    for done, case in enumerate(cases, start=1):
        outcomes.append(try_case(case, answerer, searcher, catalog))
        if progress:
            progress(done, len(cases))
    written = written_report([(one.answer, one.transcript) for one in outcomes], searcher.glossary)
    return _report(outcomes, written)


def first_rank(case: EvalCase, passages: Iterable[tuple[str, str]]) -> int | None:
    """Returns the rank, from 1, of the first `(document, text)` that holds the answer."""
    for rank, (document, text) in enumerate(passages, start=1):
        if case.held_by(document, text):
            return rank
    return None


def recall_at(depth: int, ranks: Sequence[int | None]) -> float:
    """Returns the share of `ranks` that are `depth` or better."""
    return _mean([rank is not None and rank <= depth for rank in ranks])


def mean_reciprocal_rank(ranks: Sequence[int | None]) -> float:
    """Returns the mean of 1/rank, 0 for a question whose answer was not found."""
    return _mean([1.0 / rank if rank else 0.0 for rank in ranks])


def try_case(
    case: EvalCase, answerer: Answerer, searcher: Searcher, catalog: Catalog
) -> CaseOutcome:
    """Asks one question and compares."""
    transcript = Transcript()
    answer = answerer.answer_with(Inquiry(case.question, case.earlier), transcript)
    hits = searcher.search(answer.question, max(_DEPTHS) + 12).hits
    quotes = [(citation.document, citation.quote) for citation in answer.citations]
    hit = case.answerable and any(case.held_by(*quote) for quote in quotes)
    stored = {hit.passage.id: hit for hit in hits}
    valid = [_stands(citation, stored, catalog) for citation in answer.citations]
    passages = ((hit.passage.document, hit.passage.passage.text) for hit in hits)
    return CaseOutcome(case, answer, transcript, first_rank(case, passages), hit, valid)


def _stands(citation: Citation, stored: dict[str, Hit], catalog: Catalog) -> bool:
    found = stored.get(citation.passage)
    if found is None:
        return False
    text = catalog.excerpt(found.passage.version_id, citation.start, citation.end)
    return text == citation.quote


def _report(outcomes: Sequence[CaseOutcome], written: WrittenReport | None) -> EvalReport:
    answerable = [outcome for outcome in outcomes if outcome.case.answerable]
    unanswerable = [outcome for outcome in outcomes if not outcome.case.answerable]
    ranks = [
        outcome.rank for outcome in answerable if outcome.case.documents or outcome.case.answers
    ]
    abstained = [outcome for outcome in outcomes if not outcome.answer.answered]
    totals = [outcome.answer.timings.total for outcome in outcomes]
    return EvalReport(
        answerable=len(answerable),
        unanswerable=len(unanswerable),
        recall={str(depth): recall_at(depth, ranks) for depth in _DEPTHS},
        mrr=mean_reciprocal_rank(ranks),
        answer_hits=_mean([outcome.hit for outcome in answerable]),
        citation_validity=_mean([stands for outcome in outcomes for stands in outcome.valid]),
        abstention_precision=_mean([not outcome.case.answerable for outcome in abstained]),
        abstention_recall=_mean([not outcome.answer.answered for outcome in unanswerable]),
        latency_ms=_percentiles(totals),
        missed=tuple(outcome.case.question for outcome in answerable if not outcome.hit),
        wrongly_answered=tuple(
            outcome.case.question for outcome in unanswerable if outcome.answer.answered
        ),
        written=written,
    )


def _mean(values: Sequence[float]) -> float:
    return round(fmean(values), 4) if values else 0.0


def _percentiles(values: Sequence[float]) -> dict[str, float]:
    cuts = quantiles(values, n=100, method="inclusive") if len(values) > 1 else [values[0]] * 99
    return {f"p{place}": round(cuts[place - 1], 1) for place in (50, 90, 99)}
