"""Counts and times for Prometheus; `/metrics` shows them, on loopback only."""

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    start_http_server,
)

from bot.answers import Answer
from retrieval.errors import ConfigurationError

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60)


class Metrics:
    """The metrics of one process."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
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

    def serve(self, port: int) -> None:
        """Shows them at `/metrics` on loopback, apart from what Slack reaches.

        Raises `ConfigurationError` when the port is taken.
        """
        try:
            start_http_server(port, "127.0.0.1", self.registry)
        except OSError as error:
            raise ConfigurationError(
                f"Port {port} cannot be listened on ({error.strerror}); check MONAZITE_METRICS_PORT"
            ) from error
