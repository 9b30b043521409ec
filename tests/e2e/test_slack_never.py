"""What must never happen: two answers, silence, a missed ack, a message that Slack refuses."""

from typing import Any

import pytest
from starlette.responses import JSONResponse, Response

from bot.wiring.installation import Installation
from tests.slack.bot import MENTION, QUESTION, Bot, hold_answers, over_http
from tests.slack.server import LoopbackSlack, deliver, wait_for
from tests.slack.workspace import PERSON

# Two answers


def test_an_event_delivered_again_is_answered_once(bot: Bot) -> None:
    sent: list[tuple[str, dict[str, Any]]] = []
    send = bot.slack.send
    bot.slack.send = lambda kind, body: (sent.append((kind, body)), send(kind, body))[1]
    bot.slack.say(MENTION)
    for kind, body in sent:
        send(kind, body)
    bot.settle()
    for kind, body in sent:
        send(kind, body)
    assert len(bot.answers()) == 1


def test_an_event_delivered_again_after_a_restart_is_answered_once(
    library: Installation, slack: LoopbackSlack
) -> None:
    sent: list[dict[str, Any]] = []
    with over_http(library, slack) as first:
        send = slack.send
        slack.send = lambda kind, body: (sent.append(body), send(kind, body))[1]
        slack.say(MENTION)
        first.answer()
    with over_http(library, slack) as second:
        for body in sent:
            retried = {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"}
            assert deliver(second.url, body, headers=retried) == 200
        assert len(second.answers()) == 1


def test_two_replicas_hear_the_same_event_and_one_answers(
    library: Installation, slack: LoopbackSlack
) -> None:
    with over_http(library, slack) as one, over_http(library, slack) as two:
        body = slack.event(
            {"type": "app_mention", "channel": "C1", "user": PERSON, "text": MENTION,
             "ts": slack.stamp()},
            "app_mention",
        )  # fmt: skip
        assert body
        assert deliver(one.url, body) == 200
        assert deliver(two.url, body) == 200
        one.settle()
        assert len(two.answers()) == 1


def test_a_mention_that_comes_as_two_events_is_answered_once(socket_bot: Bot) -> None:
    direct = socket_bot.slack.direct(PERSON)
    message = socket_bot.slack.say(MENTION, channel=direct)
    socket_bot.slack.event(message | {"type": "app_mention"}, "app_mention")
    assert len(socket_bot.answers()) == 1


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the bot wait two seconds for Slack in place of ten."""
    monkeypatch.setattr("bot.slack.transport.bolt_app._TIMEOUT_SECONDS", 2)


@pytest.mark.usefixtures("impatient")
def test_a_post_that_succeeded_without_saying_so_is_not_posted_again(socket_bot: Bot) -> None:
    socket_bot.slack.api.refusals["chat.startStream"] = "unknown_method"
    socket_bot.slack.fail("chat.postMessage", 3)
    socket_bot.slack.say(MENTION)
    wait_for(lambda: "conversations.replies" in socket_bot.slack.calls, 30)
    assert len(socket_bot.answers()) == 1


@pytest.mark.usefixtures("impatient")
def test_a_stream_that_started_without_saying_so_is_not_answered_again(socket_bot: Bot) -> None:
    socket_bot.slack.fail("chat.startStream", 3)
    socket_bot.slack.say(MENTION)
    wait_for(lambda: "chat.update" in socket_bot.slack.calls, 30)
    answer = socket_bot.answer()
    assert answer["streaming"] is False
    assert "two critical rare earth bases" in answer["text"]


# Silence


@pytest.mark.parametrize(
    ("failures", "said"),
    [([500], "readings:"), ([400], "(shown without its sources)"), ([404, 404], "went wrong")],
)
def test_a_response_url_that_fails_is_tried_again(
    socket_bot: Bot, failures: list[int], said: str
) -> None:
    socket_bot.slack.response_failures = failures
    socket_bot.slack.command(QUESTION)
    wait_for(lambda: socket_bot.slack.responses)
    socket_bot.settle()
    assert [said in response["text"] for response in socket_bot.slack.responses] == [True]


@pytest.mark.parametrize("method", ["chat.postMessage", "chat.startStream", "chat.stopStream"])
@pytest.mark.parametrize(
    "failure",
    [
        JSONResponse({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": "1"}),
        Response("down", 500),
        JSONResponse({"ok": False, "error": "internal_error"}, 503),
    ],
    ids=["429", "500", "503"],
)
def test_a_call_that_fails_once_costs_no_answer(
    socket_bot: Bot, method: str, failure: Response
) -> None:
    if method == "chat.postMessage":
        socket_bot.slack.api.refusals["chat.startStream"] = "unknown_method"
    socket_bot.slack.fail(method, failure)
    socket_bot.slack.say(MENTION)
    answer = socket_bot.answer()
    assert "two critical rare earth bases" in answer["text"]
    assert not answer.get("streaming")
    assert any(block["type"] == "actions" for block in answer["blocks"])


def test_a_stream_that_breaks_half_way_is_made_whole(socket_bot: Bot) -> None:
    socket_bot.slack.fail("chat.appendStream", Response("down", 500))
    socket_bot.slack.say(MENTION)
    answer = socket_bot.answer()
    assert "largest rare earth new material base" in answer["text"]
    assert answer["streaming"] is False


def test_a_crash_is_told_honestly_and_logged(
    socket_bot: Bot, library: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def burn(*_: object) -> None:
        raise RuntimeError("disk on fire xoxb-123456789 <!channel>")

    monkeypatch.setattr(library.answerer, "answer", burn)
    socket_bot.slack.say(MENTION)
    text = socket_bot.answer()["text"]
    assert "went wrong" in text
    assert "fire" not in str(socket_bot.slack.messages)
    log = (library.settings.home / "logs/errors.log").read_text()
    request_id = text.rpartition(" ")[2]
    assert f"request {request_id}" in log
    assert "disk on fire ***" in log


@pytest.mark.parametrize("asked", ["mention", "button", "command"])
def test_a_listener_that_fails_tells_the_person(
    bot: Bot, library: Installation, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    def burn(*_: object) -> None:
        raise RuntimeError("no database")

    bot.slack.say(MENTION)
    blocks = bot.answer()["blocks"]
    for part, method in (
        (library.idempotency_keys, "claim"), (library.exchanges, "open"), (library.catalog, "live_passages"),
    ):  # fmt: skip
        monkeypatch.setattr(part, method, burn)
    if asked == "mention":
        bot.slack.say(MENTION)
        told = wait_for(lambda: bot.slack.ephemerals)[0]
    else:
        if asked == "button":
            bot.slack.press(blocks, "show_passages")
        else:
            bot.slack.command(QUESTION)
        told = wait_for(lambda: bot.slack.responses)[0]
    assert "tell an admin: request " in told["text"]
    log = (library.settings.home / "logs/errors.log").read_text()
    assert told["text"].rpartition(" ")[2] in log


def test_an_answer_that_slack_refuses_is_posted_without_its_blocks(socket_bot: Bot) -> None:
    socket_bot.slack.api.refusals["chat.startStream"] = "unknown_method"
    refusal = JSONResponse({"ok": False, "error": "invalid_blocks"})
    socket_bot.slack.fail("chat.postMessage", refusal)
    socket_bot.slack.say(MENTION)
    assert socket_bot.answer()["text"].endswith("(shown without its sources)")


# Streaming, status, eyes


def test_a_workspace_that_does_not_stream_is_asked_once(bot: Bot) -> None:
    bot.slack.api.refusals["chat.startStream"] = "unknown_method"
    for _ in range(3):
        bot.slack.say(MENTION)
        bot.settle()
    assert len(bot.slack.messages) == 3
    assert bot.slack.calls.count("chat.startStream") == 1
    assert len(bot.slack.statuses) == 3


def test_a_passing_failure_does_not_end_streaming(socket_bot: Bot) -> None:
    socket_bot.slack.fail("chat.startStream", Response("down", 500))
    for _ in range(2):
        socket_bot.slack.say(MENTION)
        socket_bot.settle()
    assert socket_bot.slack.calls.count("chat.startStream") == 2


@pytest.mark.parametrize("code", ["missing_scope", "not_allowed_token_type"])
def test_without_status_and_streams_eyes_are_shown_while_it_works(
    library: Installation, bot: Bot, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    for method in ("chat.startStream", "assistant.threads.setStatus"):
        bot.slack.api.refusals[method] = code
    gate = hold_answers(library, monkeypatch)
    asked = bot.slack.say(MENTION)
    wait_for(lambda: asked.get("reactions") == ["eyes"])
    gate.set()
    bot.answer()
    assert asked["reactions"] == []
    bot.slack.say(MENTION)
    bot.settle()
    assert bot.slack.calls.count("assistant.threads.setStatus") == 1
