"""Hostile addresses and servers: each fails alone, in time, with one line for a person."""

import re
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import httpcore
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from retrieval.domain.errors import LoadError
from retrieval.fetching.page_cache import Fetcher
from retrieval.fetching.public_network import is_public
from retrieval.fetching.safe_http import SlowServerError, Web, WebRules
from tests.attacks.fetching import Attack, Server, read_attacks, serving
from tests.slack.server import Serving

ATTACKS = read_attacks()
ADDRESSES = [attack for attack in ATTACKS if attack.server is None]
SERVERS = [attack for attack in ATTACKS if attack.server is not None]
LOCAL = frozenset({"127.0.0.1"})


def by_name(attacks: list[Attack]) -> list[object]:
    return [pytest.param(attack, id=attack.what) for attack in attacks]


@pytest.fixture(autouse=True)
def nothing_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers and this machine's own names alone: no test asks the network for a name."""
    real = socket.getaddrinfo

    def numeric(host: str, *given: object, **named: object) -> object:
        if host in ("localhost", "127.0.0.1"):
            return real(host, *given, **named)  # type: ignore[arg-type]
        return real(host, *given, **named | {"flags": socket.AI_NUMERICHOST})  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", numeric)


def refusal(get: Callable[[], object]) -> str:
    with pytest.raises(LoadError) as caught:
        get()
    told = str(caught.value)
    assert told.isprintable(), told
    assert len(told) < 300
    return told


@pytest.mark.parametrize("attack", by_name(ADDRESSES))
def test_an_odd_or_private_address_is_refused_with_a_reason(attack: Attack) -> None:
    assert re.search(attack.reason, refusal(lambda: Web(WebRules(1, 2.0)).get(attack.url)))


@pytest.mark.parametrize("attack", by_name(SERVERS))
def test_a_hostile_server_is_left_in_time_with_a_reason(attack: Attack, tmp_path: Path) -> None:
    assert attack.server
    began = monotonic()
    with serving(attack.server) as url:
        fetcher = Fetcher(tmp_path, Web(WebRules(1, 0.7, LOCAL)))
        assert re.search(attack.reason, refusal(lambda: fetcher.fetch(url)))
    assert monotonic() - began < 8


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "2a00:1450:4001::200e", "2001:4860::8888"]
)
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address", ["fe80::1%eth0", "2a00::1%eth0", "", "a.b", "8.8.8.8%x", "0x7f.1"]
)
def test_what_is_no_plain_number_of_the_internet_is_not_public(address: str) -> None:
    assert not is_public(address)


_PIECES = st.sampled_from(
    ["http", "https", ":", "//", "/", "\\", "@", "[", "]", "::1", "%", "%25", "..", "‥", "ß", "。",
     "127.0.0.1", "xn--", "#", "?", " ", "\t", "\r\n", "\0", "\ud800", "0", "65536", "①", "\u202e"]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(max_size=60), st.lists(_PIECES, max_size=14).map("".join)), st.booleans())
def test_no_address_whatever_raises_anything_but_a_reason(rest: str, whole: bool) -> None:
    refusal(lambda: Web(WebRules(1, 0.5)).get(rest if whole else f"http://{rest}"))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.one_of(_PIECES, st.text(max_size=20)), max_size=8).map("".join))
def test_no_move_whatever_raises_anything_but_a_reason(location: str) -> None:
    place = location.encode("utf-8", "surrogatepass").replace(b"\n", b"").replace(b"\r", b"")
    head = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + place + b"\r\n\r\n"
    with serving(Server((head,), b"", 0, False)) as url:
        refusal(lambda: Web(WebRules(1, 1.0, LOCAL)).get(url))


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=200), st.booleans())
def test_no_answer_whatever_raises_anything_but_a_reason(noise: bytes, headed: bool) -> None:
    start = b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n" if headed else b""
    with serving(Server((start + noise,), b"", 0, False)) as url:
        refusal(lambda: Web(WebRules(1, 1.0, LOCAL)).get(url))


def test_a_look_up_that_hangs_ends_with_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: released.wait(20))
    began = monotonic()
    assert "takes too long" in refusal(lambda: Web(WebRules(1, 0.5)).get("http://a.example/"))
    assert monotonic() - began < 5
    released.set()


