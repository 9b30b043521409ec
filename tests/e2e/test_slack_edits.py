"""Edited questions change their answers, deleted ones take them along."""

import time

import pytest

from bot.wiring.installation import Installation
from tests.slack.bot import MENTION, Bot, hold_answers
from tests.slack.server import wait_for
from tests.slack.workspace import BOT_USER


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
    socket_bot: Bot, library: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = hold_answers(library, monkeypatch)
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
    socket_bot: Bot, library: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = hold_answers(library, monkeypatch)
    asked = socket_bot.slack.say(MENTION)
    wait_for(lambda: socket_bot.slack.statuses)
    socket_bot.slack.delete(asked)
    time.sleep(0.2)
    gate.set()
    assert socket_bot.answers() == []
