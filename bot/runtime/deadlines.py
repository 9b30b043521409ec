"""Deadlines: work that blocks is waited for only as long as there is time, and ended after that."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Generic, TypeVar

T = TypeVar("T")

_log = logging.getLogger(__name__)


class DeadlineError(TimeoutError):
    """There is no time left."""


class Deadline:
    """A moment that an answer must not go beyond."""

    def __init__(self, seconds: float) -> None:
        self._end = monotonic() + seconds

    @property
    def remaining(self) -> float:
        """Returns the seconds left, 0 when there are none."""
        return max(0.0, self._end - monotonic())

    def bound(self, start: Callable[[], Iterator[T]]) -> Iterator[T]:
        """Yields what `start()` yields, run on a thread of its own; raises what it raises.

        Raises `DeadlineError` when time is up. The work is cancelled then, and when the
        iterator is closed: whatever registered with `current_cancellation()` is ended.
        """
        feed = _Feed(start, Cancellation(self))
        threading.Thread(target=feed.run, name="deadline", daemon=True).start()
        try:
            yield from feed.items(self)
        finally:
            feed.cancellation.cancel()


class Cancellation:
    """Says that work is not wanted any more. Shared between who works and who waits."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        self._cancelled = threading.Event()
        self._lock = threading.Lock()
        self._actions: list[Callable[[], object]] = []

    @property
    def cancelled(self) -> bool:
        """Says whether the work is not wanted any more, or has no time left."""
        return self._cancelled.is_set() or self.remaining <= 0

    @property
    def remaining(self) -> float:
        """Returns the seconds left, 0 when there are none."""
        return self._deadline.remaining

    def when_cancelled(self, action: Callable[[], object]) -> None:
        """Has `action` called on cancelling, such as closing what the work waits for."""
        with self._lock:
            self._actions.append(action)
            late = self._cancelled.is_set()
        if late:
            _act(action)

    def cancel(self) -> None:
        """Cancels the work; more than once does nothing more."""
        with self._lock:
            actions = [] if self._cancelled.is_set() else list(self._actions)
            self._cancelled.set()
        for action in actions:
            _act(action)


def _act(action: Callable[[], object]) -> None:
    try:
        action()
    except OSError as error:  # what is closed already need not be closed
        _log.debug("Nothing was left to end: %s", error)


_CURRENT: ContextVar[Cancellation | None] = ContextVar("cancellation", default=None)


def current_cancellation() -> Cancellation | None:
    """Returns the cancellation of the work that this thread does for a `Deadline`, if any."""
    return _CURRENT.get()


class _Feed(Generic[T]):
    """Hands items from one thread to another."""

    def __init__(self, start: Callable[[], Iterator[T]], cancellation: Cancellation) -> None:
        self._start = start
        self._queue: SimpleQueue[tuple[str, T | BaseException | None]] = SimpleQueue()
        self.cancellation = cancellation

    def run(self) -> None:
        _CURRENT.set(self.cancellation)
        try:
            for item in self._start():
                if self.cancellation.cancelled:
                    return
                self._queue.put(("item", item))
        except BaseException as error:  # noqa: BLE001  raised again where it is waited for
            self._queue.put(("error", error))
            return
        if self.cancellation.cancelled:
            # What was read may have been cut off for it.
            self._queue.put(("error", DeadlineError("The answer took too long")))
        else:
            self._queue.put(("end", None))

    def items(self, deadline: Deadline) -> Iterator[T]:
        while True:
            try:
                kind, value = self._queue.get(timeout=max(deadline.remaining, 0.001))
            except Empty:
                raise DeadlineError("The answer took too long") from None
            if kind == "end":
                return
            if isinstance(value, BaseException):
                raise value
            yield value  # type: ignore[misc]
