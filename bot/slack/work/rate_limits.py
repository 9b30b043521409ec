"""How many questions a person or a channel may ask in a minute."""

import logging
import threading
from collections.abc import Callable
from math import ceil
from time import monotonic
from typing import Protocol

_log = logging.getLogger(__name__)
_WINDOW_SECONDS = 60.0


class Windows(Protocol):
    """Counts keys in windows of time."""

    def count(self, key: str, seconds: float) -> tuple[int, float]:
        """Counts `key` once; returns its count in this window, and in how many seconds that ends."""


class OwnWindows:
    """Counts for this process alone. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._open: dict[str, tuple[float, int]] = {}
        self._lock = threading.Lock()

    def count(self, key: str, seconds: float) -> tuple[int, float]:
        """Counts `key` once; returns its count in this window, and in how many seconds that ends."""
        with self._lock:
            now = self._clock()
            self._open = {
                one: (began, asked) for one, (began, asked) in self._open.items()
                if began > now - seconds
            }  # fmt: skip
            began, asked = self._open.get(key, (now, 0))
            self._open[key] = began, asked + 1
            return asked + 1, began + seconds - now


class RateLimit:
    """Lets `limit` questions a minute through for each key; 0 lets all through. Thread-safe.

    A minute begins with a key's first question. `shared` counts for all processes; while it
    fails, this process counts alone, so that the limit becomes wider but does not go away.
    """

    def __init__(
        self, limit: int, clock: Callable[[], float] = monotonic, shared: Windows | None = None
    ) -> None:
        self._limit = limit
        self._own = OwnWindows(clock)
        self._shared = shared

    def wait(self, key: str) -> int:
        """Counts a question and returns 0, or returns in how many seconds to ask again."""
        if not self._limit:
            return 0
        asked, seconds = self._count(key)
        return 0 if asked <= self._limit else max(1, ceil(seconds))

    def _count(self, key: str) -> tuple[int, float]:
        if self._shared:
            try:
                return self._shared.count(key, _WINDOW_SECONDS)
            except Exception as error:  # noqa: BLE001  any failure of the database
                _log.warning("Questions are counted here alone: %s", type(error).__name__)
        return self._own.count(key, _WINDOW_SECONDS)
