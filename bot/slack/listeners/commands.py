"""`/ask`, sharing its answer, the message shortcut, and passing questions on."""

import logging
from collections.abc import Callable

from slack_bolt import App, Args
from slack_sdk import WebClient

from bot.conversations.exchanges import Exchange, Exchanges
from bot.conversations.idempotency_keys import IdempotencyKeys
from bot.slack.api.errors import ABSENT, SLACK_FAILURES, error_code
from bot.slack.delivery.blocks import PASS_ON, SHARE
from bot.slack.delivery.delivery import PrivateDelivery, teller
from bot.slack.delivery.inbound import InboundQuestion, from_command, from_shortcut
from bot.slack.delivery.mrkdwn import escape_name
from bot.slack.work.queueing import QuestionQueue

_log = logging.getLogger(__name__)
ANSWER_THIS = "answer_this"
_MAX_QUESTION_CHARS = 2000
_USAGE = (
    "Ask a question after the command, for example: /ask What is the two bases policy? "
    "Only you see the answer, and you can share it."
)


class Commands:
    """Registers what people reach through menus, commands and buttons."""

    def __init__(
        self,
        queue: QuestionQueue,
        exchanges: Exchanges,
        idempotency_keys: IdempotencyKeys,
        admin_channel: str,
    ) -> None:
        self._queue = queue
        self._exchanges = exchanges
        self._idempotency_keys = idempotency_keys
        self._admin_channel = admin_channel

    def register(self, app: App) -> None:
        """Adds the listeners to `app`."""
        app.command("/ask")(self.on_command)
        app.shortcut(ANSWER_THIS)(self.on_shortcut)
        app.action(SHARE)(self.on_share)
        app.action(PASS_ON)(self.on_pass_on)

    def on_command(self, args: Args) -> None:
        """`/ask question` is answered to the asker alone."""
        asked = from_command(args.payload)
        if asked.text.lower() in ("", "help"):
            args.ack(_USAGE)
            return
        args.ack()
        # Slack gives every use of a command one trigger, redelivered or not.
        self._queue.take(asked, args.client, f"command:{args.body['trigger_id']}")

    def on_shortcut(self, args: Args) -> None:
        """The message is answered in its thread, for all to see."""
        args.ack()
        asked, aside = from_shortcut(args.body), PrivateDelivery(args.respond)
        if asked.text:
            self._queue.take(asked, args.client, f"shortcut:{args.body['trigger_id']}")
        elif self._queue.first("shortcut", args.body["trigger_id"]):
            nothing = "There is no text in that message to answer."
            tell = teller(aside, args.client, asked.user)
            self._queue.in_background(lambda: tell(nothing), key=asked.user)

    def on_share(self, args: Args) -> None:
        """A private answer is given again, where everyone sees it."""
        args.ack()
        exchange = self._exchanges.get(args.payload["value"])
        if exchange:
            user, question = args.body["user"]["id"], exchange.standalone
            asked = InboundQuestion(
                args.body["team"]["id"], user, args.body["channel"]["id"], question,
                preface=f"<@{user}> asked: {escape_name(question, _MAX_QUESTION_CHARS)}",
                response_url=args.body["response_url"],
            )  # fmt: skip
            self._queue.take(asked, args.client, f"share:{args.body['trigger_id']}")

    def on_pass_on(self, args: Args) -> None:
        """A question without an answer goes to the admins' channel, once."""
        args.ack()
        exchange = self._exchanges.get(args.payload["value"])
        if exchange:
            user, aside = args.body["user"]["id"], PrivateDelivery(args.respond)
            tell = teller(aside, args.client, user)
            self._queue.in_background(
                lambda: self._pass_on(exchange, user, args.client, tell), tell, user
            )

    def _pass_on(
        self, exchange: Exchange, user: str, client: WebClient, tell: Callable[[str], None]
    ) -> None:
        key = f"slack:pass:{exchange.request_id}"
        if not self._idempotency_keys.claim(key):
            tell("This question has been passed on to the admins already.")
            return
        text = (
            f"<@{user}> asks, and the documents don't seem to answer:\n"
            f">{escape_name(exchange.question, _MAX_QUESTION_CHARS)}"
            f"{_link_to(exchange, client)}"
        )
        try:
            client.chat_postMessage(
                channel=self._admin_channel, text=text, unfurl_links=False, unfurl_media=False
            )
        except Exception as error:
            self._idempotency_keys.release(key)
            if not isinstance(error, SLACK_FAILURES):
                raise
            why = "I can't post there" if error_code(error) in ABSENT else "Slack did not take it"
            _log.warning("Not passed on: %s", error)
            tell(f"The admins could not be reached ({why}); please tell them yourself.")
            return
        tell("I have passed your question on to the admins.")


def _link_to(exchange: Exchange, client: WebClient) -> str:
    """Returns a line with the address of the question; the question goes without, if need be."""
    if not exchange.stamp:
        return ""
    try:
        found = client.chat_getPermalink(channel=exchange.channel, message_ts=exchange.stamp)
        return f"\n{found['permalink']}"
    except (*SLACK_FAILURES, KeyError) as error:
        _log.info("No link to a question: %s", error)
        return ""
