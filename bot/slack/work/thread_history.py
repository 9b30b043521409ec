"""Finds what was asked before a question in its conversation."""

import logging
from collections import deque
from collections.abc import Iterator
from typing import Any

from slack_sdk import WebClient

from bot.conversations.exchanges import Exchanges
from bot.questions.followups import MAX_EARLIER
from bot.slack.api.errors import SLACK_FAILURES, error_code
from bot.slack.delivery.inbound import InboundQuestion
from bot.slack.delivery.mrkdwn import unescape

_log = logging.getLogger(__name__)
_MESSAGES = 200
# What a question leans on stands in what was asked last; see `bot/questions/followups.py` for the rest.
_MAX_MESSAGE_CHARS = 10_000
# Direct messages outside of threads belong together when they follow within this many seconds.
_SAME_TALK = 15 * 60


class ThreadHistory:
    """Knows what a question may lean on."""

    def __init__(self, exchanges: Exchanges, bot_user: str) -> None:
        self._exchanges = exchanges
        self._mention = f"<@{bot_user}>"

    def earlier(self, asked: InboundQuestion, client: WebClient) -> list[str]:
        """Returns what was asked before in the same thread or talk, oldest first."""
        if not asked.stamp:
            return []
        if not asked.is_reply:
            return self._recent(asked) if asked.direct else []
        try:
            page = client.conversations_replies(
                channel=asked.channel, ts=asked.thread, limit=_MESSAGES
            )
        except SLACK_FAILURES as error:
            _log.warning("A thread cannot be read: %s", error_code(error) or type(error).__name__)
            return self._answered(asked)
        if page.get("has_more"):
            return self._answered(asked)
        return list(deque(self._questions(asked, page["messages"]), maxlen=MAX_EARLIER))

    def _questions(self, asked: InboundQuestion, messages: list[dict[str, Any]]) -> Iterator[str]:
        """What people asked the bot before, and what the thread began with."""
        for message in messages:
            before = float(message["ts"]) < float(asked.stamp)
            text = message.get("text", "")
            to_us = asked.direct or message["ts"] == asked.thread or self._mention in text
            if before and to_us and not message.get("bot_id"):
                yield unescape(text[-_MAX_MESSAGE_CHARS:])

    def _answered(self, asked: InboundQuestion) -> list[str]:
        """The questions of this thread that we remember ourselves."""
        found = self._exchanges.of_thread(asked.channel, asked.thread)
        return [exchange.question for exchange in found if exchange.stamp != asked.stamp]

    def _recent(self, asked: InboundQuestion) -> list[str]:
        found = self._exchanges.of_thread(asked.channel, "", limit=5)
        return [
            exchange.question
            for exchange in found
            if exchange.stamp and 0 < float(asked.stamp) - float(exchange.stamp) < _SAME_TALK
        ]