def test_a_name_is_looked_up_once_and_every_answer_must_be_public(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    answers = [["8.8.8.8", "10.0.0.1"], ["64:ff9b::a9fe:a9fe"], ["fe80::1%eth0"]]

    def answer(host: str, *_: object, **__: object) -> list[object]:
        asked.append(host)
        return [(0, 0, 0, "", (one, 80)) for one in answers[len(asked) - 1]]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    for count in range(1, 4):
        assert "private address" in refusal(lambda: Web(WebRules(1, 1.0)).get("http://a.example/"))
        assert len(asked) == count


def test_the_next_address_of_a_host_is_tried_where_one_does_not_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried: list[str] = []

    def connect(address: tuple[str, int], *_: object, **__: object) -> socket.socket:
        tried.append(address[0])
        raise ConnectionRefusedError("refused")

    found = [(0, 0, 0, "", (one, 80)) for one in ("2606:4700::1111", "1.1.1.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    monkeypatch.setattr(socket, "create_connection", connect)
    assert "refused" in refusal(lambda: Web(WebRules(1, 1.0)).get("http://a.example/"))
    assert tried == ["2606:4700::1111", "1.1.1.1"]


class Moving:
    """Moves whoever asks for `/moved`; remembers the headers it was asked with."""

    def __init__(self) -> None:
        self.target = ""
        self.heard: list[dict[str, str]] = []

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/{path:path}", self.answer)])

    async def answer(self, request: Request) -> Response:
        self.heard.append(dict(request.headers))
        moves = request.url.path == "/moved"
        return RedirectResponse(self.target) if moves else PlainTextResponse("text")


@pytest.mark.parametrize("secret", ["Authorization", "authorization", "Cookie", "X-Api-Key"])
def test_secrets_go_to_one_scheme_host_and_port_alone_and_never_come_back(secret: str) -> None:
    first, second = Moving(), Moving()
    with Serving(first.app()) as one, Serving(second.app()) as other:
        web = Web(WebRules(1, 5.0, frozenset({"127.0.0.1", "localhost"})))
        home = f"http://127.0.0.1:{one.port}"
        given = {secret: "of ours", "If-None-Match": '"x"'}
        for target, told in (
            (f"{home}/there", True),
            (f"http://localhost:{one.port}/there", False),
            (f"http://127.0.0.1:{other.port}/there", False),
            (f"http://127.0.0.1:{other.port}/moved", False),
        ):
            first.target, second.target = target, f"{home}/there"
            first.heard.clear()
            second.heard.clear()
            assert web.get(f"{home}/moved", given)
            later = [*first.heard[1:], *second.heard]
            assert [secret.lower() in heard for heard in later] == [told] * len(later)
            assert first.heard[0][secret.lower()] == "of ours"
            assert all(heard["if-none-match"] == '"x"' for heard in later)


def test_where_only_https_is_allowed_nothing_else_is_asked_nor_moved_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    web = Web(WebRules(1, 1.0, only_https=True))
    assert "only addresses with https" in refusal(lambda: web.get("http://8.8.8.8/"))
    moved = b"HTTP/1.1 302 Found\r\nLocation: http://8.8.8.8/\r\nContent-Length: 0\r\n\r\n"
    monkeypatch.setattr(
        "retrieval.fetching.public_network.PublicNetwork", lambda *_: httpcore.MockBackend([moved])
    )
    assert "only addresses with https" in refusal(lambda: web.get("https://8.8.8.8/"))


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A certificate of this machine's own, which the environment says to trust."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes a certificate with openssl")
def test_over_tls_the_same_holds(tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    web = Web(WebRules(1, 1.0, LOCAL, only_https=True))
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
    with serving(Server((head + b"\r\n",), b"x", 0.05, False), tls) as url:
        assert "takes too long" in refusal(lambda: web.get(url))
    with serving(Server((head,), b"X-A: b\r\n", 0.05, False), tls) as url:
        assert "takes too long" in refusal(lambda: web.get(url))
    moving = Moving()
    with Serving(moving.app()) as plain:
        there = f"Location: http://127.0.0.1:{plain.port}/\r\nContent-Length: 0\r\n\r\n".encode()
        with serving(Server((b"HTTP/1.1 302 Found\r\n" + there,), b"", 0, False), tls) as url:
            assert "only addresses with https" in refusal(
                lambda: web.get(url, {"Authorization": "x"})
            )
            assert Web(WebRules(1, 5.0, LOCAL)).get(url, {"Authorization": "x"})
    assert ["authorization" in heard for heard in moving.heard] == [False]
    with serving(Server((head + b"\r\ntext",), b"", 0, False), tls) as url:
        got = web.get(url)
        assert got
        assert got.body == b"text"
        monkeypatch.delenv("SSL_CERT_FILE")
        assert "its certificate is not valid" in refusal(lambda: web.get(url))


def test_a_version_that_cannot_be_sent_back_is_not_kept(tmp_path: Path) -> None:
    head = (
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nETag: \xe9\x80\r\nLast-Modified:  \r\n\r\n"
    )
    fetcher = Fetcher(tmp_path, Web(WebRules(1, 2.0, LOCAL)))
    with serving(Server((f"{head}text".encode("latin-1"),), b"", 0, False)) as url:
        for _ in range(2):
            assert fetcher.fetch(url).read_bytes() == b"text"


def test_a_note_that_names_a_file_elsewhere_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    fetcher = Fetcher(tmp_path / "fetched", Web(WebRules(1, 2.0, LOCAL)))
    with serving(
        Server((b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\ntext",), b"", 0, False)
    ) as url:
        fetcher.fetch(url)
        (note,) = (tmp_path / "fetched").glob("*.json")
        for file in ('"../secret.txt"', '"/etc/hostname"', "[]", "null", '".."'):
            note.write_text(f'{{"file": {file}}}')
            assert fetcher.copy_of(url) is None


def test_the_deadline_of_a_run_shortens_that_of_a_page() -> None:
    with serving(Server((), b"", 0, False)) as url, pytest.raises(SlowServerError):
        Web(WebRules(1, 60.0, LOCAL)).get(url, deadline=monotonic() + 0.3)
