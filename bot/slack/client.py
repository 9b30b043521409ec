"""Slack's Web API, watched: every call is logged under its request, and counted."""

from time import perf_counter
from typing import Any

from slack_sdk import WebClient
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState
from slack_sdk.web import SlackResponse

from bot.logs import log_of
from bot.metrics import Metrics
from bot.slack.errors import SLACK_FAILURES, error_code
from bot.tracing import span

_log = log_of(__name__)


class WatchedClient(WebClient):
    """A Web API client that tells of each call how long it took and what came of it."""

    def __init__(self, metrics: Metrics | None, token: str, base_url: str, timeout: int) -> None:
        self._metrics = metrics
        super().__init__(
            token, base_url=base_url, timeout=timeout, retry_handlers=[_RateLimits(metrics)]
        )

    def api_call(self, api_method: str, **options: Any) -> SlackResponse:
        """Calls `api_method`; raises what it raises."""
        began = perf_counter()
        outcome = "ok"
        try:
            with span(f"slack {api_method}"):
                return super().api_call(api_method, **options)
        except SLACK_FAILURES as error:
            outcome = error_code(error) or type(error).__name__
            raise
        finally:
            seconds = perf_counter() - began
            if self._metrics:
                self._metrics.called(api_method, outcome, seconds)
            _log.info("slack call", method=api_method, outcome=outcome, ms=round(seconds * 1000, 1))


class _RateLimits(RateLimitErrorRetryHandler):
    """Waits as long as Slack says, three times at most, and counts how often it had to."""

    def __init__(self, metrics: Metrics | None) -> None:
        super().__init__(max_retry_count=3)
        self._metrics = metrics

    def prepare_for_next_attempt(
        self, *, state: RetryState, request: HttpRequest, response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> None:  # fmt: skip
        """Counts, and waits."""
        if self._metrics:
            self._metrics.rate_limited()
        _log.warning("slack asks to wait", url=request.url.rpartition("/")[2])
        super().prepare_for_next_attempt(
            state=state, request=request, response=response, error=error
        )
