"""Processes that answer questions side by side: who of them is alive.

Each has a row, whose `beat` it lets grow. As with the lock of runs, clocks are not compared:
whoever watches a beat stand still for long enough by its own clock takes its owner for dead.
"""

import os
import socket
from collections.abc import Callable
from time import monotonic
from uuid import uuid4

from sqlalchemy import Engine, delete, insert, select, update

from bot.conversations.tables import HeartbeatRow


class Heartbeats:
    """The processes that share a database; `name` is ours."""

    def __init__(
        self, engine: Engine, silence: float = 15.0, clock: Callable[[], float] = monotonic
    ) -> None:
        self.name = uuid4().hex
        self._engine = engine
        self._silence = silence
        self._clock = clock
        self._seen: dict[str, tuple[int, float]] = {}

    def beat(self) -> None:
        """Says that this process lives; also to those who had taken it for dead."""
        ours = HeartbeatRow.name == self.name
        with self._engine.begin() as connection:
            grown = connection.execute(
                update(HeartbeatRow).where(ours).values(beat=HeartbeatRow.beat + 1)
            )
            if grown.rowcount == 0:
                place = f"{socket.gethostname()} {os.getpid()}"
                connection.execute(insert(HeartbeatRow).values(name=self.name, place=place, beat=0))

    def leave(self) -> None:
        """Says that this process has nothing left to do."""
        self._bury([self.name])

    def alive(self) -> set[str]:
        """Returns the processes that live, ours among them; those that have fallen silent are struck off."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(HeartbeatRow.name, HeartbeatRow.beat)).all()
        now = self._clock()
        self._seen = {
            name: self._seen[name] if self._seen.get(name, (None,))[0] == beat else (beat, now)
            for name, beat in rows
        }
        silent = [
            name
            for name, (_, since) in self._seen.items()
            if name != self.name and now - since > self._silence
        ]
        self._bury(silent)
        for name in silent:
            del self._seen[name]
        return {self.name, *self._seen}

    def _bury(self, names: list[str]) -> None:
        if names:
            with self._engine.begin() as connection:
                connection.execute(delete(HeartbeatRow).where(HeartbeatRow.name.in_(names)))
