"""Deadlines: work that blocks is waited for only as long as there is time."""

import threading
from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Generic, TypeVar

T = TypeVar("T")


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

        Raises `DeadlineError` when time is up. The thread is left behind then, and ends
        with the next item or the time-out of whatever it waits for.
        """
        feed = _Feed(start)
        threading.Thread(target=feed.run, name="deadline", daemon=True).start()
        try:
            yield from feed.items(self)
        finally:
            feed.unwanted.set()


class _Feed(Generic[T]):
    """Hands items from one thread to another."""

    def __init__(self, start: Callable[[], Iterator[T]]) -> None:
        self._start = start
        self._queue: SimpleQueue[tuple[str, T | BaseException | None]] = SimpleQueue()
        self.unwanted = threading.Event()

    def run(self) -> None:
        try:
            for item in self._start():
                if self.unwanted.is_set():
                    return
                self._queue.put(("item", item))
            self._queue.put(("end", None))
        except BaseException as error:  # noqa: BLE001  raised again where it is waited for
            self._queue.put(("error", error))

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
