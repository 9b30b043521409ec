"""The database is away while Slack sends: what is acknowledged is recorded, and all of it is answered once."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from bot.slack.transport import socket_mode
from bot.wiring.installation import Installation
from retrieval.embedding.sentence_transformer import SentenceEmbeddings
from tests.conftest import MakeAssembly
from tests.servers import Postgres
from tests.slack.bot import over_http, over_socket
from tests.slack.server import LoopbackSlack, deliver, wait_for
from tests.slack.workspace import BOT_USER, PERSON

QUESTION = "What does cerium oxide polish?"
MENTION = f"<@{BOT_USER}> {QUESTION}"


class Stopped:
    """PostgreSQL that can be stopped and started again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.server = Postgres(folder)
        self.url = self.server.database()

    def stop(self) -> None:
        self.server.stop()

    def start(self) -> None:
        """Starts it; while it recovers from having been killed, pgserver does not wait for it."""

        def started() -> Postgres | None:
            try:
                return Postgres(self._folder)
            except AssertionError:
                return None

        self.server = wait_for(started, 60)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Stopped]:
    server = Stopped(tmp_path / "postgres")
    yield server
    server.stop()


@pytest.fixture
def installation(
    make_assembly: MakeAssembly, documents: Path, database: Stopped, embeddings: SentenceEmbeddings
) -> Installation:
    installation = make_assembly(database_url=database.url, documents=documents)
    installation.indexer.index([documents])
    return installation


def mention(slack: LoopbackSlack) -> dict[str, Any]:
    """A mention as Slack sends it, not sent yet."""
    sent: list[dict[str, Any]] = []
    send, slack.send = slack.send, lambda _kind, body: sent.append(body)
    slack.say(MENTION)
    slack.send = send
    return next(body for body in sent if body["event"]["type"] == "app_mention")


def retried(url: str, body: dict[str, Any], number: int) -> int:
    return deliver(url, body, headers={"X-Slack-Retry-Num": str(number)} if number else None)


def test_over_http_slack_is_asked_to_send_again_and_the_question_is_answered_once(
    installation: Installation, database: Stopped, slack: LoopbackSlack
) -> None:
    with over_http(installation, slack) as bot:
        body = mention(slack)
        database.stop()
        assert [retried(bot.url, body, number) for number in (0, 1)] == [503, 503]
        assert slack.ephemerals == []
        database.start()
        assert [retried(bot.url, body, number) for number in (2, 3)] == [200, 200]
        assert "polishes glass" in bot.answer()["text"]
        assert slack.ephemerals == []


def test_over_http_the_person_is_told_once_when_slack_has_sent_for_the_last_time(
    installation: Installation, database: Stopped, slack: LoopbackSlack
) -> None:
    with over_http(installation, slack) as bot:
        body = mention(slack)
        database.stop()
        assert [retried(bot.url, body, number) for number in range(4)] == [503] * 4
        (told,) = slack.ephemerals
        assert "try again in a few minutes (request " in told["text"]
        assert bot.answers() == []
        database.start()


def test_over_http_a_command_is_told_at_once_because_slack_sends_none_again(
    installation: Installation, database: Stopped, slack: LoopbackSlack
) -> None:
    with over_http(installation, slack):
        database.stop()
        slack.command(QUESTION)
        (told,) = wait_for(lambda: slack.responses)
        assert "try again in a few minutes" in told["text"]
        database.start()


@pytest.mark.parametrize("how", ["mention", "command", "direct message"])
def test_over_the_socket_what_was_not_recorded_is_tried_again_until_it_is(
    installation: Installation, database: Stopped, slack: LoopbackSlack, how: str
) -> None:
    with over_socket(installation, slack) as bot:
        database.stop()
        with pytest.raises(AssertionError, match="nothing came in time"):
            ask(slack, how)
        assert slack.acks == {}
        assert (slack.ephemerals, slack.responses) == ([], [])
        database.start()
        given = slack.responses if how == "command" else slack.messages
        wait_for(lambda: slack.responses if how == "command" else slack.messages, 30)
        bot.settle()
        assert len(slack.responses if how == "command" else slack.messages) == 1, given
        assert slack.ephemerals == []
        wait_for(lambda: slack.acks)


def ask(slack: LoopbackSlack, how: str) -> None:
    if how == "mention":
        slack.event(
            {"type": "app_mention", "channel": "C1", "user": PERSON, "text": MENTION,
             "ts": slack.stamp()}, "app_mention",
        )  # fmt: skip
    elif how == "command":
        slack.command(QUESTION)
    else:
        slack.say(QUESTION, channel=slack.direct(PERSON))


