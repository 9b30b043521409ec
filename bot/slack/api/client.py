"""Slack's Web API, watched: every call is logged under its request, and counted."""

import threading
from collections.abc import Callable
from functools import cached_property
from time import monotonic, perf_counter
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.slack.api.errors import RATE_LIMITED, SLACK_FAILURES, error_code, is_transient
from bot.slack.concurrency.waiting import aside_when_slow, may_wait, wait
from bot.telemetry.logs import log_of
from bot.telemetry.metrics import Metrics
from bot.telemetry.tracing import span

_log = log_of(__name__)
# A call that decorates may take so long.
_DECORATION_SECONDS = 3
# So long one call is tried again when Slack says to wait; whoever asked has lost patience after that.
_PATIENCE_SECONDS = 300.0
_BETWEEN_TRIES = 1.0
# Slack limits posts by channel, everything else by method: https://docs.slack.dev/apis/web-api/rate-limits
_BY_CHANNEL = frozenset({"chat.postMessage", "chat.postEphemeral"})
_TOO_MANY = 429
_PAUSES_OF_A_LOOK_UP = (0.5, 2.0, 8.0)


class WatchedClient(WebClient):
    """A Web API client that tells of each call how long it took and what came of it.

    When Slack says to wait, it waits and tries again, where the thread may (`waiting.py`): at a
    desk, another job takes its place. Where it may not, nothing is asked before Slack will listen.
    """

    def __init__(
        self, metrics: Metrics | None, token: str, base_url: str, timeout: int,
        pauses: "Pauses | None" = None,
    ) -> None:  # fmt: skip
        self._metrics = metrics
        self._pauses = pauses or Pauses()
        self._is_patient = pauses is None
        super().__init__(token, base_url=base_url, timeout=timeout, retry_handlers=[])

    @cached_property
    def impatient(self) -> "WatchedClient":
        """The same for calls that may be dropped: they take three seconds, and wait for nothing."""
        return WatchedClient(
            self._metrics, self.token or "", self.base_url, _DECORATION_SECONDS, self._pauses
        )

    def api_call(self, api_method: str, **options: Any) -> SlackResponse:
        """Calls `api_method`; raises what it raises, once waiting does not help or is not allowed."""
        key = _limited_by(api_method, options)
        waits = self._is_patient and may_wait()
        if not waits and self._pauses.left(key) > 0:
            raise SlackApiError("Slack said to wait", {"error": RATE_LIMITED})  # type: ignore[no-untyped-call]
        patience = _PATIENCE_SECONDS
        while True:
            try:
                return self._call(api_method, **options)
            except SlackApiError as error:
                told = _told_to_wait(error)
                if told is None:
                    raise
                seconds = self._pauses.turn(key, told)
                self._count_wait(api_method, told)
                if not waits or seconds > patience:
                    raise
            patience -= seconds
            wait(seconds)

    def _call(self, api_method: str, **options: Any) -> SlackResponse:
        began = perf_counter()
        outcome = "ok"
        try:
            with span(f"slack {api_method}"), aside_when_slow():
                return super().api_call(api_method, **options)
        except SLACK_FAILURES as error:
            outcome = error_code(error) or type(error).__name__
            raise
        finally:
            seconds = perf_counter() - began
            if self._metrics:
                self._metrics.called(api_method, outcome, seconds)
            _log.info("slack call", method=api_method, outcome=outcome, ms=round(seconds * 1000, 1))

    def _count_wait(self, method: str, seconds: float) -> None:
        if self._metrics:
            self._metrics.rate_limited()
        _log.warning("slack asks to wait", method=method, seconds=seconds)


class Pauses:
    """Until when Slack refuses which calls, and who may try again when. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._ends: dict[str, float] = {}
        self._turns: dict[str, float] = {}
        self._lock = threading.Lock()

    def left(self, key: str) -> float:
        """Returns for how many seconds calls of `key` are refused, 0 when they are not."""
        with self._lock:
            return max(0.0, self._ends.get(key, 0.0) - self._clock())

    def turn(self, key: str, seconds: float) -> float:
        """Notes a refusal; returns in how many seconds the caller may try again.

        Of several callers each gets a turn of its own, a second after the one before.
        """
        with self._lock:
            now = self._clock()
            self._ends = {one: end for one, end in self._ends.items() if end > now}
            self._turns = {one: end for one, end in self._turns.items() if end > now}
            self._ends[key] = max(self._ends.get(key, 0.0), now + seconds)
            turn = max(now + seconds, self._turns.get(key, 0.0))
            self._turns[key] = turn + _BETWEEN_TRIES
            return turn - now


def impatient(client: WebClient) -> WebClient:
    """Returns `client` for calls that may be dropped: short ones, that wait for nothing."""
    return client.impatient if isinstance(client, WatchedClient) else client


def persistently(look_up: Callable[[], SlackResponse]) -> SlackResponse:
    """Returns what `look_up` finds; tries again where Slack fails: what it decides must not be guessed.

    Raises what the last try raises.
    """
    for pause in _PAUSES_OF_A_LOOK_UP:
        try:
            return look_up()
        except SLACK_FAILURES as error:
            if not is_transient(error):
                raise
        wait(pause)
    return look_up()


def seconds_told(header: str | None) -> float:
    """Returns what a `Retry-After` header says, in seconds; 1 where it says nothing useful."""
    try:
        seconds = float(header or "")
    except ValueError:
        return _BETWEEN_TRIES
    return seconds if 0 <= seconds < float("inf") else _BETWEEN_TRIES


def _told_to_wait(error: SlackApiError) -> float | None:
    """Returns how long Slack says to wait, None for any other refusal."""
    response = error.response
    if getattr(response, "status_code", None) != _TOO_MANY:
        return None
    headers = {name.lower(): value for name, value in response.headers.items()}
    return seconds_told(headers.get("retry-after"))


def _limited_by(method: str, options: dict[str, Any]) -> str:
    if method not in _BY_CHANNEL:
        return method
    given = options.get("json") or options.get("params") or options.get("data") or {}
    return f"{method} {given.get('channel', '')}"
