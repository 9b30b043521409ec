"""A Slack on loopback: Web API, Socket Mode, response URLs, signed HTTP; strict, and it remembers."""

import asyncio
import hashlib
import hmac
import json
import socket
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Callable
from typing import Any, Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.slack.limits import RefusedError, check_message
from tests.slack.web_api import WebApi
from tests.slack.workspace import Workspace, new_id

BOT_TOKEN, APP_TOKEN, SIGNING_SECRET = "xoxb-loopback-1", "xapp-loopback-1", "loopback-secret"
CONFIG_TOKEN = "xoxe.xoxp-loopback-1"
_TOKENS = {"apps.connections.open": APP_TOKEN, "apps.manifest.export": CONFIG_TOKEN}
ACK_SECONDS = 3.0
# How long a whole program may take to be there: on a busy machine torch alone takes most of a minute.
START_SECONDS = 180.0


class Serving:
    """Runs an ASGI application on a port of loopback, in a thread."""

    def __init__(self, app: Starlette, port: int = 0) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            self.port = int(probe.getsockname()[1])
        config = uvicorn.Config(app, host="127.0.0.1", port=self.port, log_level="error")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        wait_for(lambda: self._server.started)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(5)


def wait_for(condition: Callable[[], Any], seconds: float = 20) -> Any:
    """Returns the first true value of `condition`; fails when none comes in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.01)
    raise AssertionError("nothing came in time")


class LoopbackSlack(Workspace):
    """A workspace with its servers. `failures` are answered in place of the next API calls."""

    def __init__(self, routes: list[BaseRoute] | None = None) -> None:
        super().__init__()
        self.api = WebApi(self)
        self.calls: list[str] = []
        self.failures: list[tuple[str, Response | float]] = []
        self.response_failures: list[int] = []
        self.response_uses: Counter[str] = Counter()
        self.acks: dict[str, dict[str, Any]] = {}
        self.ack_seconds: list[float] = []
        self.app = Starlette(
            routes=[
                Route("/api/{method}", self._api, methods=["POST", "GET"]),
                Route("/response/{number}", self._response, methods=["POST"]),
                Route("/files/{number}/download", self._download),
                WebSocketRoute("/link", self._link),
                *(routes or []),
            ]
        )
        self._socket: WebSocket | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._unacked: dict[str, dict[str, Any]] = {}

    def fail(self, method: str, how: Response | float) -> None:
        """The next call of `method` gets this answer; a number waits so long after doing it."""
        self.failures.append((method, how))

    # Socket Mode

    @property
    def connected(self) -> bool:
        return self._socket is not None

    def send_by_socket(self, kind: str, body: dict[str, Any]) -> None:
        """Sends an envelope and waits for its ack; while nobody is there, it is kept."""
        envelope = new_id("env")
        message = {
            "envelope_id": envelope, "type": kind, "payload": body,
            "accepts_response_payload": kind != "events_api", "retry_attempt": 0,
        }  # fmt: skip
        self._unacked[envelope] = message
        began = time.monotonic()
        if self._socket is None or not self._transmit(message):
            return
        wait_for(lambda: envelope in self.acks, ACK_SECONDS)
        self.ack_seconds.append(time.monotonic() - began)

    def drop(self) -> None:
        """Closes the socket without a word."""
        assert self._socket
        assert self._loop
        asyncio.run_coroutine_threadsafe(self._socket.close(1011), self._loop).result(5)
        wait_for(lambda: not self.connected)

    def _transmit(self, message: dict[str, Any]) -> bool:
        assert self._socket
        assert self._loop
        sending = self._socket.send_text(json.dumps(message))
        try:
            asyncio.run_coroutine_threadsafe(sending, self._loop).result(5)
        except RuntimeError:
            return False
        return True

    async def _link(self, websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(json.dumps({"type": "hello", "num_connections": 1}))
        self._loop, self._socket = asyncio.get_running_loop(), websocket
        try:
            for message in list(self._unacked.values()):
                again = message | {"retry_attempt": message["retry_attempt"] + 1}
                await websocket.send_text(json.dumps(again | {"retry_reason": "timeout"}))
            while True:
                ack = json.loads(await websocket.receive_text())
                self.acks[ack["envelope_id"]] = ack
                self._unacked.pop(ack["envelope_id"], None)
        except (WebSocketDisconnect, RuntimeError):
            if self._socket is websocket:
                self._socket = None

    # Web API and response URLs

    async def _api(self, request: Request) -> Response:
        method = request.path_params["method"]
        payload = await _payload(request)
        self.calls.append(method)
        failure = next((entry for entry in self.failures if entry[0] == method), None)
        if failure:
            self.failures.remove(failure)
            if isinstance(failure[1], Response):
                return failure[1]
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        expected = _TOKENS.get(method, BOT_TOKEN)
        if token != expected:
            return JSONResponse({"ok": False, "error": "invalid_auth" if token else "not_authed"})
        try:
            answer = {"ok": True} | self.api.call(method, payload)
        except RefusedError as refused:
            answer = {"ok": False, "error": str(refused)}
        if failure:
            await asyncio.sleep(float(failure[1]))  # type: ignore[arg-type]
        return JSONResponse(answer, headers={"x-oauth-scopes": ",".join(sorted(self.scopes))})

    async def _download(self, request: Request) -> Response:
        """A file; whoever may not have it gets a page to log in with instead."""
        allowed = request.headers.get("authorization") == f"Bearer {BOT_TOKEN}"
        if not allowed or "files:read" not in self.scopes:
            return Response("<html>Log in</html>", media_type="text/html")
        return Response(
            self.contents[request.path_params["number"]], media_type="application/octet-stream"
        )

    async def _response(self, request: Request) -> Response:
        where = self.response_urls.get(request.path_params["number"])
        self.response_uses[request.path_params["number"]] += 1
        # https://docs.slack.dev/interactivity/handling-user-interaction: five times in half an hour.
        if where is None or self.response_uses[request.path_params["number"]] > 5:
            return Response("expired_url", 404)
        if self.response_failures:
            return Response("failed", self.response_failures.pop(0))
        payload = json.loads(await request.body())
        try:
            check_message(payload)
        except RefusedError as refused:
            return Response(str(refused), 400)
        user, channel = where
        self.responses.append(payload | {"user": user, "channel": channel, "ts": self.stamp()})
        return Response("ok")


async def _payload(request: Request) -> dict[str, Any]:
    if "json" in request.headers.get("content-type", ""):
        return dict(json.loads(await request.body() or b"{}"))
    raw = dict(request.query_params)
    form = urllib.parse.parse_qs((await request.body()).decode(), keep_blank_values=True)
    fields: dict[str, Any] = raw | {key: values[0] for key, values in form.items()}
    for key in ("blocks", "view", "chunks", "prompts"):
        if key in fields:
            fields[key] = json.loads(fields[key])
    for key in ("unfurl_links", "unfurl_media"):
        if key in fields:
            fields[key] = str(fields[key]).lower() in ("1", "true")
    return fields


def deliver(
    url: str, body: dict[str, Any], *, form: bool = False, secret: str = SIGNING_SECRET,
    headers: dict[str, str] | None = None, age: int = 0,
) -> int:  # fmt: skip
    """Posts a signed request to the bot, as Slack does; returns the HTTP status, 0 for none in time."""
    if form:
        fields = body if "command" in body else {"payload": json.dumps(body)}
        data, kind = urllib.parse.urlencode(fields), "application/x-www-form-urlencoded"
    else:
        data, kind = json.dumps(body), "application/json"
    stamp = str(int(time.time()) - age)
    digest = hmac.new(secret.encode(), f"v0:{stamp}:{data}".encode(), hashlib.sha256).hexdigest()
    request = urllib.request.Request(
        url, data.encode(), {
            "Content-Type": kind, "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": f"v0={digest}", **(headers or {}),
        },
    )  # fmt: skip
    try:
        with urllib.request.urlopen(request, timeout=ACK_SECONDS) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return int(error.code)
    except OSError:
        return 0


def sender_by_http(slack: LoopbackSlack, url: str) -> Callable[[str, dict[str, Any]], None]:
    """Returns what delivers to `url`; events that are not acknowledged are tried three times more."""

    def send(kind: str, body: dict[str, Any]) -> None:
        began = time.monotonic()
        status = deliver(url, body, form=kind != "events_api")
        slack.ack_seconds.append(time.monotonic() - began)
        if kind != "events_api":
            assert status == 200, status
            return
        for number in range(1, 4):
            if status == 200:
                return
            retried = {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": "http_timeout"}
            status = deliver(url, body, headers=retried)

    return send
