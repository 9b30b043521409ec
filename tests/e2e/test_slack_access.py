"""Who sees what in Slack: a channel what it may, a person what they may, and nobody more."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.wiring.installation import Installation
from tests.conftest import MakeAssembly
from tests.slack.bot import Bot, over_socket
from tests.slack.server import LoopbackSlack, wait_for
from tests.slack.workspace import BOT_USER, PERSON

OTHER = "U00000002"
QUESTION = "What price does the Karlsruhe contract fix for terbium?"
SECRET = "812 dollars"


@pytest.fixture
def closed(make_assembly: MakeAssembly, tmp_path: Path) -> Installation:
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "open.txt").write_text("Lanthanum is used in the lenses of cameras.")
    text = f"The Karlsruhe contract fixes the price of terbium at {SECRET} per kilogram."
    (folder / "channel.md").write_text(f"---\naccess: G1\ndate: 2024-05-03\n---\n{text}")
    board = "The board of Zwickau meets about yttrium on 4 June."
    (folder / "group.md").write_text(f"---\naccess: S0BOARD\n---\n{board}")
    installation = make_assembly(documents=folder)
    installation.indexer.index([folder])
    return installation


@pytest.fixture
def bot(closed: Installation, slack: LoopbackSlack) -> Iterator[Bot]:
    slack.groups["S0BOARD"] = [PERSON]
    slack.memberships = {PERSON: {"C1", "C2", "G1"}, OTHER: {"C1"}}
    with over_socket(closed, slack) as running:
        yield running


def mention(bot: Bot, channel: str, user: str = PERSON, question: str = QUESTION) -> str:
    before = len(bot.slack.messages)
    bot.slack.say(f"<@{BOT_USER}> {question}", channel, user)
    wait_for(lambda: len(bot.slack.messages) > before)
    bot.settle()
    return str(bot.slack.messages[-1])


def write(bot: Bot, user: str, question: str = QUESTION) -> str:
    return mention(bot, bot.slack.direct(user), user, question)


def test_the_channel_that_may_see_a_document_is_answered_from_it(bot: Bot) -> None:
    assert SECRET in mention(bot, "G1")


def test_another_channel_is_not_even_if_the_asker_may_see_it(bot: Bot) -> None:
    said = mention(bot, "C1")
    assert "I don't know" in said
    assert "Karlsruhe contract fixes" not in said
    assert SECRET not in said
    assert "Searching 1 document…" in str(bot.slack.statuses)


def test_a_person_is_answered_from_the_documents_of_their_channels(bot: Bot) -> None:
    assert SECRET in write(bot, PERSON)
    assert SECRET not in write(bot, OTHER)


def test_a_document_of_a_user_group_is_for_its_people_alone(bot: Bot) -> None:
    question = "When does the board of Zwickau meet about yttrium?"
    assert "4 June" in write(bot, PERSON, question)
    assert "4 June" not in write(bot, OTHER, question)
    assert "4 June" not in mention(bot, "G1", PERSON, question)


@pytest.mark.parametrize(
    ("method", "question", "secret"),
    [
        ("users.conversations", QUESTION, SECRET),
        ("usergroups.users.list", "When does the board of Zwickau meet?", "4 June"),
    ],
)
def test_what_slack_does_not_tell_opens_nothing(
    bot: Bot, method: str, question: str, secret: str
) -> None:
    bot.slack.api.refusals[method] = "missing_scope"
    assert secret not in write(bot, PERSON, question)
    del bot.slack.api.refusals[method]
    assert secret in write(bot, PERSON, question)


def test_a_private_answer_that_is_shared_is_drawn_anew_for_the_channel(bot: Bot) -> None:
    bot.slack.command(QUESTION, "C1")
    private = wait_for(lambda: bot.slack.responses)[0]
    assert SECRET in str(private)
    bot.slack.press(private["blocks"], "share_answer", "C1")
    wait_for(lambda: bot.slack.messages)
    bot.settle()
    assert SECRET not in str(bot.slack.messages)


def test_the_passages_of_an_answer_open_only_for_those_who_may_see_them(bot: Bot) -> None:
    mention(bot, "G1")
    answer = bot.slack.messages[-1]
    # Ana may; Bo, who is shown the message somewhere else, may not.
    bot.slack.press(answer["blocks"], "show_passages", "G1")
    assert SECRET in str(wait_for(lambda: bot.slack.views)[-1])
    bot.slack.press(answer["blocks"], "show_passages", "C1", OTHER)
    assert "have left the index" in str(wait_for(lambda: bot.slack.views[1:])[-1])


def test_home_counts_and_dates_only_what_its_reader_may_see(bot: Bot) -> None:
    for user, known in (
        (PERSON, "*3* documents, the newest of 3 May 2024"),
        (OTHER, "*1* document."),
    ):
        bot.slack.open_home(user)
        assert known in str(wait_for(lambda: bot.slack.homes.get(user)))  # noqa: B023
