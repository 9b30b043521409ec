"""`/monazite`: what admins do from Slack. Only they are answered, and only they see the answers."""

from functools import partial

from slack_bolt import App, Args
from slack_sdk import WebClient
from slack_sdk.models.blocks import ActionsBlock, ButtonElement

from bot.slack.admins import Admins
from bot.slack.blocks import section
from bot.slack.intake import Intake
from bot.slack.listings import Listings
from bot.slack.outlets import PrivateOutlet
from bot.slack.reindexing import Reindexing
from bot.slack.text import escape, unescape
from retrieval.access import Reader
from retrieval.errors import MonaziteError
from retrieval.removal import Remover
from retrieval.runs import Runs

_USAGE = (
    "Use /monazite status, documents, history, reindex, reindex all (makes it anew), cancel or "
    "remove NAME."
)
_REFUSAL = "Only admins can do that; ask one of them."
REMOVE = "remove_document"
# What a button's value holds.
_MAX_VALUE = 2000


class AdminCommands:
    """Registers `/monazite`."""

    def __init__(
        self, intake: Intake, admins: Admins, listings: Listings, runs: Runs, reindexing: Reindexing,
        remover: Remover,
    ) -> None:  # fmt: skip
        self._intake = intake
        self._admins = admins
        self._listings = listings
        self._runs = runs
        self._reindexing = reindexing
        self._remover = remover

    def register(self, app: App) -> None:
        """Adds the listeners to `app`."""
        app.command("/monazite")(self.on_command)
        app.action(REMOVE)(self.on_remove)

    def on_command(self, args: Args) -> None:
        """Acknowledges, and does the rest where nobody waits for it."""
        args.ack()
        if self._intake.first("admin", args.body["trigger_id"]):
            words = unescape(str(args.payload.get("text", ""))).split(maxsplit=1)
            outlet, user = PrivateOutlet(args.respond), args.payload["user_id"]
            self._intake.errand(partial(self._do, words, user, args.client, outlet))

    def _do(self, words: list[str], user: str, client: WebClient, outlet: PrivateOutlet) -> None:
        if not self._admins.include(user, client):
            outlet.whisper(_REFUSAL)
            return
        command, argument = [*words, "", ""][:2]
        match [command.lower(), *argument.lower().split()]:
            case ["remove", _, *_]:
                self._ask_to_remove(argument, self._listings.reader(user, client), outlet)
            case ["status"]:
                outlet.whisper(self._listings.status(user, client))
            case ["documents"]:
                outlet.whisper(self._listings.documents(user, client))
            case ["history"]:
                outlet.whisper(self._listings.history())
            case ["cancel"]:
                stopping = self._runs.cancel()
                outlet.whisper(
                    "The run stops at its next document." if stopping else "No run is at work."
                )
            case ["reindex"] | ["reindex", "all"]:
                outlet.whisper("I'll tell you in a direct message how it goes.")
                self._reindexing.start(user, client, rebuild=bool(argument))
            case _:
                outlet.whisper(_USAGE)

    def _ask_to_remove(self, name: str, reader: Reader, outlet: PrivateOutlet) -> None:
        try:
            target = self._remover.find(name, reader)
        except MonaziteError as error:
            outlet.whisper(str(error))
            return
        what = f"Delete *{escape(target.key.name)}*, its file and every trace of it? There is no way back."
        button = ButtonElement(
            text="Delete", action_id=REMOVE, value=target.key.name[:_MAX_VALUE], style="danger"
        )
        outlet.offer(f"Delete {name}?", [section(what), ActionsBlock(elements=[button])])

    def on_remove(self, args: Args) -> None:
        """Removes what the button names; whoever pressed it must be an admin, too."""
        args.ack()
        if self._intake.first("remove", args.body["trigger_id"]):
            user, name, outlet = (
                args.body["user"]["id"],
                args.payload["value"],
                PrivateOutlet(args.respond),
            )
            self._intake.errand(partial(self._remove, user, name, args.client, outlet))

    def _remove(self, user: str, name: str, client: WebClient, outlet: PrivateOutlet) -> None:
        if not self._admins.include(user, client):
            outlet.whisper(_REFUSAL)
            return
        try:
            self._remover.remove(name, f"{user} in Slack")
        except MonaziteError as error:
            outlet.whisper(str(error))
        else:
            outlet.whisper(f"Removed {name}.")
