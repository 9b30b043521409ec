"""The assistant pane: greeting, prompts, title, status, streamed answers."""

from typing import Any

from tests.slack.bot import Bot
from tests.slack.server import wait_for
from tests.slack.workspace import PERSON


def open_pane(bot: Bot) -> tuple[str, str, list[dict[str, str]]]:
    channel, thread = bot.slack.open_pane()
    prompts: list[dict[str, str]] = wait_for(lambda: bot.slack.prompts.get(thread))
    return channel, thread, prompts


def test_opening_it_greets_and_suggests_questions_that_are_answered(bot: Bot) -> None:
    channel, thread, prompts = open_pane(bot)
    greeting = bot.answer()
    assert greeting["text"].startswith("Hello!")
    assert (greeting["channel"], greeting["thread_ts"]) == (channel, thread)
    assert 0 < len(prompts) <= 4
    bot.slack.say(prompts[0]["message"], channel=channel, thread=thread)
    answer = bot.answers()[-1]
    assert "\\[1\\]" in answer["markdown"]


def test_a_question_gets_a_title_a_status_and_a_streamed_answer(bot: Bot) -> None:
    channel, thread, _ = open_pane(bot)
    bot.slack.say("What is the two bases policy?", channel=channel, thread=thread)
    answer = bot.answers()[-1]
    assert bot.slack.titles[thread] == "What is the two bases policy?"
    (status,) = bot.slack.statuses
    assert status["status"] == "Searching 27 documents…"
    assert status["shown"] is False
    assert bot.slack.calls.count("chat.startStream") == 1
    assert bot.slack.calls.count("chat.appendStream") >= 1
    assert answer["streaming"] is False
    assert "two critical rare earth bases" in answer["markdown"]
    assert any(block["type"] == "actions" for block in answer["blocks"])


def test_a_follow_up_in_the_pane_is_understood(socket_bot: Bot) -> None:
    channel, thread, _ = open_pane(socket_bot)
    for question in ("Who replaced Marguerite Oduya?", "and when was that?"):
        socket_bot.slack.say(question, channel=channel, thread=thread)
        socket_bot.settle()
    understood: Any = socket_bot.answers()[-1]["blocks"][0]
    assert "Understood as: when was that (replaced Marguerite" in str(understood)
    assert socket_bot.slack.titles[thread] == "Who replaced Marguerite Oduya?"


def test_an_edit_and_a_deletion_in_the_pane_are_followed(bot: Bot) -> None:
    channel, thread, _ = open_pane(bot)
    asked = bot.slack.say("What is cerium?", channel=channel, thread=thread)
    bot.settle()
    bot.slack.edit(asked, "Who replaced Marguerite Oduya?")
    bot.settle()
    assert "Oduya" in bot.slack.messages[-1]["text"]
    bot.slack.delete(asked)
    assert [m["text"][:6] for m in bot.answers()] == ["Hello!"]


def test_the_pane_opened_twice_by_one_event_greets_once(socket_bot: Bot) -> None:
    socket_bot.slack.open_pane()
    wait_for(lambda: socket_bot.slack.prompts)
    assert [m["text"][:6] for m in socket_bot.answers()] == ["Hello!"]
    assert socket_bot.slack.direct(PERSON) == socket_bot.slack.messages[0]["channel"]


def test_another_channel_beside_the_pane_costs_no_call(socket_bot: Bot) -> None:
    _, thread, _ = open_pane(socket_bot)
    socket_bot.settle()
    before = list(socket_bot.slack.calls)
    socket_bot.slack.move_pane(thread)
    socket_bot.settle()
    assert socket_bot.slack.calls == before
