"""`monazite serve`: puts the Slack app together and runs it until it is told to stop."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from bot.runtime.gc_freeze import freeze_loaded_objects
from bot.runtime.request_ids import new_request_id
from bot.runtime.signals import on_stop, wait_for_stop
from bot.slack.api.disconnect import disconnect
from bot.slack.api.files import SlackFiles
from bot.slack.api.settings import SlackSettings, read_slack_settings
from bot.slack.concurrency.worker_pool import WorkerPools, open_worker_pools
from bot.slack.delivery.mrkdwn import line_of
from bot.slack.delivery.replies import Replier
from bot.slack.listeners.additions import Additions
from bot.slack.listeners.admin_commands import AdminCommands
from bot.slack.listeners.commands import Commands
from bot.slack.listeners.feedback import Feedback
from bot.slack.listeners.home import Home
from bot.slack.listeners.messages import Messages
from bot.slack.listeners.pane import Pane
from bot.slack.listeners.passages import PassageViewer
from bot.slack.permissions.admins import Admins
from bot.slack.permissions.audience import Audiences
from bot.slack.service.maintenance import Maintenance
from bot.slack.service.mending import mend_derived_indexes
from bot.slack.service.operations import SlackConnection, start_operations
from bot.slack.transport.bolt_app import connect_socket, make_bolt, make_client, make_web
from bot.slack.transport.error_handler import ErrorHandler
from bot.slack.work.index_jobs import IndexJobs
from bot.slack.work.listings import Listings
from bot.slack.work.queueing import QuestionLimits, QuestionQueue
from bot.slack.work.rate_limits import RateLimit
from bot.slack.work.schedule import Schedule
from bot.slack.work.takeover import Takeover
from bot.slack.work.thread_history import ThreadHistory
from bot.slack.work.worker import QuestionWorker
from bot.telemetry.logs import log_of, write_traceback
from bot.telemetry.tracing import start_tracing
from retrieval.domain.access import PUBLIC, Reader

if TYPE_CHECKING:
    from slack_bolt import App

    from bot.wiring.installation import Installation

_log = log_of("monazite")


def build(
    installation: "Installation", settings: SlackSettings, pools: WorkerPools
) -> "tuple[App, QuestionQueue]":
    """Returns the Bolt app of an installation, and its queue of questions; calls nothing of Slack but `auth.test`.

    Raises `ConfigurationError` for what is missing or refused.
    """
    client, identity = make_client(settings, installation.metrics)
    app = make_bolt(client, settings, identity)
    bot_user = str(identity.bot_user_id or identity.user_id)
    exchanges, catalog = installation.exchanges, installation.catalog
    audiences = Audiences(catalog)
    queue = _make_queue(installation, settings, bot_user, pools, audiences)
    ErrorHandler(partial(write_traceback, installation.settings.home)).register(app)
    Pane(queue, exchanges, installation.suggestions).register(app)
    Messages(queue, exchanges).register(app)
    Commands(queue, exchanges, installation.idempotency_keys, settings.admin_channel).register(app)
    _register_admins(installation, app, settings, queue, audiences)
    PassageViewer(catalog, audiences).register(app)
    Feedback(queue, exchanges).register(app)
    Home(queue, exchanges, catalog, installation.suggestions, audiences).register(app)
    return app, queue


def _register_admins(
    installation: "Installation", app: "App", settings: SlackSettings, queue: QuestionQueue,
    audiences: Audiences,
) -> None:  # fmt: skip
    admins, index_jobs = Admins(settings.admins), _index_jobs(installation, audiences)
    listings = Listings(
        installation.catalog, installation.runs, installation.access_reports, audiences
    )
    AdminCommands(
        queue, admins, listings, installation.runs, index_jobs, installation.remover
    ).register(app)
    own = installation.settings
    files = SlackFiles(settings.api_url, own.max_file_mb, own.file_seconds)
    Additions(queue, admins, installation.uploads, index_jobs, files).register(app)


def _index_jobs(installation: "Installation", audiences: Audiences) -> IndexJobs:
    report = partial(write_traceback, installation.settings.home)
    return IndexJobs(installation.settings, dict(os.environ), report, audiences)


def _follow_schedule(installation: "Installation", slack: SlackSettings, app: "App") -> None:
    """Starts indexing by the clock, where it is set; what fails is told in the admins' channel."""
    settings = installation.settings
    if settings.reindex_cron is None:
        return
    report = partial(write_traceback, settings.home)

    def tell(text: str) -> None:
        if slack.admin_channel:
            app.client.chat_postMessage(channel=slack.admin_channel, text=line_of(text))

    index = _index_jobs(installation, Audiences(installation.catalog)).index
    reader = Reader(frozenset({slack.admin_channel})) if slack.admin_channel else PUBLIC
    Schedule(
        settings.reindex_cron, index, installation.idempotency_keys, tell, report, reader
    ).start()
    _log.info("indexing by schedule", cron=settings.reindex_cron)


