"""Streams answers where the workspace allows it."""

import logging
import threading

from slack_sdk import WebClient

from bot.slack.asked import Asked
from bot.slack.errors import SLACK_FAILURES, error_code
from bot.slack.replies import Reply
from bot.slack.text import markdown_pieces

_log = logging.getLogger(__name__)
# Refusals that hold for every answer in a workspace: the method is unknown, the plan or
# the token does not allow it. https://docs.slack.dev/reference/methods/chat.startStream
_REFUSALS = frozenset(
    {"unknown_method", "missing_scope", "team_access_not_granted", "access_denied",
     "no_permission", "method_deprecated", "feature_not_enabled"}
)  # fmt: skip


class Streams:
    """Knows which workspaces do not stream; asked once each. Thread-safe."""

    def __init__(self) -> None:
        self._refusing: set[str] = set()
        self._lock = threading.Lock()

    def stream(self, client: WebClient, asked: Asked, reply: Reply) -> str | None:
        """Streams `reply` into its thread and returns the message's timestamp.

        Returns None when there is nothing to see of it, so that it must be posted.
        """
        if not asked.thread or not reply.body or self._refuses(asked.team):
            return None
        stream = client.chat_stream(
            buffer_size=1, channel=asked.channel, thread_ts=asked.thread,
            recipient_team_id=asked.team, recipient_user_id=asked.user,
        )  # fmt: skip
        try:
            for piece in markdown_pieces(reply.body):
                stream.append(markdown_text=piece)
            stream.stop(blocks=[block.to_dict() for block in reply.tail])
        except SLACK_FAILURES as error:
            if stream.ts is None:
                self._note(asked.team, error_code(error))
                return None
            _log.warning("A stream broke: %s", error_code(error) or type(error).__name__)
            return _mend(client, asked.channel, stream.ts, reply)
        return stream.ts

    def _refuses(self, team: str) -> bool:
        with self._lock:
            return team in self._refusing

    def _note(self, team: str, code: str) -> None:
        if code in _REFUSALS or code.startswith("not_allowed"):
            with self._lock:
                self._refusing.add(team)
            _log.info("Answers are posted, not streamed: %s", code)


def _mend(client: WebClient, channel: str, stamp: str, reply: Reply) -> str | None:
    """Makes a message whole whose stream broke, or takes it away and returns None."""
    try:
        client.chat_stopStream(channel=channel, ts=stamp)
    except SLACK_FAILURES:
        _log.debug("A broken stream was over already")
    try:
        client.chat_update(channel=channel, ts=stamp, text=reply.text, blocks=reply.blocks)
    except SLACK_FAILURES:
        client.chat_delete(channel=channel, ts=stamp)
        return None
    return stamp
