"""The HTTP server of both ports: uvicorn, with times for requests and a limit of connections."""

import asyncio
import logging
import resource
import socket
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, cast

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.telemetry.logs import log_of
from bot.telemetry.throttled_log import OnceAMinute, ThrottledLog
from retrieval.domain.errors import ConfigurationError

_log = log_of(__name__)

# A request's first line and headers; then its body, from the end of its headers.
_HEADER_SECONDS, _BODY_SECONDS = 5.0, 10.0
# A response that nobody takes.
_WRITE_SECONDS = 10.0
# Connections that are accepted in one go, before there is a look at how many there are.
_BACKLOG = 200
# Of the files that the process may open, what Slack's port and the operators' port take at most.
SLACK_SHARE, OPERATORS_SHARE = 3, 16
_FEWEST, _MOST = 16, 1000
_FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain\r\ncontent-length: 5\r\n"
    b"connection: close\r\n\r\nfull\n"
)


def make_server(
    app: Callable[..., Any], host: str, port: int, share: int, proxies: Sequence[str] = ()
) -> uvicorn.Server:
    """Returns a server that a few thousand slow or silent clients cannot fill.

    It holds as many connections as one in `share` of the files that the process may open.
    Forwarded headers are believed from `proxies`, addresses or networks, and from nobody else.
    What strangers can make uvicorn say is logged once a minute.
    """
    for name in ("uvicorn.error", "asyncio"):
        logger = logging.getLogger(name)
        if not any(isinstance(one, OnceAMinute) for one in logger.filters):
            logger.addFilter(OnceAMinute())
    limit = connection_limit(share)
    protocol = cast("type[asyncio.Protocol]", partial(_TimedProtocol, room=Room(limit)))
    config = uvicorn.Config(
        app, host=host, port=port, http=protocol, ws="none", loop="asyncio", lifespan="off",
        log_config=None, access_log=False, server_header=False, backlog=min(_BACKLOG, limit),
        proxy_headers=bool(proxies), forwarded_allow_ips=list(proxies),
    )  # fmt: skip
    return uvicorn.Server(config)


def bind(server: uvicorn.Server, advice: str) -> socket.socket:
    """Returns the server's socket, bound; `advice` names what sets its host and port.

    Raises `ConfigurationError` when the port cannot be listened on.
    """
    host, port = server.config.host, server.config.port
    try:
        return server.config.bind_socket()
    except (SystemExit, OSError):
        raise ConfigurationError(
            f"Port {port} of {host} cannot be listened on; check {advice}"
        ) from None


def connection_limit(share: int) -> int:
    """Returns how many connections a port may hold: one in `share` of the files we may open."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return _MOST
    return max(_FEWEST, min(_MOST, soft // share))


class Room:
    """The connections of a port: beyond `limit`, the one that has kept us waiting longest goes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._busy: set[_TimedProtocol] = set()
        # Those whose request is not there yet, oldest first.
        self._waiting: OrderedDict[_TimedProtocol, None] = OrderedDict()
        self._cuts = ThrottledLog(_log.warning, "connections cut")

    def note(self, reason: str) -> None:
        """Counts a connection that was cut or refused; the log hears of it once a minute."""
        self._cuts.tell(reason)

    def enter(self, connection: "_TimedProtocol") -> bool:
        """Makes room for a connection; False where all are being answered."""
        if len(self._busy) + len(self._waiting) >= self._limit:
            if not self._waiting:
                self.note("refused: all are being answered")
                return False
            oldest, _ = self._waiting.popitem(last=False)
            oldest.cut("made room for a newer one")
        self._waiting[connection] = None
        return True

    def wait(self, connection: "_TimedProtocol") -> None:
        """A connection was answered, and may ask again."""
        self._busy.discard(connection)
        self._waiting[connection] = None
        self._waiting.move_to_end(connection)

    def work(self, connection: "_TimedProtocol") -> None:
        """A connection has sent a whole request."""
        if self._waiting.pop(connection, self) is None:
            self._busy.add(connection)

    def leave(self, connection: "_TimedProtocol") -> None:
        """A connection is gone."""
        self._waiting.pop(connection, None)
        self._busy.discard(connection)


class _TimedProtocol(H11Protocol):
    """uvicorn's protocol over h11, which bounds headers at 16 kB, with times for each request."""

    def __init__(self, *args: Any, room: Room, **options: Any) -> None:
        super().__init__(*args, **options)
        self._room = room
        self._timer: asyncio.TimerHandle | None = None
        self._seen: object = None
        self._is_refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Takes a connection, or says that there is no room."""
        if not self._room.enter(self):
            self._is_refused = True
            transport.write(_FULL)
            transport.close()
            return
        super().connection_made(transport)
        self._seen = self._state()
        self._set_timer(_HEADER_SECONDS, "no request in time")

    def connection_lost(self, exc: Exception | None) -> None:
        """Forgets a connection."""
        self._stop_timer()
        self._room.leave(self)
        if not self._is_refused:
            super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Takes what has come, and sees how far the request has got."""
        if self._is_refused:
            return
        if self._timer is None and self.conn.their_state is h11.IDLE:
            self._set_timer(_HEADER_SECONDS, "no headers in time")
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        """Goes on with the next request, if there is one."""
        super().on_response_complete()
        if not self.transport.is_closing():
            self._look()
        if self.transport.get_write_buffer_size():
            self._set_timer(_WRITE_SECONDS, "response not taken")

    def pause_writing(self) -> None:
        """The client does not take what is sent to it: it has a while left."""
        super().pause_writing()
        self._set_timer(_WRITE_SECONDS, "response not taken")

    def resume_writing(self) -> None:
        """The client takes it after all."""
        super().resume_writing()
        self._stop_timer()
        self._seen = None
        self._look()

    def cut(self, reason: str) -> None:
        """Ends the connection at once, whatever has come of the request."""
        self._room.note(reason)
        self.transport.abort()

    def _state(self) -> object:
        return self.conn.their_state, id(self.cycle)

    def _look(self) -> None:
        """Sets the time for what is awaited; each part of a request gets its own only once."""
        if self._state() == self._seen:
            return
        self._seen = self._state()
        self._stop_timer()
        if self.conn.their_state is h11.SEND_BODY:
            self._set_timer(_BODY_SECONDS, "no body in time")
        elif self.conn.their_state is h11.IDLE:
            # uvicorn closes what stays idle.
            self._room.wait(self)
        else:
            self._room.work(self)

    def _set_timer(self, seconds: float, reason: str) -> None:
        self._stop_timer()
        self._timer = self.loop.call_later(seconds, self.cut, reason)

    def _stop_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = None