def _make_queue(
    installation: "Installation", settings: SlackSettings, bot_user: str, pools: WorkerPools,
    audiences: Audiences,
) -> QuestionQueue:  # fmt: skip
    exchanges = installation.exchanges
    replier = Replier(
        installation.recorder,
        partial(write_traceback, installation.settings.home),
        can_pass_on=bool(settings.admin_channel),
    )
    history = ThreadHistory(exchanges, bot_user)
    limits = QuestionLimits(
        RateLimit(settings.user_questions_per_minute, shared=installation.rate_windows),
        RateLimit(settings.channel_questions_per_minute, shared=installation.rate_windows),
    )
    owner = installation.heartbeats.name
    work = QuestionWorker(
        replier, history, exchanges, audiences, installation.catalog.document_count, owner
    )
    return QuestionQueue(work, installation.idempotency_keys, exchanges, limits, pools, owner)


def serve_socket(installation: "Installation") -> None:
    """Serves over Socket Mode until SIGTERM or SIGINT; answers in flight are finished."""
    settings = read_slack_settings("socket")
    service = _start(installation, settings)
    handler = connect_socket(service.app, settings)
    service.line.opened(handler.client.is_connected)
    _log.info("connected", how="Socket Mode")
    wait_for_stop()
    service.line.closed()
    handler.stop_retrying()
    disconnect(handler.client)
    service.finish()


def serve_http(installation: "Installation", host: str, port: int) -> None:
    """Serves the Events API, commands and interactivity at `/slack/events`."""
    from bot.ops.http_server import SLACK_SHARE, bind, make_server

    settings = read_slack_settings("http")
    service = _start(installation, settings)
    report = partial(write_traceback, installation.settings.home)
    web = make_web(service.app, settings, installation.metrics, report)
    server = make_server(web, host, port, SLACK_SHARE)
    listening = bind(server, "--host and --port")
    _log.info("listening", at=f"http://{host}:{port}/slack/events")
    # uvicorn stops by itself and then raises the signal again, which would end us too early.
    on_stop(lambda: None)
    service.line.opened(lambda: True)
    server.run(sockets=[listening])
    service.line.closed()
    service.finish()


@dataclass(frozen=True, slots=True)
class _Service:
    """A bot at work, by everything but its line to Slack."""

    app: "App"
    pools: WorkerPools
    takeover: Takeover
    line: SlackConnection
    stop_tracing: Callable[[], None]

    def finish(self) -> None:
        """Waits for what was heard, and then for what was taken."""
        self.app.listener_runner.listener_executor.shutdown()
        self.pools.close()
        self.takeover.stop()
        self.stop_tracing()
        _log.info("stopped")


def _start(installation: "Installation", settings: SlackSettings) -> _Service:
    """Starts everything but the line to Slack; what operators look at comes first."""
    pools, line = open_worker_pools(), SlackConnection()
    start_operations(installation, settings, pools, line)
    app, queue = build(installation, settings, pools)
    installation.embeddings.warm()
    report = partial(write_traceback, installation.settings.home)
    mend_derived_indexes(installation, report, new_request_id())
    freeze_loaded_objects()
    _follow_schedule(installation, settings, app)
    takeover = Takeover(
        installation.heartbeats,
        installation.exchanges,
        lambda exchange: queue.resume(exchange, app.client),
        report,
        also=Maintenance(installation).look,
    )
    takeover.start()
    return _Service(app, pools, takeover, line, start_tracing(os.environ))
