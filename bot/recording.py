"""Answers on the record: each one goes to the journal and the metrics."""

from collections.abc import Callable
from dataclasses import asdict

from bot.answering import Answerer, Inquiry
from bot.answers import Answer
from bot.metrics import Metrics
from retrieval.journal import Entry, Journal


class Recorder:
    """Answers as `Answerer` does, and keeps record; a record that fails spoils no answer."""

    def __init__(
        self, answerer: Answerer, journal: Journal, metrics: Metrics,
        report: Callable[[Exception, str], object],
    ) -> None:  # fmt: skip
        self._answerer = answerer
        self._journal = journal
        self._metrics = metrics
        self._report = report

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
        try:
            self._journal.record(entry)
        except Exception as error:  # noqa: BLE001  the answer matters more than its record
            self._report(error, entry.request_id)


def _given(inquiry: Inquiry, asker: str, answer: Answer) -> Entry:
    return Entry(
        request_id=answer.request_id,
        question=inquiry.text,
        understood=answer.question,
        outcome="answered" if answer.answered else "abstained",
        mode=answer.mode,
        workspace=inquiry.workspace,
        asker=asker,
        confidence=answer.confidence,
        text=answer.text,
        note=answer.note,
        citations=tuple(asdict(citation) for citation in answer.citations),
        timings={step: round(ms, 1) for step, ms in asdict(answer.timings).items()},
        writing=asdict(answer.writing) if answer.writing else None,
        cost=answer.writing.cost if answer.writing else None,
    )


def _failed(inquiry: Inquiry, asker: str, error: Exception) -> Entry:
    return Entry(
        request_id=inquiry.request_id, question=inquiry.text, understood="", outcome="failed",
        workspace=inquiry.workspace, asker=asker, note=type(error).__name__,
    )  # fmt: skip
