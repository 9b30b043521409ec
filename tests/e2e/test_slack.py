"""The Slack app against a loopback Slack, over a socket and over HTTP, on the real index."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from starlette.responses import JSONResponse

from bot.assembly import Assembly
from bot.slack.app import connect_socket, make_web
from bot.slack.desk import Desk
from bot.slack.replies import Replier
from bot.slack.serving import build
from bot.slack.settings import read_slack_settings
from retrieval.errors import ConfigurationError
from tests.slack.server import (
    APP_TOKEN,
    BOT_TOKEN,
    BOT_USER,
    SIGNING_SECRET,
    LoopbackSlack,
    Serving,
    deliver,
    wait_for,
)  # fmt: skip

QUESTION = f"<@{BOT_USER}> What is the two bases policy?"


class Bot:
    """A running bot: sends it what Slack would, whichever way it listens."""

    def __init__(
        self, slack: LoopbackSlack, desk: Desk, send: Callable[[str, dict[str, Any]], None]
    ) -> None:
        self.slack, self.desk, self._send = slack, desk, send

    def event(self, **event: Any) -> dict[str, Any]:
        body = self.slack.event(**event)
        self._send("events_api", body)
        return body

    def again(self, body: dict[str, Any]) -> None:
        self._send("events_api", body)

    def command(self, text: str) -> None:
        self._send("slash_commands", self.slack.command(text))

    def press(self, message: dict[str, Any], action: str) -> None:
        button = next(
            element
            for block in message["blocks"] if block["type"] == "actions"
            for element in block["elements"] if element["action_id"] == action
        )  # fmt: skip
        self._send("interactive", self.slack.press(button))

    def settle(self) -> None:
        """Waits until nothing is being worked on."""
        wait_for(lambda: self.desk._inside == 0)

    def message(self) -> dict[str, Any]:
        """The newest message, once there is one."""
        wait_for(lambda: self.slack.messages)
        return self.slack.messages[-1]


@pytest.fixture
def slack() -> Iterator[LoopbackSlack]:
    fake = LoopbackSlack()
    with Serving(fake.app) as serving:
        fake.url = f"http://127.0.0.1:{serving.port}"
        yield fake


@pytest.fixture(autouse=True)
def _tokens(monkeypatch: pytest.MonkeyPatch, slack: LoopbackSlack) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", BOT_TOKEN)
    monkeypatch.setenv("SLACK_APP_TOKEN", APP_TOKEN)
    monkeypatch.setenv("SLACK_SIGNING_SECRET", SIGNING_SECRET)
    monkeypatch.setenv("SLACK_API_URL", f"{slack.url}/api/")


@contextmanager
def over_socket(library: Assembly, slack: LoopbackSlack) -> Iterator[Bot]:
    desk = Desk()
    handler = connect_socket(build(library, "socket", desk), read_slack_settings("socket"))
    wait_for(lambda: slack.connected)

    def send(kind: str, body: dict[str, Any]) -> None:
        envelope = slack.send(kind, body)
        wait_for(lambda: any(ack["envelope_id"] == envelope for ack in slack.acks), 3)

    yield Bot(slack, desk, send)
    handler.close()


@contextmanager
def over_http(library: Assembly, slack: LoopbackSlack) -> Iterator[Bot]:
    desk = Desk()
    with Serving(make_web(build(library, "http", desk))) as serving:
        url = f"http://127.0.0.1:{serving.port}/slack/events"
        slack.bot_url = url

        def send(kind: str, body: dict[str, Any]) -> None:
            assert deliver(url, body, form=kind != "events_api") == 200

        yield Bot(slack, desk, send)


@pytest.fixture(params=[over_socket, over_http])
def bot(request: pytest.FixtureRequest, library: Assembly, slack: LoopbackSlack) -> Iterator[Bot]:
    with request.param(library, slack) as running:
        yield running


def test_a_start_calls_nothing_but_auth_test(bot: Bot) -> None:
    assert set(bot.slack.calls) <= {"auth.test", "apps.connections.open"}


def test_a_mention_is_answered_in_its_thread_with_sources(bot: Bot) -> None:
    body = bot.event(type="app_mention", channel="C1", text=QUESTION)
    message = bot.message()
    assert (message["channel"], message["thread_ts"]) == ("C1", body["event"]["ts"])
    assert "1. The two critical rare earth bases" in message["text"]
    assert (message["unfurl_links"], message["unfurl_media"]) in ((False, False), ("0", "0"))
    sources = [b["elements"][0]["text"] for b in message["blocks"] if b["type"] == "context"]
    assert any(s.startswith("[1] *Northern rare earth 2024-12* · December 2024") for s in sources)
    assert sources[-1].startswith("Newest source: December 2024 · request ")


def test_an_event_delivered_twice_is_answered_once(bot: Bot) -> None:
    body = bot.event(type="app_mention", channel="C1", text=QUESTION)
    bot.message()
    bot.again(body)
    bot.again(body)
    bot.settle()
    assert len(bot.slack.messages) == 1


def test_a_direct_message_is_answered_and_other_talk_is_left_alone(bot: Bot) -> None:
    bot.event(type="message", channel="C1", channel_type="channel", text="What is cerium?")
    bot.event(type="message", channel="D1", channel_type="im", text="beep", bot_id="B9")
    bot.event(type="message", channel="D1", channel_type="im", text="x", subtype="message_changed")
    bot.event(
        type="message", channel="D1", channel_type="im", text="Who replaced Marguerite Oduya?"
    )
    bot.message()
    bot.settle()
    assert [message["channel"] for message in bot.slack.messages] == ["D1"]


def test_a_command_is_answered_privately_and_can_be_shared(bot: Bot) -> None:
    bot.command("What is the two bases policy?")
    wait_for(lambda: bot.slack.responses)
    response = bot.slack.responses[0]
    assert response["response_type"] == "ephemeral"
    assert bot.slack.messages == []
    bot.press(response, "share_answer")
    assert "two critical rare earth bases" in bot.message()["text"]


def test_the_passages_open_in_a_modal_with_the_quote_in_bold(bot: Bot) -> None:
    bot.event(type="app_mention", channel="C1", text=QUESTION)
    bot.press(bot.message(), "show_passages")
    wait_for(lambda: bot.slack.views)
    texts = [b["text"]["text"] for b in bot.slack.views[0]["blocks"] if b["type"] == "section"]
    assert any("*The two critical rare earth bases in China include" in text for text in texts)


def test_what_is_not_known_is_said_with_the_nearest_passages(bot: Bot) -> None:
    bot.event(type="app_mention", channel="C1", text=f"<@{BOT_USER}> What is the capital of Peru?")
    message = bot.message()
    assert message["text"].startswith("I don't know")
    assert "Nearest passages" in str(message["blocks"])


@pytest.mark.parametrize("text", [f"<@{BOT_USER}>", f"<@{BOT_USER}> " + "x" * 5000])
def test_a_question_that_cannot_be_asked_gets_a_polite_reply(bot: Bot, text: str) -> None:
    bot.event(type="app_mention", channel="C1", text=text)
    assert "request " in bot.message()["text"]


def test_a_rate_limited_post_is_tried_again(bot: Bot) -> None:
    limited = JSONResponse({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": "1"})
    bot.slack.failures.append(limited)
    bot.event(type="app_mention", channel="C1", text=QUESTION)
    bot.message()
    bot.settle()
    assert len(bot.slack.messages) == 1


def test_a_question_after_the_socket_dropped_is_answered(
    library: Assembly, slack: LoopbackSlack
) -> None:
    with over_socket(library, slack) as bot:
        slack.drop()
        wait_for(lambda: slack.calls.count("apps.connections.open") > 1 and slack.connected, 40)
        bot.event(type="app_mention", channel="C1", text=QUESTION)
        assert bot.message()["channel"] == "C1"


@pytest.mark.parametrize(
    ("secret", "age"), [("wrong", 0), (SIGNING_SECRET, 600)], ids=["forged", "replayed"]
)
def test_a_forged_or_old_request_is_refused(
    library: Assembly, slack: LoopbackSlack, secret: str, age: int
) -> None:
    with over_http(library, slack) as bot:
        body = slack.event(type="app_mention", channel="C1", text=QUESTION)
        assert deliver(slack.bot_url, body, secret=secret, age=age) == 401
        bot.settle()
        assert slack.messages == []


def test_a_crash_is_told_honestly_and_logged(slack: LoopbackSlack) -> None:
    class Broken:
        def answer(self, *_: object) -> None:
            raise RuntimeError("disk on fire <!channel>")

    logged: list[tuple[Exception, str]] = []
    reply = Replier(Broken(), lambda error, request: logged.append((error, request))).reply("hi")
    assert "fire" not in reply.text
    assert logged[0][1] in reply.text


def test_a_full_desk_says_so() -> None:
    import threading

    gate = threading.Event()
    desk = Desk(workers=1, room=2)
    assert desk.submit(gate.wait) == 0
    assert desk.submit(gate.wait) == 1
    assert desk.submit(gate.wait) is None
    gate.set()
    desk.close()


def test_a_refused_token_is_named(library: Assembly, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-other")
    with pytest.raises(ConfigurationError, match=r"SLACK_BOT_TOKEN \(invalid_auth\)"):
        build(library, "http", Desk())


def test_a_missing_token_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_APP_TOKEN", "")
    with pytest.raises(ConfigurationError, match="SLACK_APP_TOKEN is not set"):
        read_slack_settings("socket")
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "")
    with pytest.raises(ConfigurationError, match="SLACK_SIGNING_SECRET is not set"):
        read_slack_settings("http")
