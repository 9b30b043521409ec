"""Counts and times for Prometheus; `/metrics` shows them."""

from collections.abc import Callable
from math import nan

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

from bot.answers.answer import Answer

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60)


class Metrics:
    """The metrics of one process."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._questions = Counter(
            "monazite_questions", "Questions by outcome and mode", ["outcome", "mode"],
            registry=registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "monazite_answer_seconds", "Time an answer took, by stage", ["stage"],
            buckets=_SECONDS, registry=registry,
        )  # fmt: skip
        self._tokens = Counter(
            "monazite_chat_tokens", "Tokens of the chat model", ["model", "direction"],
            registry=registry,
        )  # fmt: skip
        self._dollars = Counter(
            "monazite_chat_dollars", "US dollars spent on the chat model", ["model"],
            registry=registry,
        )  # fmt: skip
        self._statements = Counter(
            "monazite_statements", "Written statements: verified, or why dropped", ["outcome"],
            registry=registry,
        )  # fmt: skip
        self._failures = Counter(
            "monazite_chat_failures", "Written answers that failed, by kind", ["kind"],
            registry=registry,
        )  # fmt: skip

        self._calls = Counter(
            "monazite_slack_calls", "Calls of Slack's Web API", ["method", "outcome"],
            registry=registry,
        )  # fmt: skip
        self._call_seconds = Histogram(
            "monazite_slack_call_seconds", "Time that a call of Slack's Web API took", ["method"],
            buckets=_SECONDS, registry=registry,
        )  # fmt: skip
        self._waits = Counter(
            "monazite_slack_rate_limited", "Calls that Slack told to wait", registry=registry
        )
        self._refused = Counter(
            "monazite_http_refused", "Requests to Slack's port that were refused, by reason",
            ["reason"], registry=registry,
        )  # fmt: skip

    def answered(self, answer: Answer) -> None:
        """Counts an answer."""
        outcome = "answered" if answer.answered else "abstained"
        self._questions.labels(outcome, answer.mode).inc()
        for stage in ("plan", "embed", "search", "compose", "write", "total"):
            self._seconds.labels(stage).observe(getattr(answer.timings, stage) / 1000)
        writing = answer.writing
        if writing is None:
            return
        self._tokens.labels(writing.model, "read").inc(writing.tokens_read)
        self._tokens.labels(writing.model, "written").inc(writing.tokens_written)
        self._dollars.labels(writing.model).inc(writing.cost or 0.0)
        self._statements.labels("verified").inc(writing.verified)
        for drop in writing.dropped:
            self._statements.labels(drop["reason"]).inc()
        if writing.failure:
            self._failures.labels(writing.failure).inc()

    def failed(self) -> None:
        """Counts a question that ended in an apology."""
        self._questions.labels("failed", "").inc()

    def called(self, method: str, outcome: str, seconds: float) -> None:
        """Counts a call of Slack's Web API; `outcome` is "ok", or why it was refused."""
        self._calls.labels(method, outcome).inc()
        self._call_seconds.labels(method).observe(seconds)

    def rate_limited(self) -> None:
        """Counts a call that Slack told to wait."""
        self._waits.inc()

    def refused(self, reason: str) -> None:
        """Counts a request over HTTP that is not Slack's, or cannot be."""
        self._refused.labels(reason).inc()

    def watch(self, name: str, description: str, read: Callable[[], float]) -> None:
        """Adds a gauge that is read whenever the metrics are; NaN while it cannot be."""

        def safely() -> float:
            try:
                return read()
            except Exception:  # noqa: BLE001  one gauge must not take the others with it
                return nan

        gauge = Gauge(f"monazite_{name}", description, registry=self.registry)
        gauge.set_function(safely)
