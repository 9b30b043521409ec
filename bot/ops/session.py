"""Who is an operator: those with the token, held back when they guess, known by a signed cookie."""

import hashlib
import hmac
import threading
from collections import defaultdict, deque
from collections.abc import Callable
from time import monotonic

from itsdangerous import BadSignature, URLSafeTimedSerializer

COOKIE = "monazite_operator"
SECONDS_VALID = 8 * 3600
_FAILURES, _PER_SECONDS = 5, 60.0
# Addresses that have failed are forgotten beyond so many, the oldest first.
_MOST_ADDRESSES = 10_000


class Sessions:
    """Checks the token and hands out cookies; a new token ends every session."""

    def __init__(self, token: str) -> None:
        self._digest = hashlib.sha256(token.encode()).digest()
        key = hmac.digest(token.encode(), b"monazite operators' cookies", "sha256")
        self._signer = URLSafeTimedSerializer(key, salt="session")

    def admits(self, token: str) -> bool:
        """Says whether this is the token, in a time that tells nothing of how much is right."""
        return hmac.compare_digest(hashlib.sha256(token.encode()).digest(), self._digest)

    def open(self) -> str:
        """Returns the value of a cookie that is valid for eight hours."""
        return self._signer.dumps("operator")

    def knows(self, cookie: str | None) -> bool:
        """Says whether a cookie is one of ours and not too old."""
        if not cookie:
            return False
        try:
            return bool(self._signer.loads(cookie, max_age=SECONDS_VALID) == "operator")
        except BadSignature:
            return False


class Throttle:
    """Holds back whoever has failed five times within a minute. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._failures: defaultdict[str, deque[float]] = defaultdict(deque)
        self._lock = threading.Lock()

    def holds(self, address: str) -> bool:
        """Says whether `address` has to wait."""
        with self._lock:
            return len(self._recent(address)) >= _FAILURES

    def failed(self, address: str) -> None:
        """Remembers a failure."""
        with self._lock:
            recent = self._recent(address)
            recent.append(self._clock())
            self._failures[address] = recent
            if len(self._failures) > _MOST_ADDRESSES:
                del self._failures[next(iter(self._failures))]

    def _recent(self, address: str) -> deque[float]:
        failures = self._failures.pop(address, deque())
        while failures and failures[0] < self._clock() - _PER_SECONDS:
            failures.popleft()
        if failures:
            self._failures[address] = failures
        return failures
