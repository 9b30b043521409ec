"""The desk: answers are worked on by a few threads, from a queue that cannot grow without end."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


class Desk:
    """Runs jobs on `workers` threads; beyond `room` jobs waiting or running it is full."""

    def __init__(self, workers: int = 2, room: int = 100) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="answer")
        self._workers = workers
        self._room = room
        self._inside = 0
        self._lock = threading.Lock()

    def submit(self, job: Callable[[], None]) -> int | None:
        """Queues `job`; returns how many wait before it, or None when the desk is full."""
        with self._lock:
            if self._inside >= self._room:
                return None
            self._inside += 1
            ahead = max(0, self._inside - self._workers)
        self._pool.submit(self._run, job)
        return ahead

    def close(self) -> None:
        """Waits until what was queued is done."""
        self._pool.shutdown(wait=True)

    def _run(self, job: Callable[[], None]) -> None:
        try:
            job()
        finally:
            with self._lock:
                self._inside -= 1
