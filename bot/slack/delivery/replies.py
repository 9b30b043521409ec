"""Turns a question into what is sent back, whatever happens on the way."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from slack_sdk.models.blocks import Block

from bot.answering.answerer import Inquiry
from bot.answering.recorder import Recorder
from bot.slack.delivery.blocks import answer_tail, text_blocks
from bot.slack.delivery.mrkdwn import MAX_ANSWER_CHARS, line_of
from retrieval.domain.errors import MonaziteError

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reply:
    """What to post: `body` is plain text, not escaped yet, `tail` the blocks that follow it."""

    body: str
    tail: tuple[Block, ...] = ()
    answered: bool = False
    request_id: str = ""
    understood: str = ""

    @property
    def text(self) -> str:
        """What notifications and screen readers get in place of blocks."""
        return line_of(self.body)

    @property
    def blocks(self) -> list[Block]:
        """The whole message."""
        return [*text_blocks(self.body), *self.tail]


class Replier:
    """Answers a question for Slack; failures become short, honest replies with a request id."""

    def __init__(
        self,
        recorder: Recorder,
        log_error: Callable[[Exception, str], object],
        *,
        can_pass_on: bool = False,
    ) -> None:
        self._recorder = recorder
        self._log_error = log_error
        self._can_pass_on = can_pass_on

    def reply(self, inquiry: Inquiry, *, asker: str = "", shareable: bool = False) -> Reply:
        """Returns the reply to a question; never raises."""
        request_id = inquiry.request_id
        try:
            answer = self._recorder.answer(inquiry, asker=asker)
        except MonaziteError as error:
            return Reply(f"{error} (request {request_id})", request_id=request_id)
        except Exception as error:  # noqa: BLE001  silence would be worse than any reply
            return self.failure(error, request_id)
        typed = " ".join(inquiry.text.split())
        understood = answer.question if typed != answer.question else ""
        tail = answer_tail(
            answer, understood=understood, shareable=shareable, can_pass_on=self._can_pass_on
        )
        body = _cut_plain(answer.text)
        return Reply(body, tuple(tail), answer.answered, request_id, answer.question)

    def note(self, error: Exception, request_id: str) -> None:
        """Logs `error` under its request."""
        self._log_error(error, request_id)
        _log.error("request %s failed: %s", request_id, type(error).__name__)

    def failure(self, error: Exception, request_id: str) -> Reply:
        """Logs `error` and returns the apology for it."""
        self.note(error, request_id)
        return Reply(apology(request_id), request_id=request_id)


def apology(request_id: str) -> str:
    """Returns what a person is told when something failed that nobody expected."""
    return f"Sorry, something went wrong. Please tell an admin: request {request_id}"


def _cut_plain(text: str) -> str:
    """Keeps a runaway answer within one message; the notice says so."""
    if len(text) <= MAX_ANSWER_CHARS:
        return text
    return text[:MAX_ANSWER_CHARS].rsplit(" ", 1)[0] + " … (shortened)"
