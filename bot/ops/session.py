"""Who is an operator: those with the token, held back when they guess, known by a signed cookie."""

import hashlib
import hmac
import ipaddress
import secrets
import threading
from collections import defaultdict, deque
from collections.abc import Callable
from time import monotonic
from typing import Protocol

from itsdangerous import BadSignature, URLSafeTimedSerializer

COOKIE = "monazite_operator"
SECONDS_VALID = 8 * 3600
_FAILURES, _PER_SECONDS = 5, 60.0
# Addresses that have failed are forgotten beyond so many, the oldest first.
_MOST_ADDRESSES = 10_000


class EndedSessions(Protocol):
    """Remembers for eight hours at least which sessions were ended, by their ids."""

    def add(self, session: str, /) -> None:
        """Remembers that a session was ended."""

    def __contains__(self, session: str, /) -> bool:
        """Says whether a session was ended."""


class Sessions:
    """Checks the token and hands out cookies; a new token ends every session.

    What `ended` holds is over, also where the cookie was copied. Without it, this process
    remembers by itself.
    """

    def __init__(self, token: str, ended: EndedSessions | None = None) -> None:
        self._digest = hashlib.sha256(token.encode()).digest()
        key = hmac.digest(token.encode(), b"monazite operators' cookies", "sha256")
        self._signer = URLSafeTimedSerializer(key, salt="session")
        self._ended: EndedSessions = set[str]() if ended is None else ended

    def admits(self, token: str) -> bool:
        """Says whether this is the token, in a time that tells nothing of how much is right."""
        return hmac.compare_digest(hashlib.sha256(token.encode()).digest(), self._digest)

    def open(self) -> str:
        """Returns the value of a cookie that is valid for eight hours."""
        return self._signer.dumps({"operator": secrets.token_hex(16)})

    def knows(self, cookie: str | None) -> bool:
        """Says whether a cookie is one of ours, not too old, and its session not ended."""
        session = self._session_of(cookie)
        return session is not None and session not in self._ended

    def end(self, cookie: str | None) -> None:
        """Ends a cookie's session, wherever the cookie is."""
        session = self._session_of(cookie)
        if session is not None:
            self._ended.add(session)

    def _session_of(self, cookie: str | None) -> str | None:
        if not cookie:
            return None
        try:
            found = self._signer.loads(cookie, max_age=SECONDS_VALID)
        except BadSignature:
            return None
        session = found.get("operator") if isinstance(found, dict) else None
        return session if isinstance(session, str) else None


class Throttle:
    """Holds back whoever has failed five times within a minute. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._failures: defaultdict[str, deque[float]] = defaultdict(deque)
        self._lock = threading.Lock()

    def admits(self, address: str) -> bool:
        """Counts a try from `address`, or says that it has to wait.

        It counts as a failure before anybody knows: of many tries at once, five get through.
        """
        key = _network_of(address)
        with self._lock:
            recent = self._recent(key)
            if len(recent) >= _FAILURES:
                return False
            recent.append(self._clock())
            self._failures[key] = recent
            if len(self._failures) > _MOST_ADDRESSES:
                del self._failures[next(iter(self._failures))]
            return True

    def succeeded(self, address: str) -> None:
        """Takes back the last try: it was none of guessing."""
        key = _network_of(address)
        with self._lock:
            recent = self._recent(key)
            if recent:
                recent.pop()
            if not recent:
                self._failures.pop(key, None)

    def _recent(self, address: str) -> deque[float]:
        failures = self._failures.pop(address, deque())
        while failures and failures[0] < self._clock() - _PER_SECONDS:
            failures.popleft()
        if failures:
            self._failures[address] = failures
        return failures


def _network_of(address: str) -> str:
    """Returns what one guesser has: an address, or the 64 bits of IPv6 that a line is given."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:100]
    if isinstance(found, ipaddress.IPv6Address):
        return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False))
    return str(found)
