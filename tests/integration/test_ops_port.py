"""The operators' port over sockets: slow clients, forwarded headers, sessions that outlive a process."""

import http.client
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.conversations.idempotency_keys import IdempotencyKeys
from bot.ops.health import Health
from bot.ops.http_server import bind, make_server
from bot.ops.login import Login
from bot.ops.protected_pages import ProtectedPages, _Ended
from bot.ops.rendering import Renderer
from bot.ops.server import make_ops
from bot.ops.session import COOKIE, Sessions, Throttle
from bot.telemetry.metrics import Metrics
from retrieval.database.engine import open_database
from tests.servers import free_port
from tests.slack.server import wait_for
from tests.unit.bot.ops.test_session import TOKEN, NoPages


@contextmanager
def operated(sessions: Sessions, proxies: Sequence[str] = (), share: int = 20) -> Iterator[int]:
    """The port of a running server."""
    login = Login(sessions, Throttle(), Renderer())
    app = make_ops(Metrics(), Health({}), ProtectedPages(NoPages(), login, sessions))
    server = make_server(app, "127.0.0.1", free_port(), share, proxies)
    listening = bind(server, "the port")
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    wait_for(lambda: server.started)
    yield listening.getsockname()[1]
    server.should_exit = True
    thread.join(10)


def ask(
    port: int, method: str, path: str, body: str = "", **headers: str
) -> http.client.HTTPResponse:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    form = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    line.request(method, path, body or None, form | named)
    answer = line.getresponse()
    answer.read()
    return answer


def guess(port: int, **headers: str) -> int:
    return ask(port, "POST", "/login", "token=wrong", **headers).status


def test_slow_clients_shut_nobody_out() -> None:
    with operated(Sessions(TOKEN), share=10_000_000) as port:
        lines = []
        for _ in range(200):
            line = socket.create_connection(("127.0.0.1", port), timeout=5)
            lines.append(line)
            line.sendall(b"GET /healthz HTTP/1.1\r\nHost")
            if len(lines) % 50 == 0:
                assert ask(port, "GET", "/healthz").status == 200
        assert ask(port, "GET", "/healthz").status == 200
        for line in lines:
            line.close()


def test_a_stranger_cannot_choose_the_address_that_he_guesses_from() -> None:
    with operated(Sessions(TOKEN)) as port:
        tries = [guess(port, X_Forwarded_For=f"192.0.2.{number}") for number in range(12)]
        assert tries == [403] * 5 + [429] * 7


def test_a_trusted_proxy_says_who_guesses_and_that_it_was_https() -> None:
    with operated(Sessions(TOKEN), ["127.0.0.0/8"]) as port:
        assert [guess(port, X_Forwarded_For="192.0.2.1") for _ in range(6)] == [403] * 5 + [429]
        assert guess(port, X_Forwarded_For="192.0.2.2") == 403
        # What the guesser put there himself stands before what the proxy adds.
        assert guess(port, X_Forwarded_For="198.51.100.9, 192.0.2.1") == 429
        entered = ask(
            port, "POST", "/login", f"token={TOKEN}", X_Forwarded_For="192.0.2.3", X_Forwarded_Proto="https"
        )  # fmt: skip
        assert "secure" in (entered.headers["set-cookie"] or "").lower()


def test_a_proxy_elsewhere_makes_nobody_here_one() -> None:
    with operated(Sessions(TOKEN), ["10.0.0.7"]) as port:
        tries = [guess(port, X_Forwarded_For=f"192.0.2.{number}") for number in range(6)]
        assert tries == [403] * 5 + [429]


@pytest.fixture(params=["sqlite", "postgresql"])
def claims(request: pytest.FixtureRequest, tmp_path: Path) -> IdempotencyKeys:
    if request.param == "sqlite":
        return IdempotencyKeys(open_database(f"sqlite:///{tmp_path / 'catalog.db'}"))
    return IdempotencyKeys(open_database(request.getfixturevalue("postgres_url")))


def test_a_session_that_was_ended_is_over_in_every_process_and_after_a_restart(
    claims: IdempotencyKeys,
) -> None:
    with operated(Sessions(TOKEN, _Ended(claims))) as port:
        entered = ask(port, "POST", "/login", f"token={TOKEN}")
        cookie = (entered.headers["set-cookie"] or "").partition(";")[0]
        assert cookie.startswith(COOKIE)
        assert ask(port, "GET", "/nonsense", Cookie=cookie).status == 404
        assert ask(port, "POST", "/logout", Cookie=cookie).status == 303
        assert ask(port, "GET", "/nonsense", Cookie=cookie).status == 303
    with operated(Sessions(TOKEN, _Ended(claims))) as another:
        assert ask(another, "GET", "/nonsense", Cookie=cookie).status == 303
        assert ask(another, "POST", "/login", f"token={TOKEN}").status == 303
