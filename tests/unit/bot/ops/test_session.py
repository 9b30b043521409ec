"""Logging in as an operator, without a browser: guessing, forging, being led elsewhere."""

import asyncio
import time

import httpx
import pytest
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient

from bot.ops.health import Health
from bot.ops.login import Login
from bot.ops.protected_pages import ProtectedPages
from bot.ops.rendering import Renderer
from bot.ops.server import make_ops
from bot.ops.session import COOKIE, Sessions, Throttle
from bot.telemetry.metrics import Metrics

TOKEN = "operators-token-of-the-tests"


class NoPages:
    """Pages that nobody in these tests gets to see."""

    def routes(self) -> list[object]:
        return []

    missing = failed = staticmethod(lambda _request, _error: Renderer().page("missing.html", 404))


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(clock: Clock) -> TestClient:
    sessions = Sessions(TOKEN)
    login = Login(sessions, Throttle(clock), Renderer())
    app = make_ops(Metrics(), Health({}), ProtectedPages(NoPages(), login, sessions))
    return TestClient(app, follow_redirects=False)


def enter(client: TestClient, token: str, **more: str) -> object:
    return client.post("/login", data={"token": token, **more})


def test_without_a_cookie_every_page_leads_to_the_login_and_back(client: TestClient) -> None:
    for path in ("/", "/questions?words=a%20b", "/nonsense"):
        page = client.get(path)
        assert page.status_code == 303
        assert page.headers["location"].startswith("/login?next=%2F")
    assert "questions%3Fwords%3Da%2520b" in client.get("/questions?words=a%20b").headers["location"]


def test_the_token_opens_and_the_cookie_is_out_of_reach_of_scripts(client: TestClient) -> None:
    page = enter(client, TOKEN, next="/runs")
    assert (page.status_code, page.headers["location"]) == (303, "/runs")
    cookie = page.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "secure" not in cookie
    assert TOKEN not in cookie
    assert client.get("/nonsense").status_code == 404


def test_over_https_the_cookie_is_only_sent_over_https(client: TestClient) -> None:
    page = client.post("https://testserver/login", data={"token": TOKEN})
    assert "secure" in page.headers["set-cookie"].lower()


def test_a_wrong_token_is_refused_and_after_five_everything_from_there(
    client: TestClient, clock: Clock
) -> None:
    assert [enter(client, "wrong").status_code for _ in range(6)] == [403] * 5 + [429]
    assert enter(client, TOKEN).status_code == 429
    clock.now += 61
    assert enter(client, TOKEN).status_code == 303


@pytest.mark.parametrize(
    "target", ["https://evil.example", "//evil.example", "/\\evil.example", "", "/a\nSet-Cookie: x"]
)
def test_nobody_is_led_elsewhere(client: TestClient, target: str) -> None:
    assert enter(client, TOKEN, next=target).headers["location"] == "/"


@pytest.mark.parametrize("cookie", ["operator", "x.y.z", "", "of another token"])
def test_a_cookie_that_is_not_ours_opens_nothing(client: TestClient, cookie: str) -> None:
    ours = cookie if cookie != "of another token" else Sessions("another token").open()
    client.cookies.set(COOKIE, ours)
    assert client.get("/").status_code == 303


def test_an_old_cookie_opens_nothing(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    client.cookies.set(COOKIE, Sessions(TOKEN).open())
    assert client.get("/nonsense").status_code == 404
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: 4_000_000_000)
    assert client.get("/nonsense").status_code == 303


def test_every_answer_has_strict_headers(client: TestClient) -> None:
    for path in ("/", "/login", "/healthz"):
        headers = client.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"


def test_machines_need_no_login_for_health_and_metrics(client: TestClient) -> None:
    assert [client.get(path).status_code for path in ("/healthz", "/readyz", "/metrics")] == [
        200
    ] * 3


def test_a_body_that_is_too_long_is_not_read(client: TestClient) -> None:
    assert enter(client, "x" * 5000).status_code == 413


