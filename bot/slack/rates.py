"""How many questions a person or a channel may ask in a minute."""

import threading
from collections import defaultdict, deque
from collections.abc import Callable
from math import ceil
from time import monotonic

_WINDOW_SECONDS = 60.0


class RateLimit:
    """Lets `limit` questions a minute through for each key; 0 lets all through. Thread-safe."""

    def __init__(self, limit: int, clock: Callable[[], float] = monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._asked: dict[str, deque[float]] = defaultdict(deque)
        self._lock = threading.Lock()

    def wait(self, key: str) -> int:
        """Counts a question and returns 0, or returns in how many seconds to ask again."""
        if not self._limit:
            return 0
        with self._lock:
            now = self._clock()
            self._forget(now)
            times = self._asked[key]
            if len(times) >= self._limit:
                return max(1, ceil(times[0] + _WINDOW_SECONDS - now))
            times.append(now)
            return 0

    def _forget(self, now: float) -> None:
        for key in list(self._asked):
            times = self._asked[key]
            while times and times[0] <= now - _WINDOW_SECONDS:
                times.popleft()
            if not times:
                del self._asked[key]
