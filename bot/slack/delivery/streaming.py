"""Streams answers where the workspace allows it."""

import logging
import re
from collections.abc import Callable
from typing import Any

from slack_sdk import WebClient
from slack_sdk.web.chat_stream import ChatStream

from bot.slack.api.client import persistently
from bot.slack.api.errors import SLACK_FAILURES, error_code, is_transient
from bot.slack.concurrency.pump import Pump
from bot.slack.concurrency.waiting import not_waiting
from bot.slack.delivery.feature_support import STREAMING, FeatureSupport
from bot.slack.delivery.inbound import InboundQuestion
from bot.slack.delivery.mrkdwn import markdown_pieces
from bot.slack.delivery.replies import Reply

_log = logging.getLogger(__name__)
_FINISHED = re.compile(r"request [0-9a-f]{12}")


class Stream:
    """An answer that grows in its thread, piece by piece; one for each answer.

    What Slack does not take at once is not waited for: the answer comes whole at the end.
    """

    def __init__(
        self, client: WebClient, features: FeatureSupport, asked: InboundQuestion,
        began: Callable[[str], object] | None = None,
    ) -> None:  # fmt: skip
        self._client = client
        self._began = began
        self._inherited: str | None = None
        self._is_heir = False
        self._features = features
        self._asked = asked
        self._running: ChatStream | None = None
        self._failure: Exception | None = None
        self._shown = ""
        self._pump = Pump(self._add)

    def show(self, piece: str) -> None:
        """Has plain text added to the message soon; after a failure nothing more is added."""
        if not self._is_heir and self._may_stream():
            self._pump.put(piece)

    def _add(self, piece: str) -> None:
        """Adds plain text to the message. Raises nothing: what failed is mended at the end."""
        if self._failure:
            return
        self._shown += piece
        try:
            self._append(piece)
        except Exception as error:  # noqa: BLE001  the answer comes whole at the end
            self._failure = error

    def _append(self, piece: str) -> None:
        running = self._start()
        is_new = running.ts is None
        try:
            with not_waiting():
                for part in markdown_pieces(piece):
                    running.append(markdown_text=part)
        except SLACK_FAILURES as error:
            if running.ts is None:
                self._features.learn(self._asked.team, STREAMING, error)
            raise
        finally:
            if is_new and running.ts and self._began:
                self._began(running.ts)

    def inherit(self, begun: str | None) -> None:
        """The answer was begun by a process that is gone, in the message `begun` if that is known."""
        self._is_heir = True
        self._inherited = begun

    def finish(self, reply: Reply) -> str | None:
        """Makes the message say what `reply` says, and returns its timestamp.

        Returns None when there is nothing to see of it, so that it must be posted.
        """
        self._pump.finish()
        if self._is_heir:
            left = self._inherited or self._unfinished()
            return self._mend(left, reply) if left else None
        if not self._shown and not (reply.body and self._may_stream()):
            return None
        goes_on = reply.body.startswith(self._shown)
        if goes_on and len(reply.body) > len(self._shown):
            self._add(reply.body[len(self._shown) :])
        running = self._start()
        if goes_on and self._failure is None:
            try:
                running.stop(blocks=[block.to_dict() for block in reply.tail])
            except SLACK_FAILURES as error:
                self._failure = error
            else:
                return running.ts
        return self._rescue(reply, running)

    def _may_stream(self) -> bool:
        asked = self._asked
        return bool(asked.thread) and self._features.has(asked.team, STREAMING)

    def _start(self) -> ChatStream:
        if self._running is None:
            asked = self._asked
            self._running = self._client.chat_stream(
                buffer_size=1, channel=asked.channel, thread_ts=asked.thread,
                recipient_team_id=asked.team, recipient_user_id=asked.user,
            )  # fmt: skip
        return self._running

    def _rescue(self, reply: Reply, running: ChatStream) -> str | None:
        """Makes whole what a broken stream has left in the thread, if it has left anything."""
        failure = self._failure
        begun = running.ts
        if begun is None and failure is not None and is_transient(failure):
            begun = self._begun(markdown_pieces(self._shown)[0])
        if begun is None:
            return None
        if failure:
            _log.warning("A stream broke: %s", error_code(failure) or type(failure).__name__)
        return self._mend(begun, reply)

    def _begun(self, beginning: str) -> str | None:
        """Looks for a stream that was started without our being told: it has the answer's beginning."""
        wanted = _letters(beginning)
        return self._of_ours(lambda message: _letters(message.get("text", "")).startswith(wanted))

    def _unfinished(self) -> str | None:
        """Looks for what a dead process may have begun without having noted where.

        Its words tell nothing: the index may have changed since. Whatever we finish has its request id.
        """
        return self._of_ours(lambda message: not _FINISHED.search(str(message)))

    def _of_ours(self, is_it: Callable[[dict[str, Any]], bool]) -> str | None:
        """Returns the newest of our messages in the thread, since the question, that is like that."""
        asked = self._asked
        if not asked.thread:
            return None
        try:
            page = persistently(
                lambda: self._client.conversations_replies(channel=asked.channel, ts=asked.thread)
            )
        except SLACK_FAILURES:
            return None
        for message in reversed(page["messages"]):
            ours = message.get("bot_id") and float(message["ts"]) > float(asked.stamp or 0)
            if ours and is_it(message):
                return str(message["ts"])
        return None

    def _mend(self, stamp: str, reply: Reply) -> str | None:
        """Puts the whole reply in the message's place, or takes it away and returns None."""
        channel = self._asked.channel
        try:
            self._client.chat_stopStream(channel=channel, ts=stamp)
        except SLACK_FAILURES:
            _log.debug("A broken stream was over already")
        try:
            self._client.chat_update(
                channel=channel, ts=stamp, text=reply.text, blocks=reply.blocks
            )
        except SLACK_FAILURES:
            self._client.chat_delete(channel=channel, ts=stamp)
            return None
        return stamp


def _letters(text: str) -> str:
    """The letters and digits of markdown or of what Slack made of it."""
    return re.sub(r"&\w+;|\W", "", text)