def test_without_a_token_there_are_no_pages() -> None:
    client = TestClient(make_ops(Metrics(), Health({})))
    assert client.get("/").status_code == 404
    assert client.get("/login").status_code == 404


def test_what_fails_is_told_without_a_trace(clock: Clock) -> None:
    def broken(_request: object) -> None:
        raise ValueError("geheim")

    from starlette.routing import Route

    class Broken(NoPages):
        def routes(self) -> list[object]:
            return [Route("/broken", broken)]

    sessions = Sessions(TOKEN)
    login = Login(sessions, Throttle(clock), Renderer())
    app = make_ops(Metrics(), Health({}), ProtectedPages(Broken(), login, sessions))
    client = TestClient(app, raise_server_exceptions=False)
    client.cookies.set(COOKIE, sessions.open())
    page = client.get("/broken")
    assert "geheim" not in page.text


def test_addresses_that_failed_are_not_remembered_without_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.ops.session._MOST_ADDRESSES", 3)
    throttle = Throttle()
    for number in range(10):
        throttle.admits(str(number))
    assert len(throttle._failures) == 3


def test_of_many_guesses_at_once_five_are_looked_at(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = Sessions(TOKEN)
    looked_at: list[str] = []

    def slowly(token: str) -> bool:
        looked_at.append(token)
        time.sleep(0.05)
        return False

    monkeypatch.setattr(sessions, "admits", slowly)
    login = Login(sessions, Throttle(clock), Renderer())
    app = make_ops(Metrics(), Health({}), ProtectedPages(NoPages(), login, sessions))

    async def guess_at_once() -> list[int]:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://ops") as client:
            tries = [client.post("/login", data={"token": f"guess {n}"}) for n in range(300)]
            return [answer.status_code for answer in await asyncio.gather(*tries)]

    statuses = asyncio.run(guess_at_once())
    assert (statuses.count(403), statuses.count(429)) == (5, 295)
    assert len(looked_at) == 5


def test_logging_in_rightly_is_no_guess(client: TestClient) -> None:
    assert [enter(client, TOKEN).status_code for _ in range(12)] == [303] * 12
    assert [enter(client, "wrong").status_code for _ in range(4)] == [403] * 4
    assert enter(client, TOKEN).status_code == 303
    assert [enter(client, "wrong").status_code for _ in range(2)] == [403, 429]


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.7", "192.0.2.7", True),
        ("192.0.2.7", "192.0.2.8", False),
        ("no address", "no address", True),
    ],
)
def test_a_guesser_is_known_by_address_and_in_ipv6_by_network(
    first: str, second: str, same: bool
) -> None:
    throttle = Throttle()
    assert [throttle.admits(first) for _ in range(6)] == [True] * 5 + [False]
    assert throttle.admits(second) is not same


def test_after_logging_out_a_copy_of_the_cookie_opens_nothing(client: TestClient) -> None:
    enter(client, TOKEN)
    copied = client.cookies[COOKIE]
    assert client.get("/nonsense").status_code == 404
    assert client.post("/logout").status_code == 303
    client.cookies.set(COOKIE, copied)
    assert client.get("/nonsense").status_code == 303
    enter(client, TOKEN)
    assert client.get("/nonsense").status_code == 404


def test_logging_out_ends_no_other_session(client: TestClient) -> None:
    enter(client, TOKEN)
    other = client.cookies[COOKIE]
    enter(client, TOKEN)
    client.post("/logout")
    client.cookies.set(COOKIE, other)
    assert client.get("/nonsense").status_code == 404


def test_an_end_that_cannot_be_recorded_is_said(clock: Clock) -> None:
    class Away(set[str]):
        def add(self, session: str) -> None:
            raise OperationalError("insert", None, Exception("gone"))

    sessions = Sessions(TOKEN, Away())
    login = Login(sessions, Throttle(clock), Renderer())
    app = make_ops(Metrics(), Health({}), ProtectedPages(NoPages(), login, sessions))
    client = TestClient(app, follow_redirects=False)
    enter(client, TOKEN)
    answer = client.post("/logout")
    assert answer.status_code == 503
    assert "still logged in" in answer.text
