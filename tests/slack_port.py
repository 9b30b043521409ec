"""Slack's port alone, as a program: `python -m tests.slack_port PORT [FILES]`.

The endpoint, Bolt and the server are the real ones; one listener answers `/ask`. FILES is how many files
the process may open. Prints "ready" once it listens.
"""

import os
import resource
import sys
import threading
from functools import partial
from pathlib import Path

from slack_bolt import App, Args
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from bot.ops.http_server import SLACK_SHARE, bind, make_server
from bot.slack.api.settings import SlackSettings
from bot.slack.transport.bolt_app import make_bolt, make_web
from bot.slack.transport.error_handler import ErrorHandler
from bot.telemetry.logs import start_service_logs, write_traceback
from bot.telemetry.metrics import Metrics
from bot.telemetry.redaction import Redactor
from tests.slack.server import BOT_TOKEN, SIGNING_SECRET
from tests.slack.workspace import BOT_ID, BOT_USER, TEAM


def app_of(settings: SlackSettings, home: Path) -> App:
    """Returns a Bolt app that takes `/ask` and mentions; "fail" as their text makes it fail."""
    identity = AuthorizeResult(
        enterprise_id=None, team_id=TEAM, bot_user_id=BOT_USER, bot_id=BOT_ID, bot_token=BOT_TOKEN
    )
    app = make_bolt(WebClient(BOT_TOKEN, base_url=settings.api_url), settings, identity)
    ErrorHandler(partial(write_traceback, home)).register(app)

    def heard(args: Args) -> None:
        if "fail" in str(args.payload.get("text")):
            raise RuntimeError("as it was asked to")
        args.ack()

    app.command("/ask")(heard)
    app.event("app_mention")(heard)
    return app


def main() -> None:
    port, files = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    if files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    home = Path(os.environ["MONAZITE_HOME"])
    start_service_logs("json", Redactor())
    settings = SlackSettings(
        _env_file=None, bot_token=BOT_TOKEN, signing_secret=SIGNING_SECRET,
        api_url=os.environ.get("SLACK_API_URL", "http://127.0.0.1:9/api/"),
    )  # fmt: skip
    report = partial(write_traceback, home)
    web = make_web(app_of(settings, home), settings, Metrics(), report)
    server = make_server(web, "127.0.0.1", port, SLACK_SHARE)
    listening = bind(server, "the port")
    threading.Thread(target=lambda: print("ready", flush=True)).start()
    server.run(sockets=[listening])


if __name__ == "__main__":
    main()
