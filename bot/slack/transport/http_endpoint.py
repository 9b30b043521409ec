"""What stands between the network and Bolt: nothing is read, parsed or done that Slack has not signed."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from slack_bolt.adapter.starlette.handler import to_starlette_response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse, Response

from bot.runtime.request_ids import new_request_id
from bot.slack.transport.payloads import MalformedError, read_request
from bot.slack.transport.signatures import SigningSecret, UnsignedError
from bot.telemetry.logs import log_of
from bot.telemetry.throttled_log import ThrottledLog

if TYPE_CHECKING:
    from slack_bolt import App
    from slack_bolt.request import BoltRequest
    from starlette.types import Receive, Scope, Send

    from bot.telemetry.metrics import Metrics

_log = log_of(__name__)
# Slack's largest are events with some hundred kilobytes of blocks.
MAX_BODY_BYTES = 1_000_000
# Bodies that are being read, all together.
_MAX_BUFFERED_BYTES = 64_000_000
# Slack asks a command's address now and then whether its certificate is good, and signs nothing:
# https://docs.slack.dev/interactivity/implementing-slash-commands
_SSL_CHECK = re.compile(rb"(?:token=[\w-]{0,100}&)?ssl_check=1(?:&token=[\w-]{0,100})?")
_MAX_SSL_CHECK_BYTES = 256


class _RefusedError(Exception):
    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class SlackEndpoint:
    """An ASGI application: size, age and signature are proved, in this order, before Bolt hears of it.

    Who is refused leaves a count in the metrics, and a line a minute in the log. `report` takes
    what Bolt raises, with the request id that the log names.
    """

    def __init__(
        self, app: "App", secret: SigningSecret, metrics: "Metrics",
        report: Callable[[Exception, str], object],
    ) -> None:  # fmt: skip
        self._app = app
        self._secret = secret
        self._metrics = metrics
        self._report = report
        self._refusals = ThrottledLog(_log.warning, "requests refused that Slack has not signed")
        self._buffered = 0

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answers one request."""
        try:
            body = await self._signed_body(scope, receive)
        except _RefusedError as refused:
            self._metrics.refused(str(refused))
            self._refusals.tell(str(refused))
            response: Response = PlainTextResponse("refused\n", refused.status)
        except ClientDisconnect:
            self._metrics.refused("broken off")
            return
        else:
            response = await self._answer(scope, body) if body is not None else Response()
        await response(scope, receive, send)

    async def _signed_body(self, scope: "Scope", receive: "Receive") -> bytes | None:
        """Returns a body that Slack has signed, or None for its look at the certificate."""
        headers = scope["headers"]
        declared = Headers(raw=headers).get("content-length", "")
        if declared.isdecimal() and int(declared[:20]) > MAX_BODY_BYTES:
            raise _RefusedError(413, "too large")
        try:
            claimed = self._secret.read(headers)
        except UnsignedError as error:
            if declared.isdecimal() and 0 < int(declared[:20]) <= _MAX_SSL_CHECK_BYTES:
                body = await self._read(receive, _MAX_SSL_CHECK_BYTES)
                if _SSL_CHECK.fullmatch(body):
                    return None
            raise _RefusedError(401, str(error)) from None
        body = await self._read(receive, MAX_BODY_BYTES)
        try:
            self._secret.prove(claimed, body)
        except UnsignedError as error:
            raise _RefusedError(401, str(error)) from None
        return body

    async def _read(self, receive: "Receive", limit: int) -> bytes:
        body, more = bytearray(), True
        try:
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnect
                piece = message.get("body", b"")
                if len(body) + len(piece) > limit:
                    raise _RefusedError(413, "too large")
                if self._buffered + len(piece) > _MAX_BUFFERED_BYTES:
                    raise _RefusedError(503, "too much at once")
                body += piece
                self._buffered += len(piece)
                more = message.get("more_body", False)
            return bytes(body)
        finally:
            self._buffered -= len(body)

    async def _answer(self, scope: "Scope", body: bytes) -> Response:
        try:
            query = scope.get("query_string", b"").decode("latin-1")
            request = read_request(body, Headers(raw=scope["headers"]), query)
        except MalformedError as error:
            self._metrics.refused("malformed")
            _log.warning("malformed request", reason=str(error))
            return PlainTextResponse("malformed\n", 400)
        # Bolt waits for its listeners, which wait for the database.
        return await run_in_threadpool(self._dispatch, request)

    def _dispatch(self, request: "BoltRequest") -> Response:
        try:
            return to_starlette_response(self._app.dispatch(request))
        except Exception as error:  # noqa: BLE001  the last gate before the server's own log
            request_id = new_request_id()
            self._report(error, request_id)
            _log.error("request failed", request_id=request_id, error=type(error).__name__)
            return PlainTextResponse("failed\n", 500)
