"""What makes a service fit to be operated: its log, its health, its metrics."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.ops.health import Health, checks_of
from bot.ops.server import make_ops, serve_ops
from bot.slack.api.settings import SlackSettings
from bot.slack.concurrency.worker_pool import WorkerPools
from bot.telemetry.logs import log_of, start_service_logs
from bot.telemetry.redaction import Redactor, secrets_of

if TYPE_CHECKING:
    from bot.ops.protected_pages import ProtectedPages
    from bot.wiring.installation import Installation

_log = log_of("monazite")


class SlackConnection:
    """The line to Slack: not there yet, open or closed."""

    def __init__(self) -> None:
        self._is_open: Callable[[], bool] = lambda: False

    def opened(self, is_open: Callable[[], bool]) -> None:
        """The line is there, and open while `is_open` says so."""
        self._is_open = is_open

    def closed(self) -> None:
        """The line is not used any more."""
        self._is_open = lambda: False

    @property
    def is_open(self) -> bool:
        """Says whether Slack can reach us."""
        return self._is_open()


def start_operations(
    installation: "Installation", slack: SlackSettings, pools: WorkerPools, line: SlackConnection
) -> None:
    """Starts the log, and serves health and metrics where a port is set.

    Raises `ConfigurationError` when the port is taken.
    """
    settings = installation.settings
    start_service_logs(settings.log_format, Redactor(secrets_of(settings, slack)))
    _watch(installation, pools, line)
    if settings.ops_port is None:
        return
    health = Health(checks_of(installation, lambda: line.is_open))
    protected = _protected(installation)
    pages = make_ops(installation.metrics, health, protected)
    serve_ops(pages, settings.ops_host, settings.ops_port, settings.trusted_proxies)
    _log.info(
        "operators", at=f"http://{settings.ops_host}:{settings.ops_port}/", pages=bool(protected)
    )


def _protected(installation: "Installation") -> "ProtectedPages | None":
    token = installation.settings.ops_token
    if token is None:
        return None
    from bot.ops.protected_pages import protect_pages

    return protect_pages(installation, token.get_secret_value())


def _watch(installation: "Installation", pools: WorkerPools, line: SlackConnection) -> None:
    def age() -> float:
        return time.time() - installation.searcher.snapshot().build.updated_at.timestamp()

    watch = installation.metrics.watch
    watch("queue_depth", "Questions that wait or are answered", lambda: pools.answers.depth)
    watch("errands_depth", "Short calls to Slack that wait", lambda: pools.background.depth)
    watch("index_age_seconds", "Time since the index was changed", age)
    watch("index_documents", "Documents in the index", installation.catalog.document_count)
    watch("slack_connected", "1 while Slack can reach the bot", lambda: float(line.is_open))
