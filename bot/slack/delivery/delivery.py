"""Delivers answers: to a conversation, or as a command's private reply."""

import logging
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.models.blocks import Block

from bot.slack.api.client import persistently, seconds_told
from bot.slack.api.errors import SLACK_FAILURES, error_code, is_transient
from bot.slack.api.response_urls import CheckedRespond
from bot.slack.concurrency.waiting import aside_when_slow, may_wait, wait
from bot.slack.concurrency.worker_pool import WorkerPool
from bot.slack.delivery.blocks import context
from bot.slack.delivery.feature_support import FeatureSupport
from bot.slack.delivery.inbound import InboundQuestion
from bot.slack.delivery.mrkdwn import escape
from bot.slack.delivery.progress import Progress
from bot.slack.delivery.replies import Reply
from bot.slack.delivery.streaming import Stream

_log = logging.getLogger(__name__)
_OK, _TOO_MANY, _SERVER_FAILED = 200, 429, 500
# What is noted in place of a message, before an answer is sent by a response URL.
_SENDING = "response"
# So long one response is tried again when Slack says to wait.
_PATIENCE_SECONDS = 300.0
# Refusals of the blocks, not of the message: the same text is posted without them.
_TOO_MUCH = frozenset(
    {"invalid_blocks", "invalid_blocks_format", "msg_too_long", "msg_blocks_too_long"}
)


class Delivery(Protocol):
    """Takes what is to be said about one question."""

    def whisper(self, text: str) -> None:
        """Tells the asker alone, in one line of plain text."""

    def working(self, status: str) -> None:
        """Shows that the question was heard; nothing waits for it."""

    def done(self) -> None:
        """Takes away what showed that the question is worked on."""

    def show(self, piece: str) -> None:
        """Shows a piece of the answer's text, before the rest of it is there."""

    def deliver(self, reply: Reply) -> str | None:
        """Posts the answer; returns its timestamp where it has one."""

    def replace(self, stamp: str, reply: Reply) -> None:
        """Puts `reply` in the place of the answer at `stamp`."""

    def retract(self, stamp: str) -> None:
        """Takes the answer at `stamp` away."""

    def inherit(self, begun: str | None) -> None:
        """Goes on from what a dead process has left; `begun` holds the answer's beginning."""

    def left(self, request_id: str) -> str | None:
        """Returns the timestamp of the answer to a request that stands there already, or None."""

    @property
    def may_be_answered(self) -> bool:
        """Says whether the answer may have arrived already, where nobody can look for it."""


class MessageDelivery:
    """Answers where the question was asked, for all to see.

    `aside` takes what is for the asker alone, where there is a response URL for it.
    """

    may_be_answered = False

    def __init__(
        self, client: WebClient, features: FeatureSupport, asked: InboundQuestion, progress: Progress,
        aside: "Delivery | None" = None, began: Callable[[str], object] | None = None,
    ) -> None:  # fmt: skip
        self._client = client
        self._asked = asked
        self._aside = aside
        self._progress = progress
        self._stream = Stream(client, features, asked, began)

    def whisper(self, text: str) -> None:
        """Posts an ephemeral message."""
        asked = self._asked
        if self._aside:
            self._aside.whisper(text)
            return
        self._client.chat_postEphemeral(
            channel=asked.channel, user=asked.user, text=escape(text),
            thread_ts=asked.thread if asked.is_reply else None,
        )  # fmt: skip

    def working(self, status: str) -> None:
        """Sets the thread's status, or puts eyes on the question; failing that, nothing."""
        self._progress.begin(status)

    def done(self) -> None:
        """Takes the eyes away."""
        self._progress.end()

    def show(self, piece: str) -> None:
        """Streams the piece, where that is possible."""
        if not self._asked.preface:
            self._stream.show(piece)

    def deliver(self, reply: Reply) -> str | None:
        """Streams the reply, or posts it; Slack takes the status away by itself."""
        stamp = None if self._asked.preface else self._stream.finish(reply)
        return stamp or self._post(reply)

    def replace(self, stamp: str, reply: Reply) -> None:
        """Updates the message."""
        self._client.chat_update(
            channel=self._asked.channel, ts=stamp, text=reply.text, blocks=reply.blocks
        )

    def retract(self, stamp: str) -> None:
        """Deletes the message, if it is still there."""
        try:
            self._client.chat_delete(channel=self._asked.channel, ts=stamp)
        except SlackApiError as error:
            if error_code(error) != "message_not_found":
                raise

    def inherit(self, begun: str | None) -> None:
        """Goes on in the message that was begun."""
        self._stream.inherit(begun)

    def left(self, request_id: str) -> str | None:
        """Looks for the answer among the newest messages; its request id is in it."""
        asked = self._asked
        try:
            page = persistently(
                lambda: (
                    self._client.conversations_replies(channel=asked.channel, ts=asked.thread)
                    if asked.thread
                    else self._client.conversations_history(channel=asked.channel, limit=20)
                )
            )
        except SLACK_FAILURES:
            return None
        for message in page["messages"]:
            if message.get("bot_id") and request_id in str(message):
                return str(message["ts"])
        return None

    def _post(self, reply: Reply) -> str | None:
        try:
            return self._send(reply)
        except SLACK_FAILURES as error:
            code = error_code(error)
            if code in _TOO_MUCH:
                _log.error("request %s: Slack refuses the blocks: %s", reply.request_id, code)
                return self._send(_bare(reply))
            if not is_transient(error):
                raise
            _log.warning("request %s: posting failed: %s", reply.request_id, code or "broke off")
        # Slack failed half way: the message may stand there already.
        left = self.left(reply.request_id) if reply.request_id else None
        return left or self._send(reply)

    def _send(self, reply: Reply) -> str | None:
        asked = self._asked
        above = [context(asked.preface)] if asked.preface else []
        response = self._client.chat_postMessage(
            channel=asked.channel, thread_ts=asked.thread or None, text=reply.text,
            blocks=[*above, *reply.blocks], unfurl_links=False, unfurl_media=False,
        )  # fmt: skip
        stamp = response.get("ts")
        return str(stamp) if stamp else None


