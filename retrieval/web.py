"""Gets files from the web: public addresses only, within limits of size, time and moves."""

import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from retrieval.errors import LoadError

if TYPE_CHECKING:
    import httpcore

Headers = Mapping[str, str]
_MOVED = (301, 302, 303, 307, 308)
_MAX_MOVES = 5
_WAIT_SECONDS = 15.0
_KEPT = "/?:@!$&'()*+,;=%~"
_OK, _NOT_MODIFIED = 200, 304


@dataclass(frozen=True, slots=True)
class WebRules:
    """How large a file may be, how long it may take, and which private hosts are allowed."""

    megabytes: int = 100
    seconds: float = 60.0
    private_hosts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Got:
    """What a server sent: its headers by small-letter names, and from which address."""

    url: str
    headers: Headers
    body: bytes


class Web:
    """Gets files. A list of addresses is no way into a private network."""

    def __init__(self, rules: WebRules) -> None:
        self._rules = rules

    def get(self, url: str, headers: Headers | None = None) -> Got | None:
        """Returns what is at `url`, or None where it has not been modified.

        An `Authorization` in `headers` goes to the host of `url` alone, wherever that sends
        us. Raises `LoadError`, with a reason for a person, when the file cannot be had.
        """
        import httpcore

        try:
            with httpcore.ConnectionPool(network_backend=_guarded(self._rules)) as pool:
                return self._follow(pool, url, dict(headers or {}))
        except (httpcore.TimeoutException, TimeoutError):
            raise LoadError("takes too long to fetch; try again later") from None
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            raise LoadError(f"cannot be fetched ({error or type(error).__name__})") from None

    def _follow(
        self, pool: "httpcore.ConnectionPool", url: str, headers: dict[str, str]
    ) -> Got | None:
        deadline = monotonic() + self._rules.seconds
        place, host = url, ""
        for _ in range(_MAX_MOVES + 1):
            _check_address(place)
            place = _in_ascii(place)
            if host and urlsplit(place).netloc != host:
                headers.pop("Authorization", None)
            host = urlsplit(place).netloc
            with pool.stream(
                "GET", place, headers=_with_standing(headers, host),
                extensions={"timeout": dict.fromkeys(("connect", "read", "write", "pool"), _WAIT_SECONDS)},
            ) as response:  # fmt: skip
                found = {
                    name.decode("latin-1").lower(): value.decode("latin-1")
                    for name, value in response.headers
                }
                if response.status in _MOVED and found.get("location"):
                    place = urljoin(place, found["location"])
                    continue
                if response.status == _NOT_MODIFIED:
                    return None
                if response.status != _OK:
                    raise LoadError(f"cannot be fetched: its server answers {response.status}")
                if found.get("content-encoding", "identity") != "identity":
                    raise LoadError("cannot be fetched: its server packs what it should not")
                return Got(place, found, self._body(response, deadline))
        raise LoadError(f"cannot be fetched: it moves more than {_MAX_MOVES} times")

    def _body(self, response: "httpcore.Response", deadline: float) -> bytes:
        parts, size, most = [], 0, self._rules.megabytes * 1024 * 1024
        for part in response.iter_stream():
            size += len(part)
            if size > most:
                raise LoadError(f"has more than the {self._rules.megabytes} MB allowed")
            if monotonic() > deadline:
                raise TimeoutError
            parts.append(part)
        return b"".join(parts)


def _with_standing(headers: Headers, host: str) -> "dict[bytes | str, bytes | str]":
    standing = {"Host": host, "User-Agent": "Monazite", "Accept-Encoding": "identity"}
    return dict((standing | dict(headers)).items())


def _check_address(url: str) -> None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        parts.netloc.encode("idna")
    except ValueError:
        usable = False
    if not usable:
        raise LoadError("cannot be fetched: it is no address of a web page")
    if parts.username or parts.password:
        raise LoadError("cannot be fetched: a name and password do not belong in an address")


def _in_ascii(url: str) -> str:
    """An address as it goes over the line: people write spaces, umlauts and other scripts in it."""
    parts = urlsplit(url)
    host = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode()
    path, query = quote(parts.path, safe=_KEPT), quote(parts.query, safe=_KEPT)
    return urlunsplit((parts.scheme, host, path or "/", query, ""))


def _guarded(rules: WebRules) -> Any:
    """A network that leads to public addresses, and to those private hosts that are allowed."""
    import httpcore

    class Guarded(httpcore.SyncBackend):
        def connect_tcp(self, host: str, port: int, *given: Any, **named: Any) -> Any:
            # Connected to the very address that was examined: a name may mean another one later.
            return super().connect_tcp(_examined(host, port, rules), port, *given, **named)

    return Guarded()


def _examined(host: str, port: int, rules: WebRules) -> str:
    found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if host.lower() not in rules.private_hosts:
        for address in found:
            ip = ipaddress.ip_address(address.partition("%")[0])
            if not (getattr(ip, "ipv4_mapped", None) or ip).is_global or ip.is_multicast:
                raise LoadError(
                    f"is at a private address ({address}); name the host in "
                    "MONAZITE_FETCH_PRIVATE_HOSTS to allow it"
                )
    return found[0]
