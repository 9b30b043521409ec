"""A Slack on loopback: Web API, Socket Mode, response URLs; strict, and it remembers."""

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
from collections.abc import Callable
from typing import Any, Self
from uuid import uuid4

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.slack.limits import RefusedError, check_message, check_view

BOT_TOKEN, APP_TOKEN, SIGNING_SECRET = "xoxb-loopback-1", "xapp-loopback-1", "loopback-secret"
BOT_USER = "UBOT00001"


class Serving:
    """Runs an ASGI application on a free port of loopback, in a thread."""

    def __init__(self, app: Starlette) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
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
        time.sleep(0.02)
    raise AssertionError("nothing came in time")


class LoopbackSlack:
    """Keeps what was called and posted; sends events as Slack does."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.messages: list[dict[str, Any]] = []
        self.views: list[dict[str, Any]] = []
        self.responses: list[dict[str, Any]] = []
        self.acks: list[dict[str, Any]] = []
        self.failures: list[Response] = []
        self.triggers: set[str] = set()
        self._socket: WebSocket | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self.url = ""
        self.app = Starlette(
            routes=[
                Route("/api/{method}", self._api, methods=["POST"]),
                Route("/response/{number}", self._response, methods=["POST"]),
                WebSocketRoute("/link", self._link),
            ]
        )

    @property
    def connected(self) -> bool:
        return self._socket is not None

    def next_id(self, prefix: str) -> str:
        return f"{prefix}{uuid4().hex[:12].upper()}"

    def event(self, **event: Any) -> dict[str, Any]:
        """The body of an Events API delivery."""
        stamp = f"{time.time():.6f}"
        filled = {"user": "U00000001", "ts": stamp, "event_ts": stamp} | event
        return {
            "type": "event_callback", "event_id": self.next_id("Ev"), "team_id": "T1",
            "api_app_id": "A1", "event_time": int(time.time()), "event": filled,
        }  # fmt: skip

    def command(self, text: str) -> dict[str, Any]:
        return {
            "command": "/ask", "text": text, "user_id": "U00000001", "channel_id": "C1",
            "team_id": "T1", "trigger_id": self.trigger(),
            "response_url": f"{self.url}/response/{self.next_id('R')}",
        }  # fmt: skip

    def press(self, button: dict[str, Any]) -> dict[str, Any]:
        """The body of a press on a button of a message in channel C1."""
        action = {key: button[key] for key in ("action_id", "value", "type")}
        return {
            "type": "block_actions", "user": {"id": "U00000001"}, "team": {"id": "T1"},
            "channel": {"id": "C1"}, "trigger_id": self.trigger(), "actions": [action],
            "container": {"type": "message"},
            "response_url": f"{self.url}/response/{self.next_id('R')}",
        }  # fmt: skip

    def trigger(self) -> str:
        trigger = self.next_id("trigger.")
        self.triggers.add(trigger)
        return trigger

    # Socket Mode

    def send(self, kind: str, payload: dict[str, Any]) -> str:
        """Sends an envelope down the socket; returns its id, to look for among `acks`."""
        envelope = self.next_id("env")
        message = {
            "envelope_id": envelope, "type": kind, "payload": payload,
            "accepts_response_payload": kind != "events_api",
        }  # fmt: skip
        assert self._socket
        assert self._loop
        sending = self._socket.send_text(json.dumps(message))
        asyncio.run_coroutine_threadsafe(sending, self._loop).result(5)
        return envelope

    def drop(self) -> None:
        """Closes the socket without a word."""
        assert self._socket
        assert self._loop
        asyncio.run_coroutine_threadsafe(self._socket.close(1011), self._loop).result(5)

    async def _link(self, websocket: WebSocket) -> None:
        await websocket.accept()
        self._loop, self._socket = asyncio.get_running_loop(), websocket
        await websocket.send_text(json.dumps({"type": "hello", "num_connections": 1}))
        try:
            while True:
                self.acks.append(json.loads(await websocket.receive_text()))
        except (WebSocketDisconnect, RuntimeError):
            if self._socket is websocket:
                self._socket = None

    # Web API

    async def _api(self, request: Request) -> Response:
        method = request.path_params["method"]
        payload = await _payload(request)
        self.calls.append(method)
        if self.failures:
            return self.failures.pop(0)
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        expected = APP_TOKEN if method == "apps.connections.open" else BOT_TOKEN
        if token != expected:
            return JSONResponse({"ok": False, "error": "invalid_auth"})
        handler = getattr(self, "_" + method.replace(".", "_"), None)
        if handler is None:
            return JSONResponse({"ok": False, "error": "unknown_method"})
        try:
            return JSONResponse({"ok": True} | handler(payload))
        except RefusedError as refused:
            return JSONResponse({"ok": False, "error": str(refused)})

    def _auth_test(self, _: dict[str, Any]) -> dict[str, Any]:
        return {
            "user_id": BOT_USER,
            "bot_id": "B1",
            "team_id": "T1",
            "url": self.url,
            "user": "monazite",
        }

    def _apps_connections_open(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"url": self.url.replace("http://", "ws://") + "/link"}

    def _chat_postMessage(self, payload: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        if not payload.get("channel"):
            raise RefusedError("channel_not_found")
        check_message(payload)
        stamp = f"{time.time():.6f}"
        self.messages.append(payload | {"ts": stamp})
        return {"channel": payload["channel"], "ts": stamp, "message": payload}

    def _views_open(self, payload: dict[str, Any]) -> dict[str, Any]:
        if payload.get("trigger_id") not in self.triggers:
            raise RefusedError(
                "invalid_trigger_id" if payload.get("trigger_id") else "invalid_arguments"
            )
        self.triggers.remove(payload["trigger_id"])
        check_view(payload["view"])
        self.views.append(payload["view"])
        return {"view": payload["view"] | {"id": self.next_id("V")}}

    async def _response(self, request: Request) -> Response:
        payload = json.loads(await request.body())
        try:
            check_message(payload)
        except RefusedError as refused:
            return Response(str(refused), 400)
        self.responses.append(payload)
        return Response("ok")


async def _payload(request: Request) -> dict[str, Any]:
    if "json" in request.headers.get("content-type", ""):
        return dict(json.loads(await request.body() or b"{}"))
    raw = urllib.parse.parse_qs((await request.body()).decode(), keep_blank_values=True)
    fields: dict[str, Any] = {key: values[0] for key, values in raw.items()}
    for key in ("blocks", "view"):
        if key in fields:
            fields[key] = json.loads(fields[key])
    return fields


def deliver(
    url: str, body: dict[str, Any], *, form: bool = False, secret: str = SIGNING_SECRET,
    headers: dict[str, str] | None = None, age: int = 0,
) -> int:  # fmt: skip
    """Posts a signed request to the bot, as Slack does; returns the HTTP status."""
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
        with urllib.request.urlopen(request, timeout=5) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return int(error.code)
