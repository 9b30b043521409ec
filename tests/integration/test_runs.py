"""Runs: one at a time, taken over from the dead, stopped when told to, all in the history."""

import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import update

from retrieval.database.engine import open_database
from retrieval.domain.errors import ConfigurationError, IndexBusyError, RunCancelledError
from retrieval.storage.run_lock import RunLock
from retrieval.storage.runs import Runs
from retrieval.storage.tables import LockRow
from tests.conftest import MakeAssembly


def make_runs(folder: Path, place: str = "here", *, silence: float = 0.6) -> Runs:
    """Runs of one machine; machines share the database, and each has its own lock file."""
    engine = open_database(f"sqlite:///{folder / 'catalog.db'}")
    lock = RunLock(engine, folder / place / "index.lock", beat_seconds=0.1, silence=silence)
    return Runs(engine, lock)


def test_what_was_done_is_in_the_history_newest_first(tmp_path: Path) -> None:
    runs = make_runs(tmp_path)
    with runs.open("index", "U1") as run:
        run.report = {"documents": 3}
    with pytest.raises(ConfigurationError), runs.open("rebuild"):
        raise ConfigurationError("no such folder\nand more")
    failed, done = runs.history()
    assert (done.kind, done.who, done.outcome, done.report) == (
        "index", "U1", "done", {"documents": 3},
    )  # fmt: skip
    assert (failed.kind, failed.outcome, failed.error) == ("rebuild", "failed", "no such folder")
    assert "@" in failed.who
    assert done.ended_at is not None
    assert done.ended_at >= done.started_at


def test_a_second_run_is_refused_on_this_machine_and_on_another(tmp_path: Path) -> None:
    ours, theirs = make_runs(tmp_path), make_runs(tmp_path, "elsewhere")
    with ours.open("index"):
        for other in (make_runs(tmp_path), theirs):
            with pytest.raises(IndexBusyError, match="monazite cancel"), other.open("index"):
                pytest.fail("two runs at once")
    with theirs.open("index"):
        pass


def test_the_run_of_a_dead_process_is_taken_over(tmp_path: Path) -> None:
    dead = make_runs(tmp_path)
    context = dead.open("index")
    context.__enter__()
    lock = dead._lock
    # As if killed: the row stays, the heart stops, the file lock goes with the process.
    held = context.gen.gi_frame.f_locals["held"]  # type: ignore[attr-defined]
    held._done.set()
    held._thread.join()
    began = time.monotonic()
    with make_runs(tmp_path, "elsewhere").open("index"):
        assert time.monotonic() - began >= 0.6
        with pytest.raises(IndexBusyError, match="taken over"):
            held.check()
    assert [run.outcome for run in dead.history()] == ["done", "died"]
    assert lock.cancel() is False


def test_a_machine_does_not_wait_for_its_own_dead(tmp_path: Path) -> None:
    runs = make_runs(tmp_path, silence=60)
    engine = open_database(f"sqlite:///{tmp_path / 'catalog.db'}")
    with runs.open("index"):
        pass
    with engine.begin() as connection:
        connection.execute(
            LockRow.__table__.insert().values(
                name="index", owner="dead", place=runs._lock._place, beat=7, cancelled=False
            )
        )
    began = time.monotonic()
    with runs.open("index"):
        assert time.monotonic() - began < 5


def test_of_two_that_want_a_dead_ones_place_one_gets_it(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'catalog.db'}")
    with engine.begin() as connection:
        connection.execute(
            LockRow.__table__.insert().values(
                name="index", owner="dead", place="gone", beat=7, cancelled=False
            )
        )
    outcomes: list[str] = []

    def want(place: str) -> None:
        try:
            with make_runs(tmp_path, place).open("index"):
                time.sleep(1.5)
                outcomes.append("ran")
        except IndexBusyError:
            outcomes.append("refused")

    threads = [threading.Thread(target=want, args=(place,)) for place in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["ran", "refused"]


def test_the_heart_beats_whatever_the_clock_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with make_runs(tmp_path).open("index") as run:
        monkeypatch.setattr(time, "time", lambda: 0.0)
        time.sleep(0.3)
        run.check(at_once=True)
        with (
            pytest.raises(IndexBusyError),
            make_runs(tmp_path, "elsewhere").open("index"),
        ):
            pytest.fail("two runs at once")


def test_a_run_that_is_told_to_stop_keeps_what_it_has_done(
    make_assembly: MakeAssembly, documents: Path
) -> None:
    installation = make_assembly()
    installation.indexer.index([documents])
    for number in range(3):
        (documents / f"new-{number}.txt").write_text(f"Erbium number {number} glows.")
    engine = installation.engine

    def stop(done: int, _: int) -> None:
        if done == 1:
            with engine.begin() as connection:
                connection.execute(update(LockRow).values(cancelled=True))

    with pytest.raises(RunCancelledError, match="what was done so far is kept"):
        installation.indexer.index([documents], progress=stop)
    assert installation.catalog.document_count() == 2
    assert [run.outcome for run in installation.runs.history()] == ["cancelled", "done"]
    report = installation.indexer.index([documents])
    assert report.added == 3


def test_a_report_names_who_ran_and_what_failed(
    make_assembly: MakeAssembly, documents: Path
) -> None:
    (documents / "bad.pdf").write_bytes(b"no pdf")
    installation = make_assembly()
    installation.indexer.index([documents], who="U1")
    (run,) = installation.runs.history()
    assert run.who == "U1"
    assert run.report["documents"]["added"] == 2
    assert run.report["documents"]["failed"][0]["document"] == "bad.pdf"


def test_a_preview_changes_nothing(make_assembly: MakeAssembly, documents: Path) -> None:
    installation = make_assembly()
    installation.indexer.index([documents])
    (documents / "cerium.txt").write_text("Cerium goes into catalysts.")
    (documents / "dysprosium.txt").unlink()
    (documents / "erbium.txt").write_text("Erbium amplifies light.")
    before = installation.catalog.live_build()
    preview = installation.indexer.preview([documents])
    assert (preview.added, preview.updated, preview.removed, preview.unchanged) == (
        ("erbium.txt",), ("cerium.txt",), ("dysprosium.txt",), 0,
    )  # fmt: skip
    assert installation.catalog.live_build() == before
    assert len(installation.runs.history()) == 1