class PrivateDelivery:
    """Answers a command to the asker alone, through its response URL.

    What was sent there cannot be asked for. So `began` is told before an answer is sent: whoever
    takes over after that does not send it again.
    """

    def __init__(
        self, respond: Callable[..., Any], began: Callable[[str], object] | None = None
    ) -> None:
        self._respond = respond
        self._began = began
        self.may_be_answered = False

    def whisper(self, text: str) -> None:
        """Responds with a line."""
        self._send(text=escape(text))

    def offer(self, text: str, blocks: Sequence[Block]) -> None:
        """Responds with blocks; `text` is for notifications and screen readers."""
        self._send(text=escape(text), blocks=list(blocks))

    def working(self, status: str) -> None:
        """Commands have no status to show."""

    def done(self) -> None:
        """Nothing was shown."""

    def show(self, piece: str) -> None:
        """A response cannot grow; it comes whole."""

    def deliver(self, reply: Reply) -> str | None:
        """Responds with the answer; an ephemeral message has no timestamp to keep."""
        if self._began:
            self._began(_SENDING)
        try:
            self._send(text=reply.text, blocks=reply.blocks, unfurl_links=False, unfurl_media=False)
        except SlackRequestError as error:
            _log.error("request %s: %s", reply.request_id, error)
            self._send(text=_bare(reply).text, unfurl_links=False, unfurl_media=False)
        return None

    def replace(self, stamp: str, reply: Reply) -> None:
        """Nothing can be edited: a command is not a message."""

    def retract(self, stamp: str) -> None:
        """Nothing can be deleted: a command is not a message."""

    def inherit(self, begun: str | None) -> None:
        """A response comes whole; once its sending was begun, it may have arrived."""
        self.may_be_answered = begun == _SENDING

    def left(self, request_id: str) -> str | None:  # noqa: ARG002
        """Nobody can tell: what is for one person alone is kept nowhere."""
        return None

    def _send(self, **message: Any) -> None:
        """Responds; tries once more where Slack failed. Raises `SlackRequestError` after that."""
        patience, tries = _PATIENCE_SECONDS, 2
        while True:
            with aside_when_slow():
                sent = self._respond(response_type="ephemeral", replace_original=False, **message)
            if sent.status_code == _TOO_MANY and may_wait():
                seconds = seconds_told(sent.headers.get("Retry-After"))
                if seconds > patience:
                    break
                patience -= max(1.0, seconds)
                wait(seconds)
            elif sent.status_code < _SERVER_FAILED or (tries := tries - 1) == 0:
                break
        if sent.status_code != _OK:
            raise SlackRequestError(f"A response URL answered {sent.status_code}")


def teller(delivery: PrivateDelivery, client: WebClient, user: str) -> Callable[[str], None]:
    """Returns what tells `user` a line by `outlet`; failing that, in a direct message."""

    def tell(text: str) -> None:
        try:
            delivery.whisper(text)
        except SLACK_FAILURES as error:
            _log.info("Told directly: %s", error)
            client.chat_postMessage(channel=user, text=escape(text))

    return tell


def delivery_of(
    asked: InboundQuestion, client: WebClient, features: FeatureSupport, decorations: WorkerPool,
    began: Callable[[str], object] | None = None,
) -> Delivery:  # fmt: skip
    """Returns where the answer to a question goes; `began` is told of a message that holds its beginning."""
    aside = None
    if asked.response_url:
        respond = CheckedRespond(asked.response_url, client)
        aside = PrivateDelivery(respond, began if asked.private else None)
        if asked.private:
            return aside
    progress = Progress(client, features, asked, decorations)
    return MessageDelivery(client, features, asked, progress, aside, began)


def _bare(reply: Reply) -> Reply:
    """The text alone, for when Slack does not take the blocks."""
    return Reply(f"{reply.body[:2000]}\n(shown without its sources)")
