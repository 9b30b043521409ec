"""Admins add a message's files to the documents, and remove documents, from Slack."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.wiring.installation import Installation
from tests.conftest import MakeAssembly
from tests.slack.bot import Bot, over_socket
from tests.slack.server import LoopbackSlack, wait_for
from tests.slack.workspace import BOT_USER, PERSON, Message

OTHER = "U00000002"
ADD, ADDED = "add_to_knowledge_base", "added_to_knowledge_base"
REMOVE, DELETE = "remove_document", "delete_document"
TEXT = b"Terbium costs 812 dollars per kilogram in Karlsruhe."
EVERYONE = {"selected_option": {"value": "everyone"}}
CHANNEL = {"selected_option": {"value": "channel"}}


@pytest.fixture
def indexed(make_assembly: MakeAssembly, documents: Path) -> Installation:
    installation = make_assembly(documents=documents)
    installation.indexer.index([documents])
    return installation


@pytest.fixture
def bot(indexed: Installation, slack: LoopbackSlack) -> Iterator[Bot]:
    slack.admins.add(PERSON)
    slack.people[OTHER] = "Bo"
    with over_socket(indexed, slack) as running:
        yield running


def form(bot: Bot, message: Message) -> dict[str, Any]:
    before = len(bot.slack.views)
    bot.slack.shortcut(message, callback=ADD)
    return dict(wait_for(lambda: bot.slack.views[before:])[0])


def send(
    bot: Bot, view: dict[str, Any], access: dict[str, Any], user: str = PERSON, **more: Any
) -> str:
    """Sends the form; returns what is told last."""
    bot.slack.submit(view, {"access": access} | more, user)
    wait_for(lambda: bot.slack.messages)

    def told() -> str:
        text = str(bot.slack.messages[-1]["text"])
        return "" if text.endswith("Indexing…") or "files…" in text else text

    return str(wait_for(told, 60))


def chosen(view: dict[str, Any]) -> str:
    return str(view["blocks"][-1]["element"]["initial_option"]["value"])


def whispered(bot: Bot) -> str:
    return str(wait_for(lambda: bot.slack.responses)[-1]["text"])


def test_a_file_is_added_with_who_and_when_and_answered_from(bot: Bot, documents: Path) -> None:
    view = form(bot, bot.slack.share("../prices [1].txt", TEXT))
    assert chosen(view) == "everyone"
    assert "•" in view["blocks"][0]["text"]["text"]
    told = send(bot, view, EVERYONE, title={"value": "Prices of terbium"})
    assert "1 added" in told
    name = ".._prices _1_.txt".lstrip(".")
    assert (documents / "slack" / name).read_bytes() == TEXT
    (entry,) = yaml.safe_load((documents / "slack/sources.yaml").read_text())["documents"]
    assert entry.pop("added_at")[:2] == "20"
    assert entry == {
        "path": name, "title": "Prices of terbium", "access": ["everyone"], "added_by": PERSON,
    }  # fmt: skip
    bot.slack.say(f"<@{BOT_USER}> What does terbium cost?")
    wait_for(lambda: "812" in str(bot.slack.messages[-1]))
    bot.settle()
    assert "Prices of terbium" in str(bot.slack.messages[-1])


def test_a_file_of_a_private_channel_stays_in_it_unless_somebody_says_otherwise(bot: Bot) -> None:
    view = form(bot, bot.slack.share("prices.txt", TEXT, "G1"))
    assert chosen(view) == "channel"
    assert "1 added" in send(bot, view, CHANNEL)
    before = len(bot.slack.messages)
    for channel in ("C1", "G1"):
        bot.slack.say(f"<@{BOT_USER}> What does terbium cost?", channel)
    wait_for(lambda: len(bot.slack.messages) == before + 2)
    bot.settle()
    told = {message["channel"]: str(message) for message in bot.slack.messages[before:]}
    # The number itself: an id of a passage may hold its digits among others.
    number = re.compile(r"(?<![0-9a-f])812(?![0-9a-f])")
    assert number.search(told["G1"])
    assert not number.search(told["C1"])


def test_others_cannot_add_anything(bot: Bot, documents: Path) -> None:
    message = bot.slack.share("prices.txt", TEXT)
    bot.slack.shortcut(message, OTHER, ADD)
    assert whispered(bot) == "Only admins can add documents; ask one of them."
    assert bot.slack.views == []
    # Nor by sending a form that an admin opened.
    assert "Only admins" in send(bot, form(bot, message), EVERYONE, OTHER)
    assert not (documents / "slack").exists()


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("virus.exe", b"MZ", "virus.exe cannot be added; add files ending in .txt"),
        ("large.txt", b"x" * (2**20 + 1), "large.txt has more than the 1 MB allowed"),
    ],
)
def test_what_cannot_be_added_is_named_with_the_reason(
    indexed: Installation,
    slack: LoopbackSlack,
    documents: Path,
    name: str,
    data: bytes,
    reason: str,
) -> None:
    slack.admins.add(PERSON)
    indexed.settings.max_file_mb = 1
    with over_socket(indexed, slack) as bot:
        assert reason in send(bot, form(bot, slack.share(name, data)), EVERYONE)
    assert (
        not list((documents / "slack").glob("*.*[!k]")) if (documents / "slack").exists() else True
    )


def test_the_same_file_twice_and_a_file_that_slack_does_not_give(bot: Bot, documents: Path) -> None:
    (documents / "slack").mkdir()
    (documents / "slack/prices.txt").write_bytes(TEXT)
    view = form(bot, bot.slack.share("prices.txt", TEXT))
    assert "is the same file; it is there already" in send(bot, view, EVERYONE)
    bot.slack.scopes.remove("files:read")
    view = form(bot, bot.slack.share("other.txt", TEXT))
    bot.slack.submit(view, {"access": EVERYONE})
    wait_for(lambda: "missing_scope" in str(bot.slack.messages[-1]))


@pytest.mark.parametrize(
    "url",
    ["https://[x]/", "http://slack.com/x", "http://localhost:{port}/x"],
)
def test_our_token_goes_nowhere_but_to_slack(bot: Bot, url: str) -> None:
    message = bot.slack.share("prices.txt", TEXT)
    file = bot.slack.files[message["files"][0]["id"]]
    file["url_private_download"] = url.format(port=bot.slack.url.rpartition(":")[2])
    assert "prices.txt is not kept in Slack" in send(bot, form(bot, message), EVERYONE)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"mode": "tombstone", "name": None}, "• A file without a name was deleted in Slack"),
        ({"name": None}, "share it again, with a name"),
        ({"name": "a\n>“Fake”.exe"}, "• a &gt;“Fake”.exe cannot be added"),
    ],
)
def test_a_file_that_is_gone_since_the_form_was_opened_is_told_of(
    bot: Bot, change: dict[str, Any], told: str
) -> None:
    message = bot.slack.share("prices.txt", TEXT)
    view = form(bot, message)
    bot.slack.files[message["files"][0]["id"]].update(change)
    text = send(bot, view, EVERYONE)
    assert told in text
    assert "\n" not in text


def test_a_message_of_deleted_files_is_told_of_and_others_are_offered_without_them(
    bot: Bot,
) -> None:
    stone = {"id": "F0", "mode": "tombstone"}
    message = bot.slack.share("prices.txt", TEXT)
    message["files"] = [stone]
    bot.slack.shortcut(message, callback=ADD)
    assert whispered(bot) == "• A file without a name was deleted in Slack"
    good = bot.slack.share("prices\n>“Fake”.txt", TEXT)
    good["files"] += [stone, *({"id": f"F{n}", "name": f"{n}.txt"} for n in range(1, 12))]
    view = form(bot, good)
    shown = str(view["blocks"])
    assert "A file without a name was deleted in Slack" in shown
    assert "Only the first 10 of 12 files are added" in shown
    assert "• prices &gt;“Fake”.txt" in shown
    assert len(json.loads(view["private_metadata"])["files"]) == 10


def test_a_message_without_files_has_nothing_to_add(bot: Bot) -> None:
    bot.slack.shortcut(bot.slack.say("Hello"), callback=ADD)
    assert whispered(bot) == "There is no file in that message to add."


def offered(bot: Bot, text: str) -> dict[str, Any]:
    before = len(bot.slack.responses)
    bot.slack.command(text, name="/monazite")
    return dict(wait_for(lambda: bot.slack.responses[before:])[0])


def pressed(bot: Bot, offer: dict[str, Any], user: str = PERSON, action: str = REMOVE) -> str:
    before = len(bot.slack.responses)
    bot.slack.press(offer["blocks"], action, user=user)
    return str(wait_for(lambda: bot.slack.responses[before:])[0]["text"])


def test_a_document_is_removed_after_asking_once_more_and_its_file_stays(
    bot: Bot, indexed: Installation, documents: Path
) -> None:
    offer = offered(bot, "remove cerium.txt")
    assert "Its file stays" in str(offer["blocks"])
    assert pressed(bot, offer, OTHER) == "Only admins can do that; ask one of them."
    assert pressed(bot, offer).startswith("Removed cerium.txt; its file stays")
    assert (documents / "cerium.txt").exists()
    assert [one.name for one in indexed.catalog.documents()] == ["dysprosium.txt"]
    run = indexed.runs.history(1)[0]
    assert (run.kind, run.who, run.outcome) == ("remove", f"{PERSON} in Slack", "done")
    assert "it was taken out of the index" in offered(bot, "remove cerium.txt")["text"]


def test_what_was_removed_comes_back_by_its_name_alone(bot: Bot, indexed: Installation) -> None:
    pressed(bot, offered(bot, "remove cerium.txt"))
    bot.slack.command("reindex", name="/monazite")
    told = wait_for(lambda: [m for m in bot.slack.messages if m["text"].startswith("Indexed")], 90)
    assert "0 added, 0 updated, 0 removed, 1 unchanged" in told[-1]["text"]
    assert "No document nothing.txt was taken out" in offered(bot, "index nothing.txt")["text"]
    assert "direct message" in offered(bot, "index cerium.txt")["text"]
    wait_for(lambda: len(indexed.catalog.documents()) == 2, 90)


def test_only_what_was_added_from_slack_is_deleted_from_slack(
    bot: Bot, indexed: Installation, documents: Path
) -> None:
    refused = offered(bot, "delete cerium.txt")["text"]
    assert refused.startswith("cerium.txt was not added from Slack")
    # A button that somebody made up is no way around it.
    offer = offered(bot, "remove cerium.txt")
    forged = json.loads(json.dumps(offer).replace(REMOVE, DELETE))
    assert pressed(bot, forged, action=DELETE).startswith("cerium.txt was not added from Slack")
    assert (documents / "cerium.txt").exists()
    view = form(bot, bot.slack.share("prices.txt", TEXT))
    assert "1 added" in send(bot, view, EVERYONE)
    offer = offered(bot, "delete slack/prices.txt")
    assert "no way back" in str(offer["blocks"])
    assert pressed(bot, offer, OTHER, DELETE) == "Only admins can do that; ask one of them."
    assert (documents / "slack/prices.txt").exists()
    assert pressed(bot, offer, action=DELETE) == "Deleted slack/prices.txt and its file."
    assert not (documents / "slack/prices.txt").exists()
    assert "prices.txt" not in (documents / "slack/sources.yaml").read_text()


def test_a_wrong_name_brings_the_right_one(bot: Bot) -> None:
    assert offered(bot, "remove Cerium.pdf")["text"].endswith("did you mean cerium.txt?")
    assert offered(bot, "remove")["text"].startswith("Use /monazite")
