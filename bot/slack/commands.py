"""`/ask`, sharing its answer, the message shortcut, and passing questions on."""

from slack_bolt import App, Args
from slack_sdk import WebClient

from bot.slack.asked import Asked, from_command, from_shortcut
from bot.slack.blocks import PASS_ON, SHARE
from bot.slack.errors import ABSENT, SLACK_FAILURES, error_code
from bot.slack.intake import Intake
from bot.slack.outlets import PrivateOutlet
from bot.slack.text import escape_name
from retrieval.claims import Claims
from retrieval.exchanges import Exchange, Exchanges

ANSWER_THIS = "answer_this"
_MAX_QUESTION_CHARS = 2000
_USAGE = (
    "Ask a question after the command, for example: /ask What is the two bases policy? "
    "Only you see the answer, and you can share it."
)


class Commands:
    """Registers what people reach through menus, commands and buttons."""

    def __init__(
        self, intake: Intake, exchanges: Exchanges, claims: Claims, admin_channel: str
    ) -> None:
        self._intake = intake
        self._exchanges = exchanges
        self._claims = claims
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
        self._intake.take(asked, args.client, f"command:{args.body['trigger_id']}")

    def on_shortcut(self, args: Args) -> None:
        """The message is answered in its thread, for all to see."""
        args.ack()
        asked, aside = from_shortcut(args.body), PrivateOutlet(args.respond)
        if asked.text:
            self._intake.take(asked, args.client, f"shortcut:{args.body['trigger_id']}")
        elif self._intake.first("shortcut", args.body["trigger_id"]):
            nothing = "There is no text in that message to answer."
            self._intake.errand(lambda: aside.whisper(nothing))

    def on_share(self, args: Args) -> None:
        """A private answer is given again, where everyone sees it."""
        args.ack()
        exchange = self._exchanges.get(args.payload["value"])
        if exchange:
            user, question = args.body["user"]["id"], exchange.standalone
            asked = Asked(
                args.body["team"]["id"], user, args.body["channel"]["id"], question,
                preface=f"<@{user}> asked: {escape_name(question, _MAX_QUESTION_CHARS)}",
                response_url=args.body["response_url"],
            )  # fmt: skip
            self._intake.take(asked, args.client, f"share:{args.body['trigger_id']}")

    def on_pass_on(self, args: Args) -> None:
        """A question without an answer goes to the admins' channel, once."""
        args.ack()
        exchange = self._exchanges.get(args.payload["value"])
        if exchange:
            user, aside = args.body["user"]["id"], PrivateOutlet(args.respond)
            self._intake.errand(lambda: self._pass_on(exchange, user, args.client, aside))

    def _pass_on(
        self, exchange: Exchange, user: str, client: WebClient, outlet: PrivateOutlet
    ) -> None:
        key = f"slack:pass:{exchange.request_id}"
        if not self._claims.claim(key):
            outlet.whisper("This question has been passed on to the admins already.")
            return
        text = (
            f"<@{user}> asks, and the documents don't seem to answer:\n"
            f">{escape_name(exchange.question, _MAX_QUESTION_CHARS)}"
        )
        try:
            if exchange.stamp:
                link = client.chat_getPermalink(channel=exchange.channel, message_ts=exchange.stamp)
                text += f"\n{link['permalink']}"
            client.chat_postMessage(
                channel=self._admin_channel, text=text, unfurl_links=False, unfurl_media=False
            )
        except SLACK_FAILURES as error:
            self._claims.release(key)
            why = "I can't post there" if error_code(error) in ABSENT else "Slack did not take it"
            outlet.whisper(f"The admins could not be reached ({why}); please tell them yourself.")
            raise
        outlet.whisper("I have passed your question on to the admins.")
