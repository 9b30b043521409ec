"""Whatever Slack refuses, delays or limits for one person, another person is answered at once."""

import threading
import time

import pytest
from starlette.responses import JSONResponse, Response

from bot.answering.answerer import Inquiry
from bot.answers.answer import Answer
from bot.wiring.installation import Installation
from tests.slack.bot import MENTION, QUESTION, Bot, hold_answers, over_http, over_socket
from tests.slack.server import LoopbackSlack, wait_for
from tests.slack.workspace import PERSON

BO = "U00000002"
# A fault waits for 20 s or more; an answer takes a fraction of a second on an idle machine.
_AT_ONCE = 12.0
_LONG = "25"


def limited(seconds: str = _LONG) -> Response:
    return JSONResponse({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": seconds})


def answer_in(slack: LoopbackSlack, thread: str) -> list[dict[str, object]]:
    return [
        one for one in slack.messages
        if one.get("thread_ts") == thread and not one.get("streaming")
    ]  # fmt: skip


def ask_and_wait(slack: LoopbackSlack, user: str, channel: str = "C1") -> float:
    """Asks, and returns how many seconds the answer took."""
    began = time.monotonic()
    asked = slack.say(MENTION, channel=channel, user=user)
    wait_for(lambda: answer_in(slack, asked["ts"]), 40)
    return time.monotonic() - began


@pytest.fixture
def running(socket_bot: Bot, monkeypatch: pytest.MonkeyPatch) -> Bot:
    """A bot that does not wait for long when the test is over."""
    monkeypatch.setattr("bot.slack.concurrency.worker_pool._GRACE_SECONDS", 0.5)
    return socket_bot


@pytest.mark.parametrize(
    "method",
    ["assistant.threads.setStatus", "reactions.add", "reactions.remove", "chat.startStream"],
)
@pytest.mark.parametrize("how", ["limited", "slow"])
def test_what_decorates_never_holds_up_an_answer(running: Bot, method: str, how: str) -> None:
    slack = running.slack
    if method.startswith("reactions"):
        slack.api.refusals["assistant.threads.setStatus"] = "missing_scope"
    for _ in range(3):
        slack.fail(method, limited() if how == "limited" else 4.0)
    took = [ask_and_wait(slack, user) for user in (PERSON, PERSON, BO)]
    decorates_only = method != "chat.startStream"
    assert took[-1] < _AT_ONCE
    if decorates_only or how == "limited":
        assert max(took) < _AT_ONCE
    assert len(slack.messages) == 3


@pytest.mark.parametrize("method", ["chat.postMessage", "chat.stopStream", "chat.appendStream"])
@pytest.mark.parametrize("retry_after", [_LONG, "4000", "soon", ""])
def test_a_call_that_matters_waits_without_holding_up_others(
    running: Bot, method: str, retry_after: str
) -> None:
    slack = running.slack
    if method == "chat.postMessage":
        slack.api.refusals["chat.startStream"] = "unknown_method"
    for _ in range(3):
        slack.fail(method, limited(retry_after))
    for _ in range(3):
        slack.say(MENTION, user=PERSON)
    # A stream's pieces are not asked for again before Slack will listen.
    calls = 1 if method == "chat.appendStream" else 3
    wait_for(lambda: slack.calls.count(method) >= calls)
    assert ask_and_wait(slack, BO) < _AT_ONCE


def test_many_waits_hold_up_nobody(running: Bot) -> None:
    slack = running.slack
    slack.api.refusals["chat.startStream"] = "unknown_method"
    for _ in range(9):
        slack.fail("chat.postMessage", limited())
    for _ in range(9):
        slack.say(MENTION, user=PERSON)
    wait_for(lambda: slack.calls.count("chat.postMessage") >= 9, 60)
    assert ask_and_wait(slack, BO) < _AT_ONCE


def test_who_was_told_to_wait_is_answered_once_when_the_time_has_come(running: Bot) -> None:
    slack = running.slack
    slack.api.refusals["chat.startStream"] = "unknown_method"
    for _ in range(2):
        slack.fail("chat.postMessage", limited("2"))
    asked = [slack.say(MENTION, user=user) for user in (PERSON, BO)]
    wait_for(lambda: all(answer_in(slack, one["ts"]) for one in asked), 30)
    running.settle()
    assert len(slack.messages) == 2


def test_a_stopped_stream_that_must_wait_ends_whole_and_once(running: Bot) -> None:
    slack = running.slack
    slack.fail("chat.stopStream", limited("2"))
    slack.say(MENTION)
    answer = running.answer()
    assert not answer["streaming"]
    assert slack.calls.count("chat.stopStream") == 2


def test_a_response_url_that_says_to_wait_holds_up_nobody(running: Bot) -> None:
    slack = running.slack
    slack.response_failures = [429, 429, 429]
    for _ in range(3):
        slack.command(QUESTION)
    assert ask_and_wait(slack, BO) < _AT_ONCE
    wait_for(lambda: len(slack.responses) == 3, 30)


@pytest.mark.parametrize("how", ["limited", "slow"])
@pytest.mark.parametrize("method", ["users.conversations", "conversations.replies"])
def test_what_must_be_looked_up_first_holds_up_nobody_else(
    running: Bot, library: Installation, monkeypatch: pytest.MonkeyPatch, method: str, how: str
) -> None:
    slack = running.slack
    monkeypatch.setattr(library.catalog, "access_labels", lambda: ["C2"])
    root = slack.say("What is monazite?")
    for _ in range(3):
        slack.fail(method, limited() if how == "limited" else 9.0)
    for _ in range(3):
        if method == "users.conversations":
            slack.command(QUESTION)
        else:
            slack.say(MENTION, thread=root["ts"])
    wait_for(lambda: slack.calls.count(method) >= 3)
    assert ask_and_wait(slack, BO) < (_AT_ONCE if how == "limited" else 7)


def test_a_slow_post_holds_up_nobody_else(running: Bot) -> None:
    slack = running.slack
    slack.api.refusals["chat.startStream"] = "unknown_method"
    for _ in range(3):
        slack.fail("chat.postMessage", 8.0)
    for _ in range(3):
        slack.say(MENTION)
    wait_for(lambda: slack.calls.count("chat.postMessage") >= 3)
    began = time.monotonic()
    assert ask_and_wait(slack, BO) < 6
    assert time.monotonic() - began < 6


def test_pieces_of_a_growing_answer_do_not_hold_it_up(
    running: Bot, library: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = library.answerer.answer
    shown = threading.Event()

    def grow(inquiry: Inquiry) -> Answer:
        assert inquiry.show
        began = time.monotonic()
        for _ in range(5):
            inquiry.show("The documents give ")
        if time.monotonic() - began < 1:
            shown.set()
        return answer(inquiry)

    monkeypatch.setattr(library.answerer, "answer", grow)
    running.slack.fail("chat.startStream", 4.0)
    running.slack.say(MENTION)
    message = running.answer()
    assert shown.is_set()
    assert not message["streaming"]
    assert "two critical rare earth bases" in str(message["blocks"])


def test_eyes_that_come_too_late_are_taken_away(running: Bot) -> None:
    slack = running.slack
    slack.api.refusals["assistant.threads.setStatus"] = "missing_scope"
    slack.fail("reactions.add", 2.5)
    asked = slack.say(MENTION)
    running.answer()
    assert asked.get("reactions", []) == []


def test_a_flood_of_one_person_does_not_starve_another(
    library: Installation, slack: LoopbackSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    for who in ("USER", "CHANNEL"):
        monkeypatch.setenv(f"SLACK_{who}_QUESTIONS_PER_MINUTE", "0")
    gate = hold_answers(library, monkeypatch)
    with over_http(library, slack) as running:
        for _ in range(40):
            slack.say(MENTION, user=PERSON)
        asked = slack.say(MENTION, user=BO)
        gate.set()
        wait_for(lambda: answer_in(slack, asked["ts"]), 60)
        # The two that were begun, and one or two of those that go on meanwhile.
        assert len(slack.messages) < 15
        assert len(running.answers()) == 41


@pytest.mark.parametrize("first", ["socket", "http"])
def test_an_event_that_comes_by_both_ways_is_answered_once(
    library: Installation, slack: LoopbackSlack, first: str
) -> None:
    with over_socket(library, slack) as by_socket:
        send_by_socket = slack.send
        with over_http(library, slack) as by_http:
            ways = [send_by_socket, slack.send]
            if first == "http":
                ways.reverse()
            slack.send = lambda kind, body: [way(kind, body) for way in ways] and None
            slack.say(MENTION)
            by_http.settle()
            by_socket.settle()
            assert len(slack.messages) == 1
        slack.send = send_by_socket


@pytest.mark.parametrize("method", ["chat.startStream", "chat.postMessage"])
@pytest.mark.parametrize("failures", [1, 3])
def test_a_look_that_fails_after_a_post_that_broke_off_is_taken_again(
    running: Bot, monkeypatch: pytest.MonkeyPatch, method: str, failures: int
) -> None:
    """Found by the soak: two faults after one another gave two answers, one of them never finished."""
    monkeypatch.setattr("bot.slack.api.client._PAUSES_OF_A_LOOK_UP", (0.1, 0.1, 0.1))
    slack = running.slack
    if method == "chat.postMessage":
        slack.api.refusals["chat.startStream"] = "unknown_method"
    slack.fail(method, 11.0)
    for _ in range(failures):
        slack.fail("conversations.replies", Response("down", 500))
    slack.say(MENTION)
    wait_for(lambda: slack.calls.count("conversations.replies") > failures, 40)
    answer = running.answer()
    assert not answer.get("streaming")
    assert "two critical rare earth bases" in str(answer)
