"""The assistant pane: a greeting, prompts that the index answers, titles for threads."""

import logging
from collections.abc import Callable
from typing import Any

from slack_bolt import App, Assistant
from slack_bolt.request import BoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk import WebClient

from bot.answering.suggestions import Suggestions
from bot.conversations.exchanges import Exchanges
from bot.slack.api.client import impatient
from bot.slack.api.errors import SLACK_FAILURES, error_code
from bot.slack.delivery.inbound import InboundQuestion, from_event
from bot.slack.work.queueing import QuestionQueue, keys_of
from retrieval.domain.single_line import single_line

_log = logging.getLogger(__name__)
_GREETING = (
    "Hello! I answer from your team's documents, and every sentence comes with the passage it "
    "stands in. What would you like to know?"
)
_CHANGES = ("message_changed", "message_deleted")
_MAX_TITLE = 80


class Pane:
    """Listens to the assistant's threads; direct messages in any thread are among them."""

    def __init__(
        self, queue: QuestionQueue, exchanges: Exchanges, suggestions: Suggestions
    ) -> None:
        self._queue = queue
        self._exchanges = exchanges
        self._suggestions = suggestions

    def register(self, app: App) -> None:
        """Adds the assistant to `app`."""
        assistant = _EditsPass()
        assistant.thread_started(self.on_opened)
        assistant.user_message(self.on_message)
        assistant.thread_context_changed(self.on_moved)
        app.assistant(assistant)

    def on_opened(self, body: dict[str, Any], client: WebClient) -> None:
        """Greets, and offers questions to begin with."""
        if self._queue.heard(body):
            thread = body["event"]["assistant_thread"]
            self._queue.in_background(
                lambda: self._greet(client, thread["channel_id"], thread["thread_ts"])
            )

    def on_message(self, body: dict[str, Any], client: WebClient) -> None:
        """Answers a question typed in the pane."""
        asked = from_event(body)
        is_first = not self._exchanges.of_thread(asked.channel, asked.thread, limit=1)
        if self._queue.take(asked, client, *keys_of(asked, body)) and is_first:
            self._queue.decorate(lambda: _set_title(client, asked))

    def on_moved(self) -> None:
        """The channel shown beside the pane does not matter; Bolt's own listener would store it."""

    def _greet(self, client: WebClient, channel: str, thread: str) -> None:
        client.chat_postMessage(channel=channel, thread_ts=thread, text=_GREETING)
        prompts = [
            {"title": question, "message": question} for question in self._suggestions.questions()
        ]
        if prompts:
            try:
                impatient(client).assistant_threads_setSuggestedPrompts(
                    channel_id=channel, thread_ts=thread, title="For example:", prompts=prompts
                )
            except SLACK_FAILURES as error:
                _log.info("No prompts: %s", error_code(error) or type(error).__name__)


def _set_title(client: WebClient, asked: InboundQuestion) -> None:
    try:
        impatient(client).assistant_threads_setTitle(
            channel_id=asked.channel,
            thread_ts=asked.thread,
            title=single_line(asked.text, _MAX_TITLE),
        )
    except SLACK_FAILURES:
        # A thread of plain direct messages has no title.
        return


class _EditsPass(Assistant):
    """Bolt's assistant swallows edits and deletions in its threads; ours lets them by."""

    def process(
        self, *, req: BoltRequest, resp: BoltResponse, next: Callable[[], BoltResponse]  # noqa: A002
    ) -> BoltResponse | None:  # fmt: skip
        event = req.body.get("event") or {}
        if event.get("subtype") in _CHANGES:
            return next()
        return super().process(req=req, resp=resp, next=next)
