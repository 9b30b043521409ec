"""Questions a minute, counted for all processes."""

import threading
from pathlib import Path

import pytest

from bot.conversations.rate_windows import RateWindows
from bot.slack.work.rate_limits import RateLimit
from retrieval.database.engine import open_database


class Clock:
    """A clock that is set by hand."""

    now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'catalog.db'}"
    return str(request.getfixturevalue("postgres_url"))


def test_two_processes_count_together(url: str) -> None:
    clock = Clock()
    ours, theirs = (RateLimit(3, shared=RateWindows(open_database(url), clock)) for _ in range(2))
    assert [ours.wait("a"), theirs.wait("a"), ours.wait("a")] == [0, 0, 0]
    clock.now += 20.5
    assert theirs.wait("a") == ours.wait("a") == 40
    assert theirs.wait("b") == 0
    clock.now += 40
    assert ours.wait("a") == 0


def test_many_at_once_are_counted_one_by_one(url: str) -> None:
    limits = [RateLimit(10, shared=RateWindows(open_database(url), Clock())) for _ in range(2)]
    let_through = []

    def ask(number: int) -> None:
        for _ in range(10):
            let_through.append(limits[number % 2].wait("a") == 0)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(let_through) == 60
    assert sum(let_through) == 10


@pytest.mark.parametrize("jump", [-86_400.0, -61.0, -30.0, 30.0, 61.0, 86_400.0])
def test_a_clock_that_jumps_never_shuts_anybody_out_for_longer_than_a_minute(
    url: str, jump: float
) -> None:
    clock = Clock()
    limit = RateLimit(1, shared=RateWindows(open_database(url), clock))
    assert limit.wait("a") == 0
    clock.now += jump
    seconds = limit.wait("a")
    assert 0 <= seconds <= 60
    clock.now += 61 + max(0.0, -jump if jump > -60 else 0.0)
    assert limit.wait("a") == 0


def test_without_the_database_this_process_counts_alone() -> None:
    class Gone:
        def count(self, key: str, seconds: float) -> tuple[int, float]:
            raise ConnectionError(key, seconds)

    limit = RateLimit(2, shared=Gone())
    assert [limit.wait("a"), limit.wait("a")] == [0, 0]
    assert limit.wait("a") > 0


def test_old_windows_are_forgotten(url: str) -> None:
    clock = Clock()
    engine = open_database(url)
    windows = RateWindows(engine, clock)
    windows.count("old", 60)
    clock.now += 3700
    windows.count("new", 60)
    windows.forget_old()
    with engine.connect() as connection:
        keys = connection.exec_driver_sql("SELECT key FROM rate_windows").scalars().all()
    assert keys == ["new"]
