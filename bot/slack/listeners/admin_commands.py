"""`/monazite`: what admins do from Slack. Only they are answered, and only they see the answers."""

from collections.abc import Callable
from functools import partial

from slack_bolt import App, Args
from slack_sdk import WebClient
from slack_sdk.models.blocks import ActionsBlock, ButtonElement

from bot.slack.delivery.blocks import section
from bot.slack.delivery.delivery import PrivateDelivery, teller
from bot.slack.delivery.mrkdwn import bold_path, unescape
from bot.slack.permissions.admins import Admins
from bot.slack.work.index_jobs import IndexJobs
from bot.slack.work.listings import Listings
from bot.slack.work.queueing import QuestionQueue
from retrieval.domain.access import Reader
from retrieval.domain.errors import MonaziteError
from retrieval.domain.single_line import single_line, single_line_path
from retrieval.indexing.removal import Remover
from retrieval.storage.runs import Runs

_USAGE = (
    "Use /monazite status, documents, history, reindex, reindex rebuild (makes it anew), cancel, "
    "remove NAME (its file stays), index NAME (takes it in again) or delete NAME (files from Slack)."
)
_REFUSAL = "Only admins can do that; ask one of them."
REMOVE, DELETE = "remove_document", "delete_document"
# Of each command that asks once more: its button's action and style, and what it asks.
_OFFERS = {
    "remove": (
        REMOVE,
        None,
        "Take {} out of the index? Its file stays, and is not indexed again until `/monazite index NAME`.",
    ),
    "delete": (
        DELETE,
        "danger",
        "Delete {}, its file and every trace of it? There is no way back.",
    ),
}
# What a button's value holds.
_MAX_VALUE = 2000
_MAX_LINE = 400


class AdminCommands:
    """Registers `/monazite`."""

    def __init__(
        self, queue: QuestionQueue, admins: Admins, listings: Listings, runs: Runs, index_jobs: IndexJobs,
        remover: Remover,
    ) -> None:  # fmt: skip
        self._queue = queue
        self._admins = admins
        self._listings = listings
        self._runs = runs
        self._index_jobs = index_jobs
        self._remover = remover

    def register(self, app: App) -> None:
        """Adds the listeners to `app`."""
        app.command("/monazite")(self.on_command)
        app.action(REMOVE)(self.on_remove)
        app.action(DELETE)(self.on_remove)

    def on_command(self, args: Args) -> None:
        """Acknowledges, and does the rest where nobody waits for it."""
        args.ack()
        if self._queue.first("admin", args.body["trigger_id"]):
            words = unescape(str(args.payload.get("text", ""))).split(maxsplit=1)
            delivery, user = PrivateDelivery(args.respond), args.payload["user_id"]
            job = partial(self._do, words, user, args.client, delivery)
            self._queue.in_background(job, teller(delivery, args.client, user), user)

    def _do(
        self, words: list[str], user: str, client: WebClient, delivery: PrivateDelivery
    ) -> None:
        if not self._admins.include(user, client):
            delivery.whisper(_REFUSAL)
            return
        command, argument = [*words, "", ""][:2]
        match [command.lower(), *argument.lower().split()]:
            case ["remove" | "delete" as what, _, *_]:
                self._ask(what, argument, self._listings.reader(user, client), delivery)
            case ["index", _, *_]:
                self._take_in_again(argument, user, client, delivery)
            case ["status"]:
                delivery.whisper(self._listings.status(user, client))
            case ["documents"]:
                delivery.whisper(self._listings.documents(user, client))
            case ["history"]:
                delivery.whisper(self._listings.history())
            case ["cancel"]:
                stopping = self._runs.cancel()
                delivery.whisper(
                    "The run stops at its next document." if stopping else "No run is at work."
                )
            case ["reindex"] | ["reindex", "rebuild" | "all"]:
                delivery.whisper("I'll tell you in a direct message how it goes.")
                self._index_jobs.start(user, client, rebuild=bool(argument))
            case _:
                delivery.whisper(_USAGE)

    def _ask(self, what: str, name: str, reader: Reader, delivery: PrivateDelivery) -> None:
        try:
            target = self._remover.find(name, reader)
            if what == "delete":
                self._remover.check_deletable(target, uploads_only=True)
        except MonaziteError as error:
            delivery.whisper(single_line(str(error), _MAX_LINE))
            return
        action, style, question = _OFFERS[what]
        place = f"{target.key.root}/{target.key.name}"
        button = ButtonElement(
            text=what.title(), action_id=action, value=place[:_MAX_VALUE], style=style
        )
        heading = f"{what.title()} {single_line_path(name)}?"
        asked = question.format(bold_path(target.key.name))
        delivery.offer(heading, [section(asked), ActionsBlock(elements=[button])])

    def _take_in_again(
        self, name: str, user: str, client: WebClient, delivery: PrivateDelivery
    ) -> None:
        try:
            file = self._remover.taken_out(name)
        except MonaziteError as error:
            delivery.whisper(single_line(str(error), _MAX_LINE))
            return
        delivery.whisper("I'll tell you in a direct message how it goes.")
        self._index_jobs.start(user, client, file=file)

    def on_remove(self, args: Args) -> None:
        """Removes or deletes what the button names; whoever pressed it must be an admin, too."""
        args.ack()
        if self._queue.first("remove", args.body["trigger_id"]):
            user, name, delivery = (
                args.body["user"]["id"],
                args.payload["value"],
                PrivateDelivery(args.respond),
            )
            work = self._delete if args.payload["action_id"] == DELETE else self._remove
            job = partial(self._if_admin, work, user, name, args.client, delivery)
            self._queue.in_background(job, teller(delivery, args.client, user), user)

    def _if_admin(
        self, work: Callable[[str, str], str], user: str, name: str, client: WebClient,
        delivery: PrivateDelivery,
    ) -> None:  # fmt: skip
        if not self._admins.include(user, client):
            delivery.whisper(_REFUSAL)
            return
        try:
            delivery.whisper(work(name, f"{user} in Slack"))
        except MonaziteError as error:
            delivery.whisper(single_line(str(error), _MAX_LINE))

    def _remove(self, name: str, who: str) -> str:
        target = self._remover.remove(name, who)
        return f"Removed {single_line_path(target.key.name)}; its file stays, and is not indexed again."

    def _delete(self, name: str, who: str) -> str:
        target = self._remover.delete(name, who, uploads_only=True)
        return f"Deleted {single_line_path(target.key.name)} and its file."