def test_over_the_socket_the_person_is_told_once_when_the_time_is_over(
    installation: Installation,
    database: Stopped,
    slack: LoopbackSlack,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unrecorded = socket_mode.Unrecorded
    monkeypatch.setattr(
        socket_mode, "Unrecorded", lambda *parts: unrecorded(*parts, deadline=2.0, pause=0.2)
    )
    with over_socket(installation, slack) as bot:
        database.stop()
        with pytest.raises(AssertionError, match="nothing came in time"):
            ask(slack, "mention")
        (told,) = wait_for(lambda: slack.ephemerals)
        assert "try again in a few minutes" in told["text"]
        time.sleep(2)
        assert len(slack.ephemerals) == 1
        # Slack sends it once more; nobody is told a second time.
        (again,) = slack._unacked.values()
        slack._transmit(again | {"retry_attempt": 1})
        time.sleep(3)
        assert len(slack.ephemerals) == 1
        database.start()
        bot.settle()


@contextmanager
def locked(home: Path) -> Iterator[Callable[[], None]]:
    """SQLite held by a writer that does not end; yields what lets go of it."""
    writer = sqlite3.connect(home / "catalog.db", isolation_level=None, check_same_thread=False)
    writer.execute("BEGIN IMMEDIATE")
    yield lambda: writer.execute("ROLLBACK")
    writer.close()


def impatient(installation: Installation) -> None:
    """Makes SQLite wait for a lock for half a second in place of thirty."""
    event.listen(
        installation.engine, "connect", lambda one, _: one.execute("PRAGMA busy_timeout=500")
    )
    installation.engine.dispose()


@pytest.fixture
def lockable(make_assembly: MakeAssembly, documents: Path) -> Installation:
    installation = make_assembly(documents=documents)
    installation.indexer.index([documents])
    return installation


def test_over_http_a_database_that_is_locked_is_one_that_is_away(
    lockable: Installation, slack: LoopbackSlack
) -> None:
    impatient(lockable)
    with over_http(lockable, slack) as bot, locked(lockable.settings.home) as let_go:
        body = mention(slack)
        assert retried(bot.url, body, 0) == 503
        let_go()
        assert retried(bot.url, body, 1) == 200
        assert "polishes glass" in bot.answer()["text"]
        assert slack.ephemerals == []


def test_over_the_socket_a_database_that_is_locked_loses_nothing(
    lockable: Installation, slack: LoopbackSlack
) -> None:
    impatient(lockable)
    with over_socket(lockable, slack) as bot, locked(lockable.settings.home) as let_go:
        with pytest.raises(AssertionError, match="nothing came in time"):
            ask(slack, "mention")
        let_go()
        wait_for(lambda: slack.messages)
        assert "polishes glass" in bot.answer()["text"]
        assert slack.ephemerals == []


def test_a_lock_that_ends_in_time_is_waited_for(
    lockable: Installation, slack: LoopbackSlack
) -> None:
    with over_http(lockable, slack) as bot, locked(lockable.settings.home) as let_go:
        threading.Timer(4, let_go).start()
        slack.say(MENTION)
        assert "polishes glass" in bot.answer()["text"]
        assert slack.ephemerals == []


@pytest.mark.parametrize("change", ["edit", "delete"])
def test_an_edit_or_a_deletion_is_recorded_with_its_event_or_sent_again(
    lockable: Installation, slack: LoopbackSlack, change: str
) -> None:
    impatient(lockable)
    with over_http(lockable, slack) as bot:
        asked = slack.say(MENTION)
        first = bot.answer()["text"]
        sent: list[dict[str, Any]] = []
        slack.send = lambda _kind, body: sent.append(body)
        if change == "edit":
            slack.edit(asked, f"<@{BOT_USER}> What keeps magnets strong when they are hot?")
        else:
            slack.delete(asked)
        (body,) = [one for one in sent if one["event"]["type"] == "message"]
        with locked(lockable.settings.home) as let_go:
            assert retried(bot.url, body, 0) == 503
            let_go()
        assert retried(bot.url, body, 1) == 200
        if change == "edit":
            wait_for(lambda: "Dysprosium" in slack.messages[0]["text"])
            assert slack.messages[0]["text"] != first
        else:
            wait_for(lambda: not slack.messages)
