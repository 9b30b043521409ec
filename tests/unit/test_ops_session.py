"""Logging in as an operator, without a browser: guessing, forging, being led elsewhere."""

import pytest
from starlette.testclient import TestClient

from bot.metrics import Metrics
from bot.ops.gate import Login
from bot.ops.guarded import Guarded
from bot.ops.health import Health
from bot.ops.rendering import Renderer
from bot.ops.session import COOKIE, Sessions, Throttle
from bot.ops.web import make_ops

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
    app = make_ops(Metrics(), Health({}), Guarded(NoPages(), login, sessions))
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
    app = make_ops(Metrics(), Health({}), Guarded(Broken(), login, sessions))
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
        throttle.failed(str(number))
    assert len(throttle._failures) == 3
