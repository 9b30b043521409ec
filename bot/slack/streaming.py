"""Streams answers where the workspace allows it."""

import logging
import re

from slack_sdk import WebClient

from bot.slack.abilities import STREAMING, Abilities
from bot.slack.asked import Asked
from bot.slack.errors import SLACK_FAILURES, error_code, is_transient
from bot.slack.replies import Reply
from bot.slack.text import markdown_pieces

_log = logging.getLogger(__name__)


def stream(client: WebClient, abilities: Abilities, asked: Asked, reply: Reply) -> str | None:
    """Streams `reply` into its thread and returns the message's timestamp.

    Returns None when there is nothing to see of it, so that it must be posted.
    """
    if not (asked.thread and reply.body and abilities.has(asked.team, STREAMING)):
        return None
    running = client.chat_stream(
        buffer_size=1, channel=asked.channel, thread_ts=asked.thread,
        recipient_team_id=asked.team, recipient_user_id=asked.user,
    )  # fmt: skip
    pieces = markdown_pieces(reply.body)
    try:
        for piece in pieces:
            running.append(markdown_text=piece)
        running.stop(blocks=[block.to_dict() for block in reply.tail])
    except SLACK_FAILURES as error:
        if running.ts is None:
            abilities.learn(asked.team, STREAMING, error)
        begun = running.ts or (_begun(client, asked, pieces[0]) if is_transient(error) else None)
        if begun is None:
            return None
        _log.warning("A stream broke: %s", error_code(error) or type(error).__name__)
        return _mend(client, asked.channel, begun, reply)
    return running.ts


def _begun(client: WebClient, asked: Asked, beginning: str) -> str | None:
    """Looks for a stream that was started without our being told: it has the answer's beginning."""
    try:
        page = client.conversations_replies(channel=asked.channel, ts=asked.thread)
    except SLACK_FAILURES:
        return None
    for message in reversed(page["messages"]):
        ours = message.get("bot_id") and float(message["ts"]) > float(asked.stamp)
        if ours and _letters(message.get("text", "")).startswith(_letters(beginning)):
            return str(message["ts"])
    return None


def _letters(text: str) -> str:
    """The letters and digits of markdown or of what Slack made of it."""
    return re.sub(r"&\w+;|\W", "", text)


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
