"""Questions of processes that died are answered by those that live, once."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.answering.answerer import Inquiry
from bot.answers.answer import Answer
from bot.slack.api.settings import read_slack_settings
from bot.slack.concurrency.worker_pool import WorkerPool, WorkerPools, open_worker_pools
from bot.slack.service.service import build
from bot.slack.work.takeover import Takeover
from bot.wiring.installation import Installation
from tests.conftest import MakeAssembly
from tests.slack.bot import MENTION, QUESTION, Bot, hold_answers
from tests.slack.server import START_SECONDS, LoopbackSlack, wait_for
from tests.slack.workspace import PERSON

ANSWER = "The two critical rare earth bases in China"


@contextmanager
def heir(
    installation: Installation, pools: WorkerPools | None = None
) -> Iterator[tuple[Takeover, WorkerPools]]:
    """Another process over the same database, as far as Slack and the database can tell."""
    pools = pools or open_worker_pools()
    app, queue = build(installation, read_slack_settings("http"), pools)
    yield Takeover(
        installation.heartbeats, installation.exchanges,
        lambda exchange: queue.resume(exchange, app.client),
        lambda error, _: pytest.fail(repr(error)),
    ), pools  # fmt: skip
    pools.close()


@pytest.fixture
def other(library: Installation, make_shared: MakeAssembly) -> Installation:
    """Another process; nothing that other tests left open is there for it to take over."""
    for orphan in library.exchanges.orphans([]):
        library.exchanges.withdraw(orphan.request_id)
    return make_shared(library.settings.home)


def begin_answers(
    library: Installation, monkeypatch: pytest.MonkeyPatch, beginning: str
) -> threading.Event:
    """Makes every answer show its beginning, and then wait for the event."""
    gate, answer = threading.Event(), library.answerer.answer

    def begin(inquiry: Inquiry) -> Answer:
        assert inquiry.show
        inquiry.show(beginning)
        gate.wait(20)
        return answer(inquiry)

    monkeypatch.setattr(library.answerer, "answer", begin)
    return gate


def settled(slack: LoopbackSlack) -> dict[str, object]:
    wait_for(lambda: [one for one in slack.messages if not one.get("streaming")])
    (message,) = slack.messages
    return message


def test_a_question_of_a_dead_process_is_answered_by_another_and_only_by_it(
    library: Installation, http_bot: Bot, other: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = hold_answers(library, monkeypatch)
    http_bot.slack.say(MENTION)
    wait_for(lambda: http_bot.pools.answers.depth)
    with heir(other) as (takeover, pools):
        assert takeover.look() == 1
        assert ANSWER in str(settled(http_bot.slack)["text"])
        wait_for(lambda: pools.idle)
        assert takeover.look() == 0
    # It was not dead, after all, but must not answer any more.
    gate.set()
    http_bot.settle()
    assert len(http_bot.slack.messages) == 1


def test_an_answer_that_was_begun_is_made_whole_in_its_place(
    library: Installation, http_bot: Bot, other: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = begin_answers(library, monkeypatch, "The documents give")
    slack = http_bot.slack
    slack.say(MENTION)
    (begun,) = wait_for(lambda: slack.messages)
    with heir(other) as (takeover, pools):
        wait_for(takeover.look)
        wait_for(lambda: pools.idle)
    message = settled(slack)
    assert message["ts"] == begun["ts"]
    assert ANSWER in str(message["text"])
    gate.set()
    http_bot.settle()
    assert len(slack.messages) == 1


def test_what_was_begun_without_being_noted_is_found(
    library: Installation, http_bot: Bot, other: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = begin_answers(library, monkeypatch, "What an older index said")
    monkeypatch.setattr(library.exchanges, "began", lambda *_: None)
    slack = http_bot.slack
    slack.say(MENTION)
    wait_for(lambda: slack.messages)
    with heir(other) as (takeover, pools):
        wait_for(takeover.look)
        wait_for(lambda: pools.idle)
    assert ANSWER in str(settled(slack)["text"])
    gate.set()
    http_bot.settle()


def test_an_answer_that_stands_there_already_is_not_given_again(
    library: Installation, http_bot: Bot, other: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise OSError("the power is out")

    monkeypatch.setattr(library.exchanges, "close", die)
    http_bot.slack.say(MENTION)
    settled(http_bot.slack)
    http_bot.settle()
    with heir(other) as (takeover, pools):
        assert takeover.look() == 1
        wait_for(lambda: pools.idle)
        assert takeover.look() == 0
    assert len(http_bot.slack.messages) == 1


def test_a_private_question_is_answered_in_private_by_the_heir_too(
    library: Installation, http_bot: Bot, other: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = hold_answers(library, monkeypatch)
    http_bot.slack.command(QUESTION)
    wait_for(lambda: http_bot.pools.answers.depth)
    with heir(other) as (takeover, _):
        assert takeover.look() == 1
        wait_for(lambda: http_bot.slack.responses)
    (response,) = http_bot.slack.responses
    assert (response["user"], response["response_type"]) == (PERSON, "ephemeral")
    gate.set()
    http_bot.settle()
    assert http_bot.slack.messages == []
    assert len(http_bot.slack.responses) == 1


def test_what_there_is_no_room_for_is_left_to_others(
    library: Installation, http_bot: Bot, other: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = hold_answers(library, monkeypatch)
    http_bot.slack.say(MENTION)
    wait_for(lambda: http_bot.pools.answers.depth)
    full = WorkerPools(WorkerPool(1, room=0), WorkerPool(1, room=100))
    with heir(other, full) as (takeover, _):
        assert takeover.look() == 0
    (orphan,) = library.exchanges.orphans({other.heartbeats.name})
    assert orphan.owner == library.heartbeats.name
    gate.set()
    http_bot.settle()
    assert len(http_bot.slack.messages) == 1


@pytest.mark.several
def test_a_question_that_died_with_its_process_is_answered_after_the_restart(
    tmp_path: Path, seeds: Path, slack: LoopbackSlack, make_shared: MakeAssembly
) -> None:
    from tests.e2e.test_slack_serve import serve
    from tests.slack.bot import ENVIRONMENT

    make_shared(tmp_path, documents=seeds).indexer.index([seeds])
    settings = ENVIRONMENT | {"SLACK_API_URL": f"{slack.url}/api/"}
    first = serve(tmp_path, **settings)
    slack.send = slack.send_by_socket
    wait_for(lambda: slack.connected, START_SECONDS)
    slack.say(MENTION)
    os.kill(first.pid, signal.SIGKILL)
    first.communicate()
    before = len(slack.messages)
    second = serve(tmp_path, **settings)
    wait_for(lambda: [one for one in slack.messages if not one.get("streaming")], START_SECONDS)
    assert before <= 1
    assert ANSWER in str(settled(slack)["text"])
    second.send_signal(signal.SIGTERM)
    second.communicate(timeout=60)
