"""Mentions and direct messages, their edits and their deletions."""

from typing import Any

from slack_bolt import App
from slack_sdk import WebClient

from bot.conversations.exchanges import Exchanges
from bot.slack.delivery.inbound import from_event
from bot.slack.delivery.mrkdwn import unescape
from bot.slack.work.queueing import QuestionQueue, keys_of

# An edit within this many seconds of the question changes the answer.
_EDIT_SECONDS = 120


class Messages:
    """Hears what is said to the bot; other people's talk is left alone."""

    def __init__(self, queue: QuestionQueue, exchanges: Exchanges) -> None:
        self._queue = queue
        self._exchanges = exchanges

    def register(self, app: App) -> None:
        """Adds the listeners to `app`."""
        app.event("app_mention")(self.on_mention)
        app.event("message")(self.on_message)

    def on_mention(self, body: dict[str, Any], client: WebClient) -> None:
        """A mention is answered in its thread."""
        if _is_from_person(body["event"]):
            self._take(body, client)

    def on_message(self, body: dict[str, Any], client: WebClient) -> None:
        """A direct message is answered, an edit followed, a deletion too."""
        event = body["event"]
        kind = event.get("subtype")
        if kind == "message_changed":
            self._changed(event, body, client)
        elif kind == "message_deleted":
            self._deleted(event["channel"], event.get("deleted_ts", ""), body, client)
        elif event.get("channel_type") == "im" and _is_from_person(event):
            self._take(body, client)

    def _take(self, body: dict[str, Any], client: WebClient) -> None:
        asked = from_event(body)
        self._queue.take(asked, client, *keys_of(asked, body))

    def _changed(self, event: dict[str, Any], body: dict[str, Any], client: WebClient) -> None:
        after, before = event["message"], event.get("previous_message", {})
        if after.get("subtype") == "tombstone":
            # A deleted message that began a thread leaves a stone in its place.
            self._deleted(event["channel"], after["ts"], body, client)
            return
        edited = float(after.get("edited", {}).get("ts", 0))
        in_time = 0 < edited - float(after["ts"]) <= _EDIT_SECONDS
        reworded = after.get("text") != before.get("text")
        if not (in_time and reworded and _is_from_person(after)):
            return
        found = self._exchanges.of_message(event["channel"], after["ts"])
        text = unescape(after.get("text", ""))
        if found and self._queue.record_change(body, found, text):
            for exchange in found:
                self._queue.follow_edit(exchange, text, client)

    def _deleted(self, channel: str, stamp: str, body: dict[str, Any], client: WebClient) -> None:
        found = self._exchanges.of_message(channel, stamp) if stamp else []
        if found and self._queue.record_change(body, found, None):
            for exchange in found:
                self._queue.follow_deletion(exchange, client)


def _is_from_person(message: dict[str, Any]) -> bool:
    """Bots' messages, ours among them, and Slack's own notices are nobody's question."""
    plain = message.get("subtype") in (None, "file_share", "thread_broadcast")
    return plain and not message.get("bot_id") and bool(message.get("user"))
