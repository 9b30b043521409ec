"""Helpful or not, and why: what readers think of answers."""

from slack_bolt import App, Args
from slack_sdk.models.blocks import (
    InputBlock,
    Option,
    PlainTextInputElement,
    PlainTextObject,
    RadioButtonsElement,
)
from slack_sdk.models.views import View

from bot.conversations.exchanges import Exchanges
from bot.slack.delivery.blocks import FEEDBACK, HELPFUL
from bot.slack.delivery.delivery import PrivateDelivery, teller
from bot.slack.work.queueing import QuestionQueue
from retrieval.domain.sanitizing import clean_text

WHY = "why_not_helpful"
_REASONS = {
    "wrong": "It is wrong",
    "beside": "It doesn't answer what I asked",
    "old": "It is out of date",
    "missing": "The documents say more than this",
    "other": "Something else",
}
_MAX_COMMENT = 1000


class Feedback:
    """Keeps verdicts; one a reader, the last one counts."""

    def __init__(self, queue: QuestionQueue, exchanges: Exchanges) -> None:
        self._queue = queue
        self._exchanges = exchanges

    def register(self, app: App) -> None:
        """Adds the listeners to `app`."""
        app.action(FEEDBACK)(self.on_verdict)
        app.view(WHY)(self.on_why)

    def on_verdict(self, args: Args) -> None:
        """Keeps the verdict, and asks why where it was not helpful."""
        args.ack()
        verdict, _, request_id = args.payload["value"].partition(" ")
        helpful, reader = verdict == HELPFUL, args.body["user"]["id"]
        self._exchanges.judge(request_id, reader, helpful=helpful)
        if helpful:
            aside = PrivateDelivery(args.respond)
            tell = teller(aside, args.client, reader)
            self._queue.in_background(lambda: tell("Thanks, noted."), key=reader)
        else:
            trigger, view = args.body["trigger_id"], _why_view(request_id)
            args.client.views_open(trigger_id=trigger, view=view)

    def on_why(self, args: Args) -> None:
        """Keeps the reason and the comment."""
        args.ack()
        values = args.payload["state"]["values"]
        choice = values["reason"]["reason"].get("selected_option") or {}
        comment = values["comment"]["comment"].get("value") or ""
        self._exchanges.judge(
            args.payload["private_metadata"], args.body["user"]["id"], helpful=False,
            reason=choice.get("value", ""), comment=clean_text(comment)[:_MAX_COMMENT],
        )  # fmt: skip


def _why_view(request_id: str) -> View:
    options = [Option(value=value, label=label) for value, label in _REASONS.items()]
    return View(
        type="modal",
        callback_id=WHY,
        private_metadata=request_id,
        title=PlainTextObject(text="What went wrong?"),
        submit=PlainTextObject(text="Send"),
        close=PlainTextObject(text="Cancel"),
        blocks=[
            InputBlock(
                block_id="reason", label="Why was it not helpful?", optional=True,
                element=RadioButtonsElement(action_id="reason", options=options),
            ),
            InputBlock(
                block_id="comment", label="What should the answer have been?", optional=True,
                element=PlainTextInputElement(
                    action_id="comment", multiline=True, max_length=_MAX_COMMENT
                ),
            ),
        ],
    )  # fmt: skip
