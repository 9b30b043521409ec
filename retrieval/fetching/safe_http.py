"""Gets files from the web: public addresses only, within limits of size, time and moves."""

import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from retrieval.domain.errors import LoadError
from retrieval.domain.single_line import single_line
from retrieval.fetching.web_addresses import WebAddress, read_address

if TYPE_CHECKING:
    import httpcore

    from retrieval.fetching.public_network import Allowance

Headers = Mapping[str, str]
_MOVED = (301, 302, 303, 307, 308)
_MAX_MOVES = 5
_OK, _NOT_MODIFIED = 200, 304
# All that comes before a body: status lines, headers, `103`s. Reading ahead takes 64 KiB of it.
_MAX_HEADER_BYTES, _MAX_HEADERS = 256 * 1024, 200
# What servers may learn that a page moves to. Anything else may be a secret.
_HARMLESS = frozenset({"accept", "if-none-match", "if-modified-since"})
_MAX_REASON = 150


class SlowServerError(LoadError):
    """A server did not send the whole of a file in time."""


@dataclass(frozen=True, slots=True)
class WebRules:
    """How large a file may be, how long it may take in all, which private hosts are allowed.

    `seconds` holds for one file from the look-up of its host to its last byte, moves included.
    With `only_https` every other address, and every move to one, is refused.
    """

    megabytes: int = 100
    seconds: float = 60.0
    private_hosts: frozenset[str] = frozenset()
    only_https: bool = False


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

    def get(
        self, url: str, headers: Headers | None = None, *, deadline: float | None = None
    ) -> Got | None:
        """Returns what is at `url`, or None where it has not been modified.

        `headers` go to the scheme, host and port of `url` alone, wherever that sends us, but
        for those that tell what we have. `deadline`, of the monotonic clock, shortens the time
        allowed. Raises `LoadError`, with a reason for a person, when the file cannot be had:
        `SlowServerError` when it was the time.
        """
        import httpcore

        from retrieval.fetching.public_network import Allowance, PublicNetwork

        ends = monotonic() + self._rules.seconds
        allowance = Allowance(ends if deadline is None else min(ends, deadline))
        network = PublicNetwork(self._rules.private_hosts, allowance)
        try:
            with httpcore.ConnectionPool(network_backend=network) as pool:
                return self._follow(pool, url, dict(headers or {}), allowance)
        except (httpcore.TimeoutException, TimeoutError):
            raise SlowServerError("takes too long to fetch; try again later") from None
        except MemoryError:
            raise LoadError("cannot be fetched: it is too large for the memory here") from None
        except httpcore.ProtocolError:
            raise LoadError("cannot be fetched: its server does not speak proper HTTP") from None
        except (httpcore.NetworkError, httpcore.UnsupportedProtocol, OSError, ValueError) as error:
            raise LoadError(f"cannot be fetched ({_reason(error)})") from None

    def _follow(
        self, pool: "httpcore.ConnectionPool", url: str, headers: dict[str, str],
        allowance: "Allowance",
    ) -> Got | None:  # fmt: skip
        place = self._allowed(url)
        for _ in range(_MAX_MOVES + 1):
            allowance.grant(_MAX_HEADER_BYTES)
            with pool.stream("GET", _as_httpcore(place), headers=_sent(headers, place)) as response:
                found = _headers_of(response)
                if response.status in _MOVED and found.get("location"):
                    before, place = place, self._allowed(_moved(place, found["location"]))
                    if place.origin != before.origin:
                        headers = {n: v for n, v in headers.items() if n.lower() in _HARMLESS}
                    continue
                if response.status == _NOT_MODIFIED:
                    return None
                if response.status != _OK:
                    raise LoadError(f"cannot be fetched: its server answers {response.status}")
                if found.get("content-encoding", "identity").strip().lower() != "identity":
                    raise LoadError("cannot be fetched: its server packs what it should not")
                return Got(str(place), found, self._body(response, allowance))
        raise LoadError(f"cannot be fetched: it moves more than {_MAX_MOVES} times")

    def _allowed(self, url: str) -> WebAddress:
        place = read_address(url)
        if self._rules.only_https and place.scheme != "https":
            raise LoadError("cannot be fetched: only addresses with https are allowed")
        return place

    def _body(self, response: "httpcore.Response", allowance: "Allowance") -> bytes:
        most = self._rules.megabytes * 1024 * 1024
        # In pieces of a few bytes each, a body takes about twice its size on the line.
        allowance.grant(2 * most + _MAX_HEADER_BYTES)
        body = bytearray()
        for part in response.iter_stream():
            body += part
            if len(body) > most:
                raise LoadError(f"has more than the {self._rules.megabytes} MB allowed")
            # Much may come of one reading; the time is looked at for each part all the same.
            allowance.seconds()
        return bytes(body)


def _as_httpcore(place: WebAddress) -> "httpcore.URL":
    import httpcore

    return httpcore.URL(scheme=place.scheme, host=place.host, port=place.port, target=place.target)


def _sent(headers: Headers, place: WebAddress) -> list[tuple[bytes, bytes]]:
    standing = {
        "Host": place.authority, "User-Agent": "Monazite", "Accept-Encoding": "identity",
        "Connection": "close",
    }  # fmt: skip
    both = (standing | dict(headers)).items()
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in both]


def _headers_of(response: "httpcore.Response") -> dict[str, str]:
    if len(response.headers) > _MAX_HEADERS:
        raise LoadError(f"cannot be fetched: its server sends more than {_MAX_HEADERS} headers")
    return {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers
    }


def _moved(place: WebAddress, location: str) -> str:
    """Where a server sends us; many write other scripts there as they are, in UTF-8."""
    with suppress(ValueError):
        location = location.encode("latin-1").decode("utf-8")
    try:
        return urljoin(str(place), location)
    except ValueError:
        raise LoadError("cannot be fetched: it moves to what is no address") from None


def _reason(error: Exception) -> str:
    """Why, in a few words; what the other side has sent is in some of them."""
    # httpcore wraps what the system raised, and drops it as the cause on its way out.
    cause = next((one for one in error.args if isinstance(one, Exception)), error)
    if isinstance(cause, socket.gaierror):
        return "its host is not known"
    if isinstance(cause, ssl.SSLCertVerificationError):
        return single_line(f"its certificate is not valid: {cause.verify_message}", _MAX_REASON)
    return single_line(str(error) or type(error).__name__, _MAX_REASON)
