"""`/monazite`: admins look after the documents from Slack, others are turned away."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.wiring.installation import Installation
from tests.conftest import MakeAssembly
from tests.slack.bot import Bot, over_socket
from tests.slack.server import LoopbackSlack, wait_for
from tests.slack.workspace import PERSON

OTHER = "U00000002"


@pytest.fixture
def indexed(make_assembly: MakeAssembly, documents: Path) -> Installation:
    installation = make_assembly(documents=documents)
    installation.indexer.index([documents], who="Ana")
    return installation


@pytest.fixture
def admin_bot(indexed: Installation, slack: LoopbackSlack) -> Iterator[Bot]:
    slack.admins.add(PERSON)
    with over_socket(indexed, slack) as running:
        yield running


def told(bot: Bot, text: str, user: str = PERSON) -> str:
    before = len(bot.slack.responses)
    bot.slack.command(text, user=user, name="/monazite")
    return str(wait_for(lambda: bot.slack.responses[before:])[0]["text"])


def test_admins_see_what_there_is_and_what_was_done(admin_bot: Bot) -> None:
    assert told(admin_bot, "status").startswith("2 documents with 2 passages, generation")
    assert "• cerium.txt" in told(admin_bot, "documents")
    assert "index by Ana: done" in told(admin_bot, "history")
    assert "No run is at work" in told(admin_bot, "cancel")
    assert told(admin_bot, "nonsense").startswith("Use /monazite status")
    assert told(admin_bot, "").startswith("Use /monazite status")


@pytest.mark.parametrize("command", ["status", "documents", "history", "cancel", "reindex", ""])
def test_nobody_else_is_answered(admin_bot: Bot, command: str) -> None:
    assert told(admin_bot, command, user=OTHER) == "Only admins can do that; ask one of them."
    admin_bot.settle()
    assert admin_bot.slack.messages == []


@pytest.mark.parametrize("refusal", ["missing_scope", "user_not_found", "internal_error"])
def test_where_slack_does_not_say_who_is_an_admin_nobody_is(admin_bot: Bot, refusal: str) -> None:
    admin_bot.slack.api.refusals["users.info"] = refusal
    assert told(admin_bot, "status") == "Only admins can do that; ask one of them."


def test_listed_users_and_groups_are_admins_in_place_of_the_workspaces(
    indexed: Installation, slack: LoopbackSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    slack.admins.add(PERSON)
    slack.groups["S0RARE"] = [OTHER]
    monkeypatch.setenv("SLACK_ADMINS", "U0SOMEBODY, S0RARE")
    with over_socket(indexed, slack) as bot:
        assert told(bot, "status", user=OTHER).startswith("2 documents")
        assert told(bot, "status") == "Only admins can do that; ask one of them."
        slack.api.refusals["usergroups.users.list"] = "missing_scope"
        assert told(bot, "status", user=OTHER) == "Only admins can do that; ask one of them."


def test_reindexing_tells_how_it_goes_and_new_documents_are_answered_from(
    admin_bot: Bot, documents: Path
) -> None:
    (documents / "erbium.txt").write_text("Erbium amplifies light in glass fibres.")
    (documents / "bad.pdf").write_bytes(b"no pdf")
    assert "direct message" in told(admin_bot, "reindex")
    done = wait_for(
        lambda: [m for m in admin_bot.slack.messages if m["text"].startswith("Indexed")], 90
    )[0]
    assert done["channel"] == admin_bot.slack.direct(PERSON)
    assert "Indexed: 1 added, 0 updated, 0 removed, 2 unchanged, 1 failed" in done["text"]
    assert "• bad.pdf: is not a PDF" in done["text"]
    assert len(admin_bot.slack.messages) == 1
    assert f"index by {PERSON} in Slack: done, 1 files failed" in told(admin_bot, "history")
    admin_bot.slack.command("What does erbium amplify?")
    answer = wait_for(lambda: [r for r in admin_bot.slack.responses if r.get("blocks")], 30)[-1]
    assert "Erbium amplifies light" in answer["text"]


def test_of_two_admins_who_index_at_once_one_does_and_the_other_is_told(
    admin_bot: Bot, documents: Path
) -> None:
    admin_bot.slack.admins.add(OTHER)
    for number in range(80):
        (documents / f"{number}.txt").write_text(f"Erbium number {number} amplifies light. " * 20)
    for user in (PERSON, OTHER):
        assert "direct message" in told(admin_bot, "reindex", user=user)
    ended = ("Indexed", "Indexing failed")
    done = wait_for(
        lambda: (
            found
            if len(found := [m for m in admin_bot.slack.messages if m["text"].startswith(ended)])
            == 2
            else None
        ),
        120,
    )
    texts = sorted(message["text"] for message in done)
    assert texts[0].startswith("Indexed: 80 added")
    assert texts[1].startswith("Indexing failed: Another indexing run is at work")
    assert {message["channel"] for message in done} == {
        admin_bot.slack.direct(user) for user in (PERSON, OTHER)
    }
