"""A network that leads to public addresses alone, and that ends at a deadline."""

import ipaddress
import socket
import threading
from collections.abc import Collection, Iterable
from concurrent.futures import Future
from time import monotonic
from typing import Any

from httpcore import NetworkStream, SyncBackend

from retrieval.domain.errors import LoadError
from retrieval.fetching.web_addresses import host_in_ascii

# The longest that one step may take: looking up a host, connecting, reading once.
_STEP_SECONDS = 15.0
# What Python 3.11.7 takes for global, and is not, or is no host's own address.
_REFUSED_IPV4 = tuple(
    map(
        ipaddress.IPv4Network,
        (
            "192.0.0.0/24",  # IETF protocol assignments: RFC 6890
            "192.88.99.0/24",  # relays of 6to4, deprecated: RFC 7526
        ),
    )
)
# All global unicast addresses so far are in here: RFC 4291 and IANA's registry. Outside are
# NAT64 64:ff9b::/96 and 64:ff9b:1::/48, IPv4-mapped and IPv4-compatible, site-local, the rest.
_GLOBAL_IPV6 = ipaddress.IPv6Network("2000::/3")
_REFUSED_IPV6 = tuple(
    map(
        ipaddress.IPv6Network,
        (
            "2001::/23",  # IETF protocol assignments: RFC 2928; Teredo among them: RFC 4380
            "2001:db8::/32",  # documentation: RFC 3849
            "2002::/16",  # 6to4, which holds an IPv4 address: RFC 3056
            "3ffe::/16",  # 6bone, given back: RFC 3701
            "3fff::/20",  # documentation: RFC 9637
        ),
    )
)
# ISATAP, which holds an IPv4 address in its last 32 bits: RFC 5214, section 6.1.
_ISATAP = (0x00005EFE, 0x02005EFE)


def is_public(address: str) -> bool:
    """Says whether a numeric address is a global unicast one, and holds no other address in it."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if not ip.is_global or ip.is_multicast or ip.is_reserved:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return not any(ip in network for network in _REFUSED_IPV4)
    if ip.scope_id or ip not in _GLOBAL_IPV6 or (int(ip) >> 32) & 0xFFFFFFFF in _ISATAP:
        return False
    return not any(ip in network for network in _REFUSED_IPV6)


class Allowance:
    """How long, and how much, one fetch may still take from the network."""

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline
        self._bytes = 0

    def grant(self, size: int) -> None:
        """Lets `size` bytes be read from now on."""
        self._bytes = size

    def seconds(self) -> float:
        """Returns how long a step may take. Raises `TimeoutError` after the deadline."""
        left = self._deadline - monotonic()
        if left <= 0:
            raise TimeoutError
        return min(left, _STEP_SECONDS)

    def spend(self, size: int) -> None:
        """Counts what was read. Raises `LoadError` for more than was granted."""
        self._bytes -= size
        if self._bytes < 0:
            raise LoadError("cannot be fetched: its server sends more than it should")


class PublicNetwork(SyncBackend):
    """Connects to public addresses, and to the `private_hosts`, while `allowance` lasts."""

    def __init__(self, private_hosts: Collection[str], allowance: Allowance) -> None:
        self._private_hosts = frozenset(map(_comparable, private_hosts))
        self._allowance = allowance

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None,  # noqa: ARG002  the allowance counts
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> NetworkStream:  # fmt: skip
        """Connects to the very address that was examined: a name may mean another one later.

        Raises `LoadError` for a private address.
        """
        failure: Exception | None = None
        for address in self._examined(host, port):
            try:
                stream = super().connect_tcp(
                    address, port, self._allowance.seconds(), local_address, socket_options
                )
            except Exception as error:  # noqa: BLE001  the next address may answer
                failure = error
            else:
                return _BoundedStream(stream, self._allowance)
        raise failure or OSError("its host has no address")

    def _examined(self, host: str, port: int) -> list[str]:
        found = _looked_up(host, port, self._allowance.seconds())
        if _comparable(host) not in self._private_hosts:
            for address in found:
                if not is_public(address):
                    raise LoadError(
                        f"is at a private address ({address}); name the host in "
                        "MONAZITE_FETCH_PRIVATE_HOSTS to allow it"
                    )
        return found


class _BoundedStream(NetworkStream):
    """A connection whose every step ends in time, however little the other side sends in each."""

    def __init__(self, stream: NetworkStream, allowance: Allowance) -> None:
        self._stream = stream
        self._allowance = allowance

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        data = self._stream.read(max_bytes, self._allowance.seconds())
        self._allowance.spend(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._stream.write(buffer, self._allowance.seconds())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None  # noqa: ARG002
    ) -> NetworkStream:  # fmt: skip
        # Python counts the whole handshake against the time given, not each part of it.
        seconds = self._allowance.seconds()
        return _BoundedStream(
            self._stream.start_tls(ssl_context, server_hostname, seconds), self._allowance
        )

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _looked_up(host: str, port: int, seconds: float) -> list[str]:
    """The addresses of a host. The system's own look-up cannot be stopped: it is left behind."""
    found: Future[list[str]] = Future()

    def look() -> None:
        try:
            entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.set_result(list(dict.fromkeys(str(entry[4][0]) for entry in entries)))
        except Exception as error:  # noqa: BLE001  raised where it is waited for
            found.set_exception(error)

    threading.Thread(target=look, name="look-up", daemon=True).start()
    return found.result(seconds)


def _comparable(host: str) -> str:
    try:
        return host_in_ascii(host.strip("[]"))
    except ValueError:
        return host.lower()
