"""The history of runs that changed the index: who, when, what changed, what failed and why."""

import getpass
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from retrieval.domain.errors import RunCancelledError, first_line
from retrieval.domain.records import in_utc
from retrieval.domain.sanitizing import clean_line, clean_tree
from retrieval.storage.run_lock import Held, RunLock
from retrieval.storage.tables import RunRow

_MAX_ERROR = 500
RUNNING, DONE, FAILED, CANCELLED, DIED = "running", "done", "failed", "cancelled", "died"


@dataclass(frozen=True, slots=True)
class Run:
    """A run. `kind` is "index", "rebuild", "remove", "delete", "forget" or "restore"; `report` what it did."""

    id: str
    kind: str
    who: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str
    report: dict[str, Any]
    error: str


class OpenRun:
    """A run at work: holds the lock, and takes the report that the history keeps."""

    def __init__(self, held: Held, who: str) -> None:
        self._held = held
        self.who = who
        self._checked = monotonic()
        self.report: dict[str, Any] = {}

    def check(self, *, at_once: bool = False) -> None:
        """Raises as `Held.check` does; looks once a second, or `at_once` before something is written."""
        now = monotonic()
        if at_once or now - self._checked >= 1.0:
            self._checked = now
            self._held.check()


class Runs:
    """Runs of one installation. Thread-safe."""

    def __init__(self, engine: Engine, lock: RunLock) -> None:
        self._engine = engine
        self._lock = lock

    @contextmanager
    def open(self, kind: str, who: str = "") -> Iterator[OpenRun]:
        """Does a run under the lock, and writes down how it ended.

        Raises `IndexBusyError` while another one is at work.
        """
        identifier = uuid4().hex
        with self._lock.held(identifier) as held:
            self._bury()
            run = OpenRun(held, clean_line(who or local_user()))
            self._begin(identifier, kind, run.who)
            try:
                yield run
            except BaseException as error:
                stopped = isinstance(error, (RunCancelledError, KeyboardInterrupt))
                outcome = CANCELLED if stopped else FAILED
                self._end(identifier, outcome, run.report, first_line(error)[:_MAX_ERROR])
                raise
            self._end(identifier, DONE, run.report, "")

    def cancel(self) -> bool:
        """Asks the run at work to stop; returns whether there is one."""
        return self._lock.cancel()

    def history(self, limit: int = 20) -> list[Run]:
        """Returns the newest runs, newest first."""
        query = select(RunRow).order_by(RunRow.started_at.desc(), RunRow.id).limit(limit)
        with Session(self._engine) as session:
            return [_run(row) for row in session.scalars(query)]

    def _begin(self, identifier: str, kind: str, who: str) -> None:
        row = RunRow(
            id=identifier, kind=kind, who=who, started_at=datetime.now(UTC), ended_at=None,
            outcome=RUNNING, report={}, error="",
        )  # fmt: skip
        with Session(self._engine) as session, session.begin():
            session.add(row)

    def _bury(self) -> None:
        """We hold the lock: whatever else still counts as running is dead."""
        change = update(RunRow).where(RunRow.outcome == RUNNING).values(outcome=DIED)
        with self._engine.begin() as connection:
            connection.execute(change)

    def _end(self, identifier: str, outcome: str, report: dict[str, Any], error: str) -> None:
        change = update(RunRow).where(RunRow.id == identifier)
        fields = {
            "outcome": outcome, "report": clean_tree(report), "error": clean_line(error),
            "ended_at": datetime.now(UTC),
        }  # fmt: skip
        with self._engine.begin() as connection:
            connection.execute(change.values(**fields))


def local_user() -> str:
    """Returns `user@host` of this process."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "somebody"
    return f"{user}@{socket.gethostname()}"[:100]


def _run(row: RunRow) -> Run:
    ended = in_utc(row.ended_at) if row.ended_at else None
    return Run(
        row.id, row.kind, row.who, in_utc(row.started_at), ended, row.outcome, row.report, row.error
    )
