"""The desk: jobs are done by a few threads, from a fair queue that cannot grow without end."""

import logging
import threading
from collections.abc import Callable
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from time import monotonic

from bot.slack.concurrency.fair_queue import FairQueue
from bot.slack.concurrency.waiting import AbandonedError, sit

_log = logging.getLogger(__name__)
# Who closes waits so long for a job that waits for Slack; it is taken over after that.
_GRACE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class _Job:
    """A job with the request id and its kin, which go along to the thread that does it."""

    do: Callable[[], object]
    context: Context
    turned_away: Callable[[], object] | None


class WorkerPool:
    """Works on `workers` jobs at once; beyond `room` jobs waiting or begun it is full.

    A job that only waits for Slack can step aside (`waiting.py`): another one is begun in its
    place, on another thread. Jobs that want back in come before new ones.
    """

    def __init__(self, workers: int = 2, room: int = 100, name: str = "answer") -> None:
        self._workers = workers
        self._room = room
        self._name = name
        self._queue: FairQueue[_Job] = FairQueue()
        self._inside = self._active = self._returning = self._spare = 0
        self._closing = self._is_over = False
        self._changed = threading.Condition()

    @property
    def idle(self) -> bool:
        """Says whether nothing waits or runs."""
        return self.depth == 0

    @property
    def depth(self) -> int:
        """Returns how many jobs wait or run."""
        with self._changed:
            return self._inside

    def submit(
        self, job: Callable[[], object], key: str = "",
        turned_away: Callable[[], object] | None = None,
    ) -> int | None:  # fmt: skip
        """Queues `job`; returns its place among those that wait, 0 for at once, None when full.

        The keys take turns. In a full queue, whoever has most in it makes room for who has less:
        the newest job of the longest line goes, and its `turned_away` is called.
        """
        with self._changed:
            gone = None
            if self._inside >= self._room or self._is_over:
                gone = self._make_room(key)
                if gone is None:
                    return None
            self._inside += 1
            ahead = self._queue.ahead(key) + self._active + self._returning
            self._queue.put(key, _Job(job, copy_context(), turned_away))
            self._call_workers()
        if gone and gone.turned_away:
            gone.turned_away()
        return max(0, ahead + 1 - self._workers)

    def close(self) -> None:
        """Waits until what was queued is done."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._inside == 0)
            self._is_over = True
            self._changed.notify_all()

    def _make_room(self, key: str) -> _Job | None:
        longest, length = self._queue.longest()
        if self._is_over or length <= self._queue.waiting(key) + 1:
            return None
        job = self._queue.newest(longest)
        if job.turned_away is None:
            return None
        self._queue.drop_newest(longest)
        self._inside -= 1
        return job

    def _call_workers(self) -> None:
        """Wakes who is idle, and hires where too few are. The lock is held."""
        places = min(len(self._queue), self._workers - self._active - self._returning)
        for _ in range(places - self._spare):
            self._spare += 1
            threading.Thread(target=self._work, name=self._name, daemon=True).start()
        self._changed.notify_all()

    def _work(self) -> None:
        while job := self._next():
            job.context.run(self._run, job.do)

    def _next(self) -> _Job | None:
        """Returns the next job, None for a thread that is not needed any more."""
        with self._changed:
            while not self._queue or self._active + self._returning >= self._workers:
                if self._is_over or self._spare > self._workers:
                    self._spare -= 1
                    return None
                self._changed.wait()
            self._spare -= 1
            self._active += 1
            return self._queue.get()

    def _run(self, job: Callable[[], object]) -> None:
        seat = _WorkerPlace(self)
        sit(seat)
        try:
            job()
        except AbandonedError:
            _log.info("A job was left to others")
        except BaseException:  # noqa: BLE001  the thread goes on to the next job
            _log.exception("A job failed")
        finally:
            with self._changed:
                self._active -= seat.held
                self._inside -= 1
                self._spare += 1
                self._call_workers()

    def leave(self) -> None:
        """Frees a place; for jobs, by `waiting.step_aside`."""
        with self._changed:
            self._active -= 1
            self._call_workers()

    def enter(self) -> None:
        """Waits for a place, and takes it; for jobs, by `waiting.step_back`."""
        with self._changed:
            self._returning += 1
            self._changed.wait_for(lambda: self._active < self._workers)
            self._returning -= 1
            self._active += 1

    def sleep(self, seconds: float) -> None:
        """Waits so long. Raises `AbandonedError` when the desk closes and it would take too long."""
        end = monotonic() + seconds
        with self._changed:
            self._changed.wait_for(lambda: self._closing, max(0.0, seconds - _GRACE_SECONDS))
            if self._closing and end - monotonic() > _GRACE_SECONDS:
                raise AbandonedError
        if (rest := end - monotonic()) > 0:
            threading.Event().wait(rest)


class _WorkerPlace:
    """One job's place at a desk."""

    def __init__(self, pool: WorkerPool) -> None:
        self._pool = pool
        self._lock = threading.Lock()
        self.held = True

    def step_aside(self) -> bool:
        with self._lock:
            held, self.held = self.held, False
        if held:
            self._pool.leave()
        return held

    def step_back(self) -> None:
        if not self.held:
            self._pool.enter()
            self.held = True

    def sleep(self, seconds: float) -> None:
        self._pool.sleep(seconds)


def _decorations() -> WorkerPool:
    return WorkerPool(workers=4, room=100, name="decoration")


@dataclass(frozen=True, slots=True)
class WorkerPools:
    """Who does the work: `answers` for questions, `errands` for short calls to Slack.

    `decorations` is for calls that may be dropped: a status, a reaction.
    """

    answers: WorkerPool
    background: WorkerPool
    decorations: WorkerPool = field(default_factory=_decorations)

    @property
    def idle(self) -> bool:
        """Says whether nothing waits or runs."""
        return self.answers.idle and self.background.idle and self.decorations.idle

    def close(self) -> None:
        """Waits until what was taken is done."""
        self.answers.close()
        self.background.close()
        self.decorations.close()


def open_worker_pools() -> WorkerPools:
    """Returns pools with room for a hundred questions."""
    return WorkerPools(
        WorkerPool(workers=2, room=100), WorkerPool(workers=4, room=1000, name="errand")
    )
