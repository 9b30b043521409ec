"""One run at a time, across processes and machines that share a database.

A run holds a row, whose `beat` it lets grow. Clocks are not compared: whoever wants the lock
watches the beat, and takes the row over once it has stood still for long enough. On one
machine nobody has to wait: there a file lock, which dies with its process, tells at once.
"""

import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from retrieval.domain.errors import IndexBusyError, RunCancelledError
from retrieval.storage.tables import LockRow

_log = logging.getLogger(__name__)
_NAME = "index"
_BUSY = "Another indexing run is at work; wait for it to finish and try again, or stop it: monazite cancel"


class RunLock:
    """The lock of one data folder (`file`) and one database."""

    def __init__(
        self, engine: Engine, file: Path, *, beat_seconds: float = 2.0, silence: float = 20.0
    ) -> None:
        self._engine = engine
        self._file = file
        self._beat_seconds = beat_seconds
        self._silence = silence
        self._place = f"{socket.gethostname()} {file.absolute()}"

    @contextmanager
    def held(self, owner: str) -> Iterator["Held"]:
        """Holds the lock as `owner`; raises `IndexBusyError` while another run is alive."""
        from filelock import FileLock, Timeout

        self._file.parent.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self._file, timeout=0):
                self._take(owner)
                held = Held(self._engine, owner, self._beat_seconds)
                try:
                    yield held
                finally:
                    held.release()
        except Timeout:
            raise IndexBusyError(_BUSY) from None

    def cancel(self) -> bool:
        """Asks the run that holds the lock to stop; returns whether there is one."""
        change = update(LockRow).where(LockRow.name == _NAME).values(cancelled=True)
        with self._engine.begin() as connection:
            return connection.execute(change).rowcount > 0

    def _take(self, owner: str) -> None:
        fields = {"owner": owner, "place": self._place, "beat": 0, "cancelled": False}
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(LockRow).values(name=_NAME, **fields))
                return
        except IntegrityError:
            seen = self._dead()
        # Taken over only from the owner and the beat that were watched: one of several wins.
        change = update(LockRow).where(
            LockRow.name == _NAME, LockRow.owner == seen[0], LockRow.beat == seen[1]
        )
        with self._engine.begin() as connection:
            if connection.execute(change.values(**fields)).rowcount != 1:
                raise IndexBusyError(_BUSY)

    def _dead(self) -> tuple[str, int]:
        """Owner and beat of a holder that is dead; raises `IndexBusyError` when it lives."""
        first = self._row()
        if first[2] == self._place:
            # We hold this machine's file lock, which it would hold if it lived.
            return first[:2]
        end = time.monotonic() + self._silence
        while time.monotonic() < end:
            time.sleep(min(self._beat_seconds / 2, self._silence))
            if self._row() != first:
                raise IndexBusyError(_BUSY)
        return first[:2]

    def _row(self) -> tuple[str, int, str]:
        query = select(LockRow.owner, LockRow.beat, LockRow.place).where(LockRow.name == _NAME)
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        return ("", -1, "") if row is None else (row.owner, row.beat, row.place)


class Held:
    """A lock that is held: its beat goes on until it is released."""

    def __init__(self, engine: Engine, owner: str, beat_seconds: float) -> None:
        self._engine = engine
        self._mine = (LockRow.name == _NAME, LockRow.owner == owner)
        self._beat_seconds = beat_seconds
        self._done = threading.Event()
        self._lost = threading.Event()
        self._thread = threading.Thread(target=self._keep_beating, name="heartbeat", daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Raises `RunCancelledError` when the run was told to stop, `IndexBusyError` when it lost the lock."""
        query = select(LockRow.cancelled).where(*self._mine)
        with self._engine.connect() as connection:
            cancelled = connection.execute(query).scalar()
        if cancelled is None or self._lost.is_set():
            raise IndexBusyError("Another run has taken over, for this one was silent for too long")
        if cancelled:
            raise RunCancelledError("The run was stopped; what was done so far is kept")

    def release(self) -> None:
        """Gives the lock back."""
        self._done.set()
        self._thread.join()
        with self._engine.begin() as connection:
            connection.execute(delete(LockRow).where(*self._mine))

    def _keep_beating(self) -> None:
        change = update(LockRow).where(*self._mine).values(beat=LockRow.beat + 1)
        while not self._done.wait(self._beat_seconds):
            try:
                with self._engine.begin() as connection:
                    alive = connection.execute(change).rowcount == 1
            except Exception as error:  # noqa: BLE001  it may come back in time
                _log.warning("The heartbeat of an indexing run failed: %s", type(error).__name__)
                continue
            if not alive:
                self._lost.set()
                return
