"""Indexing by the clock: once for all replicas, told of when something failed."""

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.slack.work.index_jobs import IndexJobOutcome
from bot.slack.work.schedule import Schedule
from bot.wiring.settings import read_settings
from retrieval.domain.errors import ConfigurationError
from tests.conftest import MakeAssembly
from tests.slack.server import wait_for

THREE = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


class Recorded:
    """An index run that is only written down, and what was told and reported."""

    def __init__(self, outcome: IndexJobOutcome | Exception) -> None:
        self.outcome = outcome
        self.runs: list[str] = []
        self.told: list[str] = []
        self.reported: list[Exception] = []

    def index(self, who: str) -> IndexJobOutcome:
        self.runs.append(who)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


def schedule(make_assembly: MakeAssembly, recorded: Recorded, cron: str = "0 3 * * *") -> Schedule:
    return Schedule(
        cron, recorded.index, make_assembly().idempotency_keys, recorded.told.append,
        lambda error, _request: recorded.reported.append(error),
    )  # fmt: skip


def test_of_several_replicas_one_indexes(make_assembly: MakeAssembly) -> None:
    recorded = Recorded(IndexJobOutcome("Indexed: 1 added", clean=True))
    replicas = [schedule(make_assembly, recorded) for _ in range(3)]
    assert [replica.run(THREE) for replica in replicas] == [True, False, False]
    assert replicas[2].run(THREE.replace(day=26))
    assert recorded.runs == ["the schedule", "the schedule"]
    assert recorded.told == []


def test_what_failed_is_told(make_assembly: MakeAssembly) -> None:
    recorded = Recorded(
        IndexJobOutcome("Indexed: 0 added, 1 failed\n• a.pdf: is not a PDF", clean=False)
    )
    schedule(make_assembly, recorded).run(THREE)
    assert recorded.told == ["By schedule. Indexed: 0 added, 1 failed\n• a.pdf: is not a PDF"]


def test_it_runs_when_the_time_has_come_and_after_a_failure_again(
    make_assembly: MakeAssembly, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = Recorded(RuntimeError("broken"))
    # Six fields, the last of them seconds, so that nobody waits a minute.
    running = schedule(make_assembly, recorded, "* * * * * */1")
    running.start()
    wait_for(lambda: len(recorded.reported) >= 2)
    running.stop()
    assert [str(error) for error in recorded.reported[:2]] == ["broken", "broken"]
    time.sleep(1.2)
    count = len(recorded.runs)
    time.sleep(1.2)
    assert len(recorded.runs) == count


@pytest.mark.parametrize("cron", ["daily", "0 25 * * *", "* * * * * *", "0 3 * *"])
def test_an_expression_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, cron: str) -> None:
    monkeypatch.setenv("MONAZITE_REINDEX_CRON", cron)
    with pytest.raises(ConfigurationError, match="MONAZITE_REINDEX_CRON is not usable"):
        read_settings()


def test_none_is_needed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MONAZITE_REINDEX_CRON", "")
    assert read_settings().reindex_cron is None
