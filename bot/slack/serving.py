"""`monazite serve`: builds the app over the answerer and runs it until it is told to stop."""

import logging
import signal
import threading
from typing import TYPE_CHECKING

from bot.logs import write_traceback
from bot.slack.app import connect_socket, make_app, make_web
from bot.slack.desk import Desk
from bot.slack.replies import Replier
from bot.slack.settings import read_slack_settings

if TYPE_CHECKING:
    from slack_bolt import App

    from bot.assembly import Assembly

_log = logging.getLogger("monazite")


def build(assembly: "Assembly", mode: str, desk: Desk) -> "App":
    """Returns the Bolt app of an installation. Raises `ConfigurationError` for what is missing."""
    settings = read_slack_settings(mode)
    home = assembly.settings.home
    replier = Replier(
        assembly.answerer, lambda error, request_id: write_traceback(home, error, request_id)
    )
    return make_app(settings, replier, assembly.catalog, assembly.claims, desk)


def serve_socket(assembly: "Assembly") -> None:
    """Serves over Socket Mode until SIGTERM or SIGINT; answers in flight are finished."""
    desk = Desk()
    app = build(assembly, "socket", desk)
    assembly.embeddings.warm()
    handler = connect_socket(app, read_slack_settings("socket"))
    _log.warning("Connected to Slack over Socket Mode")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()
    desk.close()
    handler.close()  # type: ignore[no-untyped-call]


def serve_http(assembly: "Assembly", host: str, port: int) -> None:
    """Serves the Events API, commands and interactivity at `/slack/events`."""
    import uvicorn

    desk = Desk()
    app = build(assembly, "http", desk)
    assembly.embeddings.warm()
    _log.warning("Listening on http://%s:%s/slack/events", host, port)
    uvicorn.run(make_web(app), host=host, port=port, log_level="warning")
    desk.close()
