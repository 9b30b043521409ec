"""The desk: jobs are done by a few threads, from a queue that cannot grow without end."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass


class Desk:
    """Runs jobs on `workers` threads; beyond `room` jobs waiting or running it is full."""

    def __init__(self, workers: int = 2, room: int = 100, name: str = "answer") -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix=name)
        self._workers = workers
        self._room = room
        self._inside = 0
        self._lock = threading.Lock()

    @property
    def idle(self) -> bool:
        """Says whether nothing waits or runs."""
        with self._lock:
            return self._inside == 0

    @property
    def depth(self) -> int:
        """Returns how many jobs wait or run."""
        with self._lock:
            return self._inside

    def submit(self, job: Callable[[], None]) -> int | None:
        """Queues `job`; returns its place among those that wait, 0 for at once, None when full."""
        with self._lock:
            if self._inside >= self._room:
                return None
            self._inside += 1
            place = max(0, self._inside - self._workers)
        # The request id and its kin go along to the thread that does the work.
        self._pool.submit(copy_context().run, self._run, job)
        return place

    def close(self) -> None:
        """Waits until what was queued is done."""
        self._pool.shutdown(wait=True)

    def _run(self, job: Callable[[], None]) -> None:
        try:
            job()
        finally:
            with self._lock:
                self._inside -= 1


@dataclass(frozen=True, slots=True)
class Desks:
    """Who does the work: `answers` for questions, `errands` for short calls to Slack."""

    answers: Desk
    errands: Desk

    @property
    def idle(self) -> bool:
        """Says whether nothing waits or runs."""
        return self.answers.idle and self.errands.idle

    def close(self) -> None:
        """Waits until what was taken is done."""
        self.answers.close()
        self.errands.close()


def open_desks() -> Desks:
    """Returns desks with room for a hundred questions."""
    return Desks(Desk(workers=2, room=100), Desk(workers=4, room=1000, name="errand"))
