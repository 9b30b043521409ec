"""Log lines that strangers can cause: one a minute, with how many there were."""

import logging
import threading
from collections import Counter
from collections.abc import Callable
from time import monotonic

_SECONDS = 60.0
# Reasons and messages that are told apart; what comes beyond them is counted together.
_MOST_KINDS = 50


class ThrottledLog:
    """Writes `event` at most once a minute, with the counts by reason since the last time.

    Thread-safe. What was counted and not yet written comes with the next line.
    """

    def __init__(
        self, write: Callable[..., object], event: str, clock: Callable[[], float] = monotonic
    ) -> None:
        self._write = write
        self._event = event
        self._clock = clock
        self._counts: Counter[str] = Counter()
        self._next = float("-inf")
        self._lock = threading.Lock()

    def tell(self, reason: str) -> None:
        """Counts one, and writes the line where it is due."""
        with self._lock:
            known = reason in self._counts or len(self._counts) < _MOST_KINDS
            self._counts[reason if known else "other"] += 1
            if self._clock() < self._next:
                return
            self._next = self._clock() + _SECONDS
            counts, self._counts = dict(self._counts), Counter()
        self._write(self._event, counts=counts)


class OnceAMinute(logging.Filter):
    """Lets each message of a library through once a minute: strangers can cause some of them."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._next: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Says whether the record is written; what is not fixed text does not tell messages apart."""
        key, now = f"{record.levelno} {record.msg}"[:200], self._clock()
        if now < self._next.get(key, float("-inf")):
            return False
        if len(self._next) >= _MOST_KINDS:
            self._next.clear()
        self._next[key] = now + _SECONDS
        return True
