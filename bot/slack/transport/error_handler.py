"""The last handler of errors: what no listener caught is logged, and the person is told."""

from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import App
from slack_bolt.request import BoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk import WebClient

from bot.runtime.request_ids import new_request_id
from bot.slack.api.response_urls import CheckedRespond
from bot.telemetry.logs import log_of
from retrieval.database.engine import is_unavailable

_log = log_of(__name__)
NOT_RECORDED = 503
# Slack sends an event again at once, after one minute and after five:
# https://docs.slack.dev/apis/events-api#retries
_LAST_RETRY = 3
_UNAVAILABLE = (
    "Sorry, I can't reach my database just now, so I could not take that up. "
    "Please try again in a few minutes (request {})"
)
_BROKEN = "Sorry, something went wrong. Please tell an admin: request {}"


class ErrorHandler:
    """Logs an error under a request id and tells the person that id.

    Only what Slack has signed, or sent over its socket, reaches Bolt and so gets here.
    """

    def __init__(self, log_error: Callable[[Exception, str], object]) -> None:
        self._log_error = log_error

    def register(self, app: App) -> None:
        """Becomes `app`'s error handler."""
        app.error(self.on_error)

    def on_error(self, error: Exception, request: BoltRequest, client: WebClient) -> BoltResponse:
        """Handles what a listener raised.

        While the database is away nothing was recorded, so nothing is acknowledged: Slack sends
        the event again, and nobody is told before that is over. Else Slack gets its
        acknowledgement: sending it again would not help.
        """
        request_id = new_request_id()
        if is_unavailable(error):
            return self._put_off(error, request_id, request, client)
        self._log_error(error, request_id)
        _log.error("a listener failed", request_id=request_id, error=type(error).__name__)
        tell(_BROKEN.format(request_id), request.body, client, request_id)
        return BoltResponse(status=200)

    def _put_off(
        self, error: Exception, request_id: str, request: BoltRequest, client: WebClient
    ) -> BoltResponse:
        comes_again = request.mode == "socket_mode" or _comes_again(request)
        _log.warning(
            "the database is away: not acknowledged", request_id=request_id,
            error=type(error).__name__, comes_again=comes_again,
        )  # fmt: skip
        if comes_again:
            return BoltResponse(status=NOT_RECORDED)
        self._log_error(error, request_id)
        tell(_UNAVAILABLE.format(request_id), request.body, client, request_id)
        # Slack shows its own error to a person whose command or button is not acknowledged.
        is_event = request.body.get("type") == "event_callback"
        return BoltResponse(status=NOT_RECORDED if is_event else 200)


def give_up(body: Mapping[str, Any], client: WebClient) -> None:
    """Tells the person that a request could not be recorded in all the time there was."""
    request_id = new_request_id()
    _log.error("a request was not recorded", request_id=request_id)
    tell(_UNAVAILABLE.format(request_id), body, client, request_id)


def _comes_again(request: BoltRequest) -> bool:
    """Says whether Slack sends a request over HTTP again: events, until the last time."""
    if request.body.get("type") != "event_callback":
        return False
    number = str(request.headers.get("x-slack-retry-num", ["0"])[0])
    return not number.isdecimal() or int(number[:4]) < _LAST_RETRY


def tell(text: str, body: Mapping[str, Any], client: WebClient, request_id: str) -> None:
    """Tells the person whose request `body` is; failing that, logs that nobody was told."""
    try:
        _tell(text, body, client)
    except Exception as failure:  # noqa: BLE001  an error handler has nobody behind it
        _log.error("nobody was told", request_id=request_id, error=type(failure).__name__)


def _tell(text: str, body: Mapping[str, Any], client: WebClient) -> None:
    if url := body.get("response_url"):
        respond = CheckedRespond(url, client)
        respond(text=text, response_type="ephemeral", replace_original=False)
        return
    event = body.get("event") or {}
    asked = event.get("type") == "app_mention" or event.get("channel_type") == "im"
    if asked and event.get("user") and event.get("channel") and not event.get("bot_id"):
        client.chat_postEphemeral(
            channel=event["channel"], user=event["user"], text=text,
            thread_ts=event.get("thread_ts"),
        )  # fmt: skip
