"""Helpful or not, and why: what readers think of answers."""

from collections.abc import Callable
from typing import Any

from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.models.blocks import (
    InputBlock,
    Option,
    PlainTextInputElement,
    PlainTextObject,
    RadioButtonsElement,
)
from slack_sdk.models.views import View

from bot.slack.blocks import FEEDBACK, HELPFUL
from bot.slack.intake import Intake
from bot.slack.outlets import PrivateOutlet
from retrieval.exchanges import Exchanges

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

    def __init__(self, intake: Intake, exchanges: Exchanges) -> None:
        self._intake = intake
        self._exchanges = exchanges

    def register(self, app: App) -> None:
        """Adds the listeners to `app`."""
        app.action(FEEDBACK)(self.on_verdict)
        app.view(WHY)(self.on_why)

    def on_verdict(
        self,
        ack: Callable[..., None],
        body: dict[str, Any],
        action: dict[str, Any],
        client: WebClient,
        respond: Callable[..., Any],
    ) -> None:
        """Keeps the verdict at once, and asks why where it was not helpful."""
        ack()
        verdict, _, request_id = action["value"].partition(" ")
        helpful, reader = verdict == HELPFUL, body["user"]["id"]
        if not helpful:
            client.views_open(trigger_id=body["trigger_id"], view=_why_view(request_id))
        self._exchanges.judge(request_id, reader, helpful=helpful)
        if helpful:
            thanks = "Thanks, noted."
            self._intake.errand(lambda: PrivateOutlet(respond).whisper(thanks))

    def on_why(self, ack: Callable[..., None], body: dict[str, Any], view: dict[str, Any]) -> None:
        """Keeps the reason and the comment."""
        ack()
        values = view["state"]["values"]
        choice = values["reason"]["reason"].get("selected_option") or {}
        comment = values["comment"]["comment"].get("value") or ""
        self._exchanges.judge(
            view["private_metadata"], body["user"]["id"], helpful=False,
            reason=choice.get("value", ""), comment=comment[:_MAX_COMMENT],
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
