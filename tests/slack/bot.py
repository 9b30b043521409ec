"""A running bot over a loopback Slack, whichever way it listens."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from bot.answering.answerer import Inquiry
from bot.answers.answer import Answer
from bot.slack.api.disconnect import disconnect
from bot.slack.api.settings import read_slack_settings
from bot.slack.concurrency.worker_pool import WorkerPools, open_worker_pools
from bot.slack.service.service import build
from bot.slack.transport.bolt_app import connect_socket, make_web
from bot.telemetry.logs import write_traceback
from bot.wiring.installation import Installation
from tests.slack.server import (
    APP_TOKEN,
    BOT_TOKEN,
    SIGNING_SECRET,
    LoopbackSlack,
    Serving,
    sender_by_http,
    wait_for,
)
from tests.slack.workspace import BOT_USER

QUESTION = "What is the two bases policy?"
MENTION = f"<@{BOT_USER}> {QUESTION}"
ENVIRONMENT = {
    "SLACK_BOT_TOKEN": BOT_TOKEN,
    "SLACK_APP_TOKEN": APP_TOKEN,
    "SLACK_SIGNING_SECRET": SIGNING_SECRET,
    "SLACK_ADMIN_CHANNEL": "CADMIN",
}


class Bot:
    """What tests ask of a running bot."""

    def __init__(self, slack: LoopbackSlack, pools: WorkerPools, url: str = "") -> None:
        self.slack, self.pools, self.url = slack, pools, url

    def settle(self) -> None:
        """Waits until nothing is being worked on, not even an event just acknowledged."""
        calm = 0
        while calm < 10:
            wait_for(lambda: self.pools.idle)
            time.sleep(0.01)
            calm = calm + 1 if self.pools.idle else 0

    def answers(self) -> list[dict[str, Any]]:
        """What the bot has posted, once it is done."""
        self.settle()
        return self.slack.messages

    def answer(self) -> dict[str, Any]:
        """The one message that the bot has posted."""
        wait_for(lambda: self.slack.messages)
        (message,) = self.answers()
        return message


@contextmanager
def over_socket(
    library: Installation, slack: LoopbackSlack, *, fresh: bool = True
) -> Iterator[Bot]:
    """A bot that begins a minute of its own, unless it is not `fresh`."""
    if fresh:
        library.rate_windows.forget_all()
    pools = open_worker_pools()
    settings = read_slack_settings("socket")
    app, _ = build(library, settings, pools)
    handler = connect_socket(app, settings)
    wait_for(lambda: slack.connected)
    slack.send = slack.send_by_socket
    yield Bot(slack, pools)
    # Slack hangs up first: a client that closes waits until its receive times out.
    handler.client.auto_reconnect_enabled = False
    slack.drop()
    wait_for(lambda: not handler.client.is_connected())
    handler.stop_retrying()
    disconnect(handler.client)
    pools.close()


@contextmanager
def over_http(library: Installation, slack: LoopbackSlack, *, fresh: bool = True) -> Iterator[Bot]:
    """A bot that begins a minute of its own, unless it is not `fresh`."""
    if fresh:
        library.rate_windows.forget_all()
    pools = open_worker_pools()
    settings = read_slack_settings("http")
    app, _ = build(library, settings, pools)
    report = partial(write_traceback, library.settings.home)
    with Serving(make_web(app, settings, library.metrics, report)) as serving:
        url = f"http://127.0.0.1:{serving.port}/slack/events"
        slack.send = sender_by_http(slack, url)
        yield Bot(slack, pools, url)
    pools.close()


def hold_answers(library: Installation, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Makes every answer wait for the event."""
    gate, answer = threading.Event(), library.answerer.answer

    def wait(inquiry: Inquiry) -> Answer:
        gate.wait(20)
        return answer(inquiry)

    monkeypatch.setattr(library.answerer, "answer", wait)
    return gate
