"""Turns a question into what is sent back, whatever happens on the way."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from slack_sdk.models.blocks import Block, MarkdownTextObject, SectionBlock

from bot.answering import Answerer
from bot.slack.blocks import answer_blocks, plain_text
from bot.slack.text import escape
from retrieval.errors import MonaziteError

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reply:
    """What to post: `text` for notifications, `blocks` for the message."""

    text: str
    blocks: list[Block]


class Replier:
    """Answers a question for Slack; failures become short, honest replies with a request id."""

    def __init__(self, answerer: Answerer, log_error: Callable[[Exception, str], object]) -> None:
        self._answerer = answerer
        self._log_error = log_error

    def reply(self, question: str, *, shareable: bool = False) -> Reply:
        """Returns the reply to `question`; never raises."""
        request_id = uuid4().hex[:12]
        try:
            answer = self._answerer.answer(question, request_id)
        except MonaziteError as error:
            return notice(f"{error} (request {request_id})")
        except Exception as error:  # noqa: BLE001  silence would be worse than any reply
            self._log_error(error, request_id)
            _log.error("request %s failed: %s", request_id, type(error).__name__)
            return notice(
                f"Sorry, something went wrong. Please tell an admin: request {request_id}"
            )
        return Reply(plain_text(answer), answer_blocks(answer, shareable=shareable))


def notice(text: str) -> Reply:
    """Returns a reply of one line."""
    line = escape(text)
    return Reply(line, [SectionBlock(text=MarkdownTextObject(text=line))])
