"""Processes side by side: who lives, whose questions are open, who takes them over."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.conversations.exchanges import Exchange, Exchanges
from bot.conversations.heartbeats import Heartbeats
from bot.conversations.idempotency_keys import IdempotencyKeys
from retrieval.database.engine import open_database


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_database(f"sqlite:///{tmp_path / 'catalog.db'}")


def opened(request_id: str, owner: str) -> Exchange:
    return Exchange(
        request_id, "C1", "1.0", "1.0", "U1", "Q?", owner=owner, particulars={"team": "T1"}
    )


def test_who_falls_silent_is_taken_for_dead_by_the_watchers_own_clock(engine: Engine) -> None:
    clock = Clock()
    ours, theirs = Heartbeats(engine, 15, clock), Heartbeats(engine, 15, clock)
    ours.beat()
    theirs.beat()
    assert ours.alive() == {ours.name, theirs.name}
    clock.now = 14
    theirs.beat()
    assert theirs.name in ours.alive()
    clock.now = 29
    assert theirs.name in ours.alive()
    clock.now = 30
    assert ours.alive() == {ours.name}


def test_who_was_taken_for_dead_comes_back(engine: Engine) -> None:
    clock = Clock()
    ours, theirs = Heartbeats(engine, 15, clock), Heartbeats(engine, 15, clock)
    theirs.beat()
    ours.alive()
    clock.now = 16
    assert theirs.name not in ours.alive()
    theirs.beat()
    assert theirs.name in ours.alive()


def test_who_leaves_is_gone_at_once(engine: Engine) -> None:
    ours, theirs = Heartbeats(engine), Heartbeats(engine)
    theirs.beat()
    theirs.leave()
    assert ours.alive() == {ours.name}


def test_open_questions_of_the_dead_are_orphans_and_others_are_not(engine: Engine) -> None:
    exchanges = Exchanges(engine)
    for request_id, owner in (
        ("dead", "a"), ("alive", "b"), ("answered", "a"), ("withdrawn", "a"), ("of no one", ""),
    ):  # fmt: skip
        exchanges.open(opened(request_id, owner))
    exchanges.close("answered", "Q?", True, "2.0")
    exchanges.withdraw("withdrawn")
    assert [one.request_id for one in exchanges.orphans({"b"})] == ["dead"]


def test_a_question_is_adopted_once(engine: Engine) -> None:
    exchanges = Exchanges(engine)
    exchanges.open(opened("r1", "dead"))
    (orphan,) = exchanges.orphans({"b", "c"})
    assert [exchanges.adopt(orphan, heir) for heir in ("b", "c")] == [True, False]
    assert exchanges.orphans({"b", "c"}) == []
    adopted = exchanges.get("r1")
    assert adopted
    assert (adopted.owner, adopted.particulars) == ("b", {"team": "T1"})


def test_what_is_needed_to_answer_is_forgotten_once_it_is_answered(engine: Engine) -> None:
    exchanges = Exchanges(engine)
    for request_id in ("answered", "withdrawn"):
        exchanges.open(opened(request_id, "a"))
    exchanges.close("answered", "Q?", True, "2.0")
    exchanges.withdraw("withdrawn")
    kept = [exchanges.get(request_id) for request_id in ("answered", "withdrawn")]
    assert [one.particulars for one in kept if one] == [None, None]


def test_a_question_and_its_claims_are_recorded_both_or_neither(engine: Engine) -> None:
    exchanges, idempotency_keys = Exchanges(engine), IdempotencyKeys(engine)
    assert idempotency_keys.claim("question 1")
    assert not exchanges.open(opened("r1", "a"), ["event 1", "question 1"])
    assert exchanges.get("r1") is None
    assert idempotency_keys.claim("event 1")
    assert exchanges.open(opened("r2", "a"), ["event 2", "question 2"])
    assert not idempotency_keys.claim("event 2")
