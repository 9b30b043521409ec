"""The last gate before Slack: what no listener caught is logged, and the person is told."""

import logging
from collections.abc import Callable
from typing import Any

from slack_bolt import App
from slack_bolt.response import BoltResponse
from slack_sdk import WebClient
from slack_sdk.webhook import WebhookClient

from bot.request_ids import new_request_id
from bot.slack.errors import SLACK_FAILURES

_log = logging.getLogger(__name__)


class Mishaps:
    """Logs an error under a request id and tells the person that id."""

    def __init__(self, log_error: Callable[[Exception, str], object]) -> None:
        self._log_error = log_error

    def register(self, app: App) -> None:
        """Becomes `app`'s error handler."""
        app.error(self.on_error)

    def on_error(self, error: Exception, body: dict[str, Any], client: WebClient) -> BoltResponse:
        """Handles what a listener raised. Slack gets its acknowledgement: a retry would not help."""
        request_id = new_request_id()
        self._log_error(error, request_id)
        _log.error("request %s: a listener failed: %s", request_id, type(error).__name__)
        text = f"Sorry, something went wrong. Please tell an admin: request {request_id}"
        try:
            _tell(text, body, client)
        except SLACK_FAILURES as failure:
            _log.error("request %s: nobody was told: %s", request_id, type(failure).__name__)
        return BoltResponse(status=200)


def _tell(text: str, body: dict[str, Any], client: WebClient) -> None:
    if url := body.get("response_url"):
        WebhookClient(url).send(text=text, response_type="ephemeral", replace_original=False)
        return
    event = body.get("event", {})
    asked = event.get("type") == "app_mention" or event.get("channel_type") == "im"
    if asked and event.get("user") and not event.get("bot_id"):
        client.chat_postEphemeral(
            channel=event["channel"], user=event["user"], text=text,
            thread_ts=event.get("thread_ts"),
        )  # fmt: skip
