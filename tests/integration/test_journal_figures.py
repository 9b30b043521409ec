"""Figures of the journal, on SQLite and PostgreSQL alike."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.conversations.exchanges import Exchanges
from bot.journal.entries import Entry, Journal
from bot.journal.figures import count_cited, read_figures
from retrieval.database.engine import open_database

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    if request.param == "postgresql":
        return open_database(request.getfixturevalue("postgres_url"))
    return open_database(f"sqlite:///{tmp_path / 'catalog.db'}")


def keep(engine: Engine, hours: float, outcome: str, wait: float, *documents: str) -> None:
    Journal(engine).record(Entry(
        f"r{hours}", "Q?", "", outcome, timings={"total": wait}, cost=0.25,
        citations=tuple({"document": name} for name in documents),
        answered_at=NOON + hours * HOUR,
    ))  # fmt: skip


def test_what_happened_is_counted_in_its_period(engine: Engine) -> None:
    for hours, outcome in ((-1, "failed"), (0, "answered"), (0.5, "abstained"), (1, "answered")):
        keep(engine, hours, outcome, 100 * (hours + 1))
    keep(engine, 2, "failed", 5.0)
    found = read_figures(engine, NOON, NOON + 2 * HOUR, HOUR)
    assert [dict(period.outcomes) for period in found.periods] == [
        {"answered": 1, "abstained": 1}, {"answered": 1},
    ]  # fmt: skip
    assert found.whole.questions == 3
    assert found.whole.answered_share == pytest.approx(2 / 3)
    assert found.whole.cost == 0.75
    assert found.whole.wait(50) == 150.0
    assert found.periods[1].wait(95) == 200.0


def test_an_empty_time_has_no_share_and_no_wait(engine: Engine) -> None:
    found = read_figures(engine, NOON, NOON + 2 * HOUR, HOUR)
    assert (found.whole.questions, found.whole.answered_share, found.whole.wait(50)) == (
        0,
        None,
        None,
    )
    assert len(found.periods) == 2


def test_verdicts_are_counted_by_helpfulness(engine: Engine) -> None:
    exchanges = Exchanges(engine)
    for reader, helpful in (("U1", True), ("U2", True), ("U3", False)):
        exchanges.judge("r1", reader, helpful=helpful)
    found = read_figures(engine, NOON, datetime.now(UTC) + HOUR, timedelta(days=365))
    assert found.verdicts == {True: 2, False: 1}


def test_an_answer_counts_once_for_each_document_it_cites(engine: Engine) -> None:
    keep(engine, 0, "answered", 1.0, "a.txt", "a.txt", "b.txt")
    keep(engine, 1, "answered", 1.0, "a.txt")
    keep(engine, 2, "abstained", 1.0, "c.txt")
    keep(engine, -5, "answered", 1.0, "d.txt")
    assert count_cited(engine, NOON) == {"a.txt": 2, "b.txt": 1}
