"""Answers on the record: each one goes to the journal, the metrics and the log."""

from collections.abc import Callable
from dataclasses import asdict

from bot.answering.answerer import Answerer, Inquiry
from bot.answers.answer import Answer
from bot.journal.entries import Entry, Journal
from bot.telemetry.logs import log_of
from bot.telemetry.metrics import Metrics
from bot.telemetry.tracing import span_steps
from retrieval.domain.errors import MonaziteError, first_line

_log = log_of(__name__)


class Recorder:
    """Answers as `Answerer` does, and keeps record; a record that fails spoils no answer.

    `word` turns a question into fields of a log line.
    """

    def __init__(
        self, answerer: Answerer, journal: Journal, metrics: Metrics,
        report: Callable[[Exception, str], object], word: Callable[[str], dict[str, str]],
    ) -> None:  # fmt: skip
        self._answerer = answerer
        self._journal = journal
        self._metrics = metrics
        self._report = report
        self._word = word

    def answer(self, inquiry: Inquiry, *, asker: str = "") -> Answer:
        """Returns the answer; raises what `Answerer.answer` raises, after recording it."""
        try:
            answer = self._answerer.answer(inquiry)
        except Exception as error:
            self._metrics.failed()
            self._keep(_failed(inquiry, asker, error))
            raise
        self._metrics.answered(answer)
        self._keep(_given(inquiry, asker, answer))
        return answer

    def _keep(self, entry: Entry) -> None:
        self._tell(entry)
        try:
            self._journal.record(entry)
        except Exception as error:  # noqa: BLE001  the answer matters more than its record
            self._report(error, entry.request_id)

    def _tell(self, entry: Entry) -> None:
        about: dict[str, str | int] = {
            "request_id": entry.request_id, "outcome": entry.outcome, "mode": entry.mode,
            "cited": len(entry.citations),
        }  # fmt: skip
        about |= self._word(entry.question)
        span_steps(entry.timings or {}, about)
        writing = entry.writing or {}
        written = {
            name: writing[name]
            for name in ("model", "verified", "tokens_read", "tokens_written", "failure")
            if name in writing
        }
        _log.info(
            "question", request_id=entry.request_id, outcome=entry.outcome, why=entry.note,
            mode=entry.mode, asker=entry.asker, channel=entry.channel,
            confidence=round(entry.confidence, 3), timings_ms=entry.timings or {},
            found=[[one["passage"], one["score"]] for one in entry.found],
            cited=[one["passage"] for one in entry.citations],
            dropped=[drop["reason"] for drop in writing.get("dropped", ())], cost=entry.cost,
            **written, **self._word(entry.question),
        )  # fmt: skip


def _given(inquiry: Inquiry, asker: str, answer: Answer) -> Entry:
    return Entry(
        request_id=answer.request_id,
        question=inquiry.text,
        understood=answer.question,
        outcome="answered" if answer.answered else "abstained",
        mode=answer.mode,
        workspace=inquiry.workspace,
        asker=asker,
        channel=inquiry.channel,
        confidence=answer.confidence,
        text=answer.text,
        note=answer.note,
        citations=tuple(asdict(citation) for citation in answer.citations),
        found=tuple(asdict(found) for found in answer.found),
        timings={step: round(ms, 1) for step, ms in asdict(answer.timings).items()},
        writing=asdict(answer.writing) if answer.writing else None,
        cost=answer.writing.cost if answer.writing else None,
    )


def _failed(inquiry: Inquiry, asker: str, error: Exception) -> Entry:
    # What is meant for a person may be kept; what libraries say may hold anything.
    why = f": {first_line(error)}" if isinstance(error, MonaziteError) else ""
    return Entry(
        request_id=inquiry.request_id, question=inquiry.text, understood="", outcome="failed",
        workspace=inquiry.workspace, asker=asker, channel=inquiry.channel,
        note=f"{type(error).__name__}{why}",
    )  # fmt: skip
