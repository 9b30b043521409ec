"""Addresses of web pages, as people write them and as they go over the line."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urlsplit

from retrieval.domain.errors import LoadError

_PORTS = {"http": 80, "https": 443}
_KEPT = "/?:@!$&'()*+,;=%~"
_MAX_CHARS = 8000
# RFC 1035, section 2.3.4; an underscore is no letter of a host's name, but found in some.
_MAX_HOST_CHARS = 253
_LABEL = re.compile(r"[a-z0-9_-]{1,63}")


@dataclass(frozen=True, slots=True)
class WebAddress:
    """An address of a page; `host` is in ASCII and small letters, an IPv6 one without brackets."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def origin(self) -> tuple[str, str, int]:
        """Returns what a secret may be sent to: scheme, host and port."""
        return self.scheme, self.host, self.port

    @property
    def authority(self) -> str:
        """Returns the value of the header `Host`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"


def read_address(url: str) -> WebAddress:
    """Reads an address. Raises `LoadError` for one that is no address of a web page."""
    if len(url) > _MAX_CHARS:
        raise LoadError(f"cannot be fetched: its address has more than {_MAX_CHARS:,} characters")
    try:
        parts = urlsplit(url)
        if "@" in parts.netloc:
            raise LoadError("cannot be fetched: a name and password do not belong in an address")
        return _understood(parts)
    except (ValueError, RecursionError):
        raise LoadError("cannot be fetched: it is no address of a web page") from None


def host_in_ascii(host: str) -> str:
    """Returns a host's name or address as it is looked up. Raises `ValueError`, for zones too."""
    if "%" in host:
        raise ValueError(host)
    if ":" in host:
        return str(ipaddress.IPv6Address(host))
    name = host.encode("idna").decode("ascii").lower().removesuffix(".")
    if len(name) > _MAX_HOST_CHARS or not all(map(_LABEL.fullmatch, name.split("."))):
        raise ValueError(host)
    return name


def _understood(parts: SplitResult) -> WebAddress:
    port = parts.port
    if parts.scheme not in _PORTS or not parts.hostname or port == 0:
        raise ValueError(parts.scheme)
    path, query = quote(parts.path, safe=_KEPT) or "/", quote(parts.query, safe=_KEPT)
    return WebAddress(
        parts.scheme, host_in_ascii(parts.hostname), port or _PORTS[parts.scheme],
        f"{path}?{query}" if query else path,
    )  # fmt: skip
