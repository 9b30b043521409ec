"""Slack's signature of a request over HTTP, proved on the bytes as they came.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import hashlib
import hmac
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from retrieval.domain.errors import ConfigurationError

# Slack's own advice: what is older may be a replay.
_MAX_AGE_SECONDS = 300
_TIMESTAMP = re.compile(rb"[0-9]{1,12}")
_SIGNATURE = re.compile(rb"v0=[0-9a-f]{64}")

Headers = Sequence[tuple[bytes, bytes]]


class UnsignedError(Exception):
    """A request cannot be Slack's; the message names the reason in a word or two."""


@dataclass(frozen=True, slots=True)
class ClaimedSignature:
    """What a request's headers claim, well formed and of the last minutes, not yet proved."""

    timestamp: bytes
    signature: bytes


class SigningSecret:
    """Proves signatures. Raises `ConfigurationError` when there is no secret to prove them with."""

    def __init__(self, secret: str, clock: Callable[[], float] = time.time) -> None:
        if not secret.strip():
            raise ConfigurationError(
                "SLACK_SIGNING_SECRET is not set; copy it from your app's page at api.slack.com"
            )
        self._key = secret.encode()
        self._clock = clock

    def read(self, headers: Headers) -> ClaimedSignature:
        """Returns what `headers` (names in small letters) claim. Raises `UnsignedError`."""
        timestamp = _only(headers, b"x-slack-request-timestamp")
        signature = _only(headers, b"x-slack-signature")
        if not _TIMESTAMP.fullmatch(timestamp):
            raise UnsignedError("malformed timestamp")
        if abs(self._clock() - int(timestamp)) > _MAX_AGE_SECONDS:
            raise UnsignedError("stale timestamp")
        if not _SIGNATURE.fullmatch(signature):
            raise UnsignedError("malformed signature")
        return ClaimedSignature(timestamp, signature)

    def prove(self, claimed: ClaimedSignature, body: bytes) -> None:
        """Raises `UnsignedError` unless the body was signed with the secret, at that time."""
        signed = b"v0:" + claimed.timestamp + b":" + body
        expected = b"v0=" + hmac.new(self._key, signed, hashlib.sha256).hexdigest().encode()
        if not hmac.compare_digest(expected, claimed.signature):
            raise UnsignedError("wrong signature")


def _only(headers: Headers, name: bytes) -> bytes:
    """Returns the one value of a header: of two, nobody could say which one was meant."""
    values = [value for key, value in headers if key == name]
    if len(values) != 1:
        raise UnsignedError("no signature" if not values else "two signatures")
    return values[0]
