"""Ends a chat model's HTTP response when nobody waits for it any more, and bounds its size.

The clients of OpenAI, Anthropic and Ollama are httpx clients (of `httpx` or its successor
`httpx2`), shared between calls. Their event hooks, https://www.python-httpx.org/advanced/event-hooks/,
run on the thread that calls, where `current_cancellation()` says for whom.
"""

import socket
from collections.abc import Iterator
from functools import cache
from threading import Lock
from typing import Any

from bot.runtime.deadlines import Cancellation, DeadlineError, current_cancellation

# An answer is a few kilobytes; its events wrap each word of it in some hundred bytes.
MAX_RESPONSE_BYTES = 16 * 1024 * 1024
_GRACE = 1.0
# Where the libraries' models keep their clients.
_HOLDERS = ("root_client", "_client", "client")


class EndlessError(Exception):
    """The response is larger than any answer."""


def bound_connections(model: Any) -> None:
    """Makes the HTTP clients of `model` heed the deadline of the call that they are used for."""
    for client in _clients(model):
        hooks = client.event_hooks
        if _limit_request not in hooks["request"]:
            hooks["request"].append(_limit_request)
            hooks["response"].append(_limit_response)
            client.event_hooks = hooks


def _clients(model: Any) -> Iterator[Any]:
    holders = (getattr(model, name, None) for name in _HOLDERS)
    for holder in holders:
        for client in (holder, getattr(holder, "_client", None)):
            # An asynchronous client would have hooks of another kind, and is not used here.
            if hasattr(client, "event_hooks") and not hasattr(client, "aclose"):
                yield client


def _limit_request(request: Any) -> None:
    """Lets the request wait no longer than there is time."""
    call = current_cancellation()
    if call is None:
        return
    if call.cancelled:
        raise DeadlineError("There is no time left to ask")
    limits = dict(request.extensions.get("timeout") or {})
    # A little longer than the deadline, so that it is the deadline that is reported.
    most = call.remaining + _GRACE
    for step in ("connect", "read", "write", "pool"):
        limits[step] = min(limits.get(step) or most, most)
    request.extensions["timeout"] = limits


def _limit_response(response: Any) -> None:
    """Reads the response piece by piece only while it is wanted, and hangs up when it is not."""
    call = current_cancellation()
    if call is None:
        return
    base = next(kind for kind in type(response.stream).__mro__ if kind.__name__ == "SyncByteStream")
    stream = response.stream = _bounded_stream(base)(response.stream, call)
    connection = response.extensions.get("network_stream")
    line = connection.get_extra_info("socket") if connection is not None else None
    if isinstance(line, socket.socket):
        call.when_cancelled(lambda: stream.hang_up(line))


@cache
def _bounded_stream(base: type) -> type:
    """Returns a stream of the library that `base` is of, which ends with the call."""

    class BoundedStream(base):  # type: ignore[misc]
        def __init__(self, stream: Any, call: Cancellation) -> None:
            self._stream = stream
            self._call = call
            self._read = 0
            self._open = True
            self._lock = Lock()

        def __iter__(self) -> Iterator[bytes]:
            for piece in self._stream:
                self._read += len(piece)
                if self._call.cancelled:
                    # An end, not an error: generators that are being closed come by here too.
                    self.close()
                    return
                if self._read > MAX_RESPONSE_BYTES:
                    self.close()
                    raise EndlessError("the response is larger than any answer")
                yield piece

        def hang_up(self, line: socket.socket) -> None:
            # A connection that was given back may serve another call by now. Closing the
            # socket would not wake the thread that reads from it.
            with self._lock:
                if self._open:
                    line.shutdown(socket.SHUT_RDWR)

        def close(self) -> None:
            with self._lock:
                self._open = False
            self._stream.close()

    return BoundedStream
