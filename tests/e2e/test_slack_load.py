"""Too many questions, too long answers: politely less, never a pile-up."""

import threading

import pytest

from bot.answers.answer import Answer, Citation
from bot.slack.concurrency.worker_pool import WorkerPool, WorkerPools
from bot.wiring.installation import Installation
from tests.slack.bot import MENTION, QUESTION, Bot, hold_answers, over_http
from tests.slack.server import LoopbackSlack, wait_for
from tests.slack.workspace import PERSON


def test_a_person_who_asks_too_often_is_told_politely(
    library: Installation, slack: LoopbackSlack, monkeypatch: pytest.MonkeyPatch
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
    library: Installation, slack: LoopbackSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_CHANNEL_QUESTIONS_PER_MINUTE", "1")
    with over_http(library, slack) as bot:
        slack.say(MENTION)
        slack.say(MENTION, user="U00000002")
        slack.say(QUESTION, channel=slack.direct(PERSON))
        assert len(bot.answers()) == 2
        assert len(slack.ephemerals) == 1


def test_a_queue_tells_places_and_a_full_one_refuses(
    library: Installation, slack: LoopbackSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "tests.slack.bot.open_worker_pools",
        lambda: WorkerPools(WorkerPool(1, room=6), WorkerPool(2, room=100)),
    )
    gate = hold_answers(library, monkeypatch)
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
    socket_bot: Bot, library: Installation, monkeypatch: pytest.MonkeyPatch, streams: bool
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
