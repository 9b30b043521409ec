"""`monazite serve`: puts the Slack app together and runs it until it is told to stop."""

import logging
import os
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.logs import write_traceback
from bot.slack.additions import Additions
from bot.slack.admin_commands import AdminCommands
from bot.slack.admins import Admins
from bot.slack.app import connect_socket, make_bolt, make_client, make_web
from bot.slack.audience import Audiences
from bot.slack.commands import Commands
from bot.slack.conversation import Conversation
from bot.slack.desk import Desks, open_desks
from bot.slack.feedback import Feedback
from bot.slack.home import Home
from bot.slack.intake import Intake, Limits
from bot.slack.messages import Messages
from bot.slack.mishaps import Mishaps
from bot.slack.pane import Pane
from bot.slack.passages import PassageViewer
from bot.slack.rates import RateLimit
from bot.slack.reindexing import Reindexing
from bot.slack.replies import Replier
from bot.slack.schedule import Schedule
from bot.slack.settings import SlackSettings, read_slack_settings
from bot.slack.text import line_of
from bot.slack.work import Work
from bot.stopping import on_stop, wait_for_stop
from retrieval.web import Web, WebRules

if TYPE_CHECKING:
    from slack_bolt import App

    from bot.assembly import Assembly

_log = logging.getLogger("monazite")


def build(assembly: "Assembly", mode: str, desks: Desks) -> "App":
    """Returns the Bolt app of an installation; calls nothing of Slack but `auth.test`.

    Raises `ConfigurationError` for what is missing or refused.
    """
    settings = read_slack_settings(mode)
    client, bot_user = make_client(settings)
    app = make_bolt(client, settings)
    exchanges, catalog = assembly.exchanges, assembly.catalog
    audiences = Audiences(catalog)
    intake = _make_intake(assembly, settings, bot_user, desks, audiences)
    Mishaps(partial(write_traceback, assembly.settings.home)).register(app)
    Pane(intake, exchanges, assembly.suggestions).register(app)
    Messages(intake, exchanges).register(app)
    Commands(intake, exchanges, assembly.claims, settings.admin_channel).register(app)
    _register_admins(assembly, app, settings, intake)
    PassageViewer(catalog, audiences).register(app)
    Feedback(intake, exchanges).register(app)
    Home(intake, exchanges, catalog, assembly.suggestions, audiences).register(app)
    assembly.claims.forget_old()
    exchanges.forget_old()
    assembly.journal.forget_old(assembly.settings.journal_days)
    return app


def _register_admins(
    assembly: "Assembly", app: "App", settings: SlackSettings, intake: Intake
) -> None:
    admins = Admins(settings.admins)
    report = partial(write_traceback, assembly.settings.home)
    reindexing = Reindexing(assembly.settings, dict(os.environ), report)
    AdminCommands(
        intake, admins, assembly.catalog, assembly.runs, reindexing, assembly.remover
    ).register(app)
    own = assembly.settings
    host = urlsplit(settings.api_url).hostname or ""
    web = Web(WebRules(own.max_file_mb, own.file_seconds, frozenset({host})))
    Additions(intake, admins, assembly.uploads, reindexing, web).register(app)


def _follow_schedule(assembly: "Assembly", app: "App") -> None:
    """Starts indexing by the clock, where it is set; what fails is told in the admins' channel."""
    settings, channel = assembly.settings, SlackSettings().admin_channel
    if settings.reindex_cron is None:
        return
    report = partial(write_traceback, settings.home)

    def tell(text: str) -> None:
        if channel:
            app.client.chat_postMessage(channel=channel, text=line_of(text))

    index = Reindexing(settings, dict(os.environ), report).index
    Schedule(settings.reindex_cron, index, assembly.claims, tell, report).start()
    _log.info("Indexing by schedule: %s", settings.reindex_cron)


def _make_intake(
    assembly: "Assembly", settings: SlackSettings, bot_user: str, desks: Desks,
    audiences: Audiences,
) -> Intake:  # fmt: skip
    exchanges = assembly.exchanges
    replier = Replier(
        assembly.recorder,
        partial(write_traceback, assembly.settings.home),
        can_pass_on=bool(settings.admin_channel),
    )
    conversation = Conversation(exchanges, bot_user)
    limits = Limits(
        RateLimit(settings.user_questions_per_minute),
        RateLimit(settings.channel_questions_per_minute),
    )
    work = Work(replier, conversation, exchanges, audiences, assembly.catalog.document_count)
    return Intake(work, assembly.claims, exchanges, limits, desks)


def serve_socket(assembly: "Assembly") -> None:
    """Serves over Socket Mode until SIGTERM or SIGINT; answers in flight are finished."""
    desks = open_desks()
    app = build(assembly, "socket", desks)
    assembly.embeddings.warm()
    _show_metrics(assembly)
    _follow_schedule(assembly, app)
    handler = connect_socket(app, read_slack_settings("socket"))
    _log.info("Connected to Slack over Socket Mode")
    wait_for_stop()
    handler.close()  # type: ignore[no-untyped-call]
    _finish(app, desks)


def serve_http(assembly: "Assembly", host: str, port: int) -> None:
    """Serves the Events API, commands and interactivity at `/slack/events`."""
    import uvicorn

    desks = open_desks()
    app = build(assembly, "http", desks)
    assembly.embeddings.warm()
    _show_metrics(assembly)
    _follow_schedule(assembly, app)
    _log.info("Listening on http://%s:%s/slack/events", host, port)
    # uvicorn stops by itself and then raises the signal again, which would end us too early.
    on_stop(lambda: None)
    uvicorn.run(make_web(app), host=host, port=port, log_level="warning")
    _finish(app, desks)


def _show_metrics(assembly: "Assembly") -> None:
    port = assembly.settings.metrics_port
    if port:
        assembly.metrics.serve(port)
        _log.info("Metrics are at http://127.0.0.1:%s/metrics", port)


def _finish(app: "App", desks: Desks) -> None:
    """Waits for what was heard, and then for what was taken."""
    app.listener_runner.listener_executor.shutdown()
    desks.close()
