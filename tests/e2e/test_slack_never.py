"""What must never happen: two answers, silence, a missed ack, a message that Slack refuses."""

import threading
import time
from typing import Any

import pytest
from starlette.responses import JSONResponse, Response

from bot.answers import Answer, Citation
from bot.assembly import Assembly
from bot.slack.desk import Desk, Desks, open_desks
from bot.slack.serving import build
from bot.slack.settings import read_slack_settings
from retrieval.errors import ConfigurationError
from tests.slack.bot import Bot, over_http, over_socket
from tests.slack.server import SIGNING_SECRET, LoopbackSlack, deliver, wait_for
from tests.slack.workspace import BOT_USER, PERSON

QUESTION = "What is the two bases policy?"
MENTION = f"<@{BOT_USER}> {QUESTION}"


def slow(library: Assembly, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Makes every answer wait for the event."""
    gate, answer = threading.Event(), library.answerer.answer

    def wait(*arguments: Any) -> Answer:
        gate.wait(20)
        return answer(*arguments)

    monkeypatch.setattr(library.answerer, "answer", wait)
    return gate


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
    library: Assembly, slack: LoopbackSlack
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
    library: Assembly, slack: LoopbackSlack
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


def test_a_post_that_succeeded_without_saying_so_is_not_posted_again(socket_bot: Bot) -> None:
    socket_bot.slack.api.refusals["chat.startStream"] = "unknown_method"
    socket_bot.slack.fail("chat.postMessage", 11)
    socket_bot.slack.say(MENTION)
    wait_for(lambda: "conversations.replies" in socket_bot.slack.calls, 30)
    assert len(socket_bot.answers()) == 1


# Silence


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
    socket_bot: Bot, library: Assembly, monkeypatch: pytest.MonkeyPatch
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
    bot: Bot, library: Assembly, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    def burn(*_: object) -> None:
        raise RuntimeError("no database")

    bot.slack.say(MENTION)
    blocks = bot.answer()["blocks"]
    for part, method in ((library.claims, "claim"), (library.catalog, "live_passages")):
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
    library: Assembly, bot: Bot, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    for method in ("chat.startStream", "assistant.threads.setStatus"):
        bot.slack.api.refusals[method] = code
    gate = slow(library, monkeypatch)
    asked = bot.slack.say(MENTION)
    wait_for(lambda: asked.get("reactions") == ["eyes"])
    gate.set()
    bot.answer()
    assert asked["reactions"] == []
    bot.slack.say(MENTION)
    bot.settle()
    assert bot.slack.calls.count("assistant.threads.setStatus") == 1


# Too much


def test_a_person_who_asks_too_often_is_told_politely(
    library: Assembly, slack: LoopbackSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_USER_QUESTIONS_PER_MINUTE", "2")
    with over_http(library, slack) as bot:
        for _ in range(3):
            slack.say(MENTION)
        slack.say(MENTION, user="U00000002")
        assert len(bot.answers()) == 3
        (whisper,) = slack.ephemerals
        assert whisper["user"] == PERSON
        assert "please ask again in" in whisper["text"]


def test_a_busy_channel_is_told_politely(
    library: Assembly, slack: LoopbackSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_CHANNEL_QUESTIONS_PER_MINUTE", "1")
    with over_http(library, slack) as bot:
        slack.say(MENTION)
        slack.say(MENTION, user="U00000002")
        slack.say(QUESTION, channel=slack.direct(PERSON))
        assert len(bot.answers()) == 2
        assert len(slack.ephemerals) == 1


def test_a_queue_tells_places_and_a_full_one_refuses(
    library: Assembly, slack: LoopbackSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "tests.slack.bot.open_desks", lambda: Desks(Desk(1, room=6), Desk(2, room=100))
    )
    gate = slow(library, monkeypatch)
    with over_http(library, slack) as bot:
        for _ in range(8):
            slack.say(MENTION)
        wait_for(lambda: len(slack.ephemerals) == 4)
        gate.set()
        assert len(bot.answers()) == 6
        told = sorted(whisper["text"] for whisper in slack.ephemerals)
        assert [text[:40] for text in told] == [
            "I'm busy with too many questions just no", "I'm busy with too many questions just no",
            "I'm busy; you are number 4 in line. Your", "I'm busy; you are number 5 in line. Your",
        ]  # fmt: skip


def test_fifty_questions_at_once_are_acked_in_time_and_answered_once(bot: Bot) -> None:
    threads = [
        threading.Thread(
            target=bot.slack.say, args=(MENTION,), kwargs={"user": f"U{number:08}"}, daemon=True
        )
        for number in range(50)
    ]  # fmt: skip
    bot.slack.people |= {f"U{number:08}": f"Person {number}" for number in range(50)}
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    wait_for(lambda: len(bot.slack.messages) >= 50, 120)
    answers = bot.answers()
    assert len({answer["thread_ts"] for answer in answers}) == len(answers) == 50
    assert max(bot.slack.ack_seconds) < 3


@pytest.mark.parametrize("streams", [True, False])
def test_a_huge_answer_is_cut_to_what_slack_takes(
    socket_bot: Bot, library: Assembly, monkeypatch: pytest.MonkeyPatch, streams: bool
) -> None:
    if not streams:
        socket_bot.slack.api.refusals["chat.startStream"] = "unknown_method"
    quote = "a < b & *c* [d](https://e.example) " * 200
    citations = tuple(
        Citation(n, "d.txt", "Title " * 500, "S" * 3000, 1, "2024", quote, 0, 9, f"p{n}" * 20, 1.0)
        for n in range(1, 60)
    )
    huge = Answer(QUESTION, quote * 10, True, "extractive", citations, request_id="r" * 12)
    monkeypatch.setattr(library.answerer, "answer", lambda *_: huge)
    socket_bot.slack.say(MENTION)
    message = socket_bot.answer()
    shown = message["markdown"] if streams else str(message["blocks"])
    assert "(shortened)" in shown


# Edits and deletions


def test_an_edit_within_two_minutes_updates_the_answer_in_place(bot: Bot) -> None:
    asked = bot.slack.say(f"<@{BOT_USER}> What is cerium?")
    before = dict(bot.answer())
    bot.slack.edit(asked, f"<@{BOT_USER}> Who replaced Marguerite Oduya?")
    after = bot.answer()
    assert after["ts"] == before["ts"]
    assert "Oduya" in after["text"]


def test_a_late_edit_changes_nothing(socket_bot: Bot) -> None:
    asked = socket_bot.slack.say(f"<@{BOT_USER}> What is cerium?")
    before = dict(socket_bot.answer())
    socket_bot.slack.edit(asked, f"<@{BOT_USER}> Who replaced Marguerite Oduya?", after=121)
    assert socket_bot.answer() == before


def test_an_edit_while_the_answer_is_written_is_followed(
    socket_bot: Bot, library: Assembly, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = slow(library, monkeypatch)
    asked = socket_bot.slack.say(f"<@{BOT_USER}> What is cerium?")
    wait_for(lambda: socket_bot.slack.statuses)
    socket_bot.slack.edit(asked, f"<@{BOT_USER}> Who replaced Marguerite Oduya?")
    time.sleep(0.2)
    gate.set()
    assert "Oduya" in socket_bot.answer()["text"]


def test_a_deleted_question_takes_its_answer_along(bot: Bot) -> None:
    asked = bot.slack.say(MENTION)
    bot.answer()
    bot.slack.delete(asked)
    assert bot.answers() == []


def test_a_question_deleted_before_it_is_answered_gets_none(
    socket_bot: Bot, library: Assembly, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = slow(library, monkeypatch)
    asked = socket_bot.slack.say(MENTION)
    wait_for(lambda: socket_bot.slack.statuses)
    socket_bot.slack.delete(asked)
    time.sleep(0.2)
    gate.set()
    assert socket_bot.answers() == []


# The line to Slack


def test_questions_asked_while_the_socket_is_down_are_answered(
    library: Assembly, slack: LoopbackSlack
) -> None:
    with over_socket(library, slack) as bot:
        slack.drop()
        slack.say(MENTION)
        wait_for(lambda: slack.calls.count("apps.connections.open") > 1 and slack.connected, 40)
        bot.answer()
        slack.say(MENTION, user="U00000002")
        assert len(bot.answers()) == 2


@pytest.mark.parametrize(
    ("secret", "age"), [("wrong", 0), (SIGNING_SECRET, 600)], ids=["forged", "replayed"]
)
def test_a_forged_or_old_request_is_refused(http_bot: Bot, secret: str, age: int) -> None:
    sent: list[dict[str, Any]] = []
    http_bot.slack.send = lambda _kind, body: sent.append(body)
    http_bot.slack.say(MENTION)
    assert deliver(http_bot.url, sent[0], secret=secret, age=age) == 401
    assert http_bot.answers() == []


def test_a_refused_token_is_named(
    library: Assembly, slack: LoopbackSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-other")
    with pytest.raises(ConfigurationError, match=r"SLACK_BOT_TOKEN \(invalid_auth\)"):
        build(library, "http", open_desks())


def test_a_missing_token_is_named(slack: LoopbackSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_APP_TOKEN", "")
    with pytest.raises(ConfigurationError, match="SLACK_APP_TOKEN is not set"):
        read_slack_settings("socket")
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "")
    with pytest.raises(ConfigurationError, match="SLACK_SIGNING_SECRET is not set"):
        read_slack_settings("http")
