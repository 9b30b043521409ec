"""`/monazite`: what admins do from Slack. Only they are answered, and only they see the answers."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from slack_bolt import App, Args
from slack_sdk import WebClient
from slack_sdk.models.blocks import ActionsBlock, ButtonElement

from bot.slack.admins import Admins
from bot.slack.blocks import section
from bot.slack.intake import Intake
from bot.slack.outlets import PrivateOutlet
from bot.slack.reindexing import Reindexing
from bot.slack.text import MAX_SECTION_CHARS, cut, escape, unescape
from retrieval.access import EVERYONE
from retrieval.catalog import Catalog
from retrieval.errors import MonaziteError
from retrieval.records import DocumentInfo
from retrieval.removal import Remover
from retrieval.runs import Run, Runs

_USAGE = (
    "Use /monazite status, documents, history, reindex, reindex all (makes it anew), cancel, "
    "remove NAME (its file stays), index NAME (takes it in again) or delete NAME (files from Slack)."
)
_REFUSAL = "Only admins can do that; ask one of them."
_MAX_DOCUMENTS, _MAX_RUNS = 40, 8
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


class AdminCommands:
    """Registers `/monazite`."""

    def __init__(
        self, intake: Intake, admins: Admins, catalog: Catalog, runs: Runs, reindexing: Reindexing,
        remover: Remover,
    ) -> None:  # fmt: skip
        self._intake = intake
        self._admins = admins
        self._catalog = catalog
        self._runs = runs
        self._reindexing = reindexing
        self._remover = remover

    def register(self, app: App) -> None:
        """Adds the listeners to `app`."""
        app.command("/monazite")(self.on_command)
        app.action(REMOVE)(self.on_remove)
        app.action(DELETE)(self.on_remove)

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
            case ["remove" | "delete" as what, _, *_]:
                self._ask(what, argument, outlet)
            case ["index", _, *_]:
                self._take_in_again(argument, user, client, outlet)
            case ["status"]:
                outlet.whisper(self._status())
            case ["documents"]:
                outlet.whisper(_documents(self._catalog.documents()))
            case ["history"]:
                outlet.whisper(_history(self._runs.history(_MAX_RUNS)))
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

    def _ask(self, what: str, name: str, outlet: PrivateOutlet) -> None:
        try:
            target = self._remover.find(name)
            if what == "delete":
                self._remover.check_deletable(target, uploads_only=True)
        except MonaziteError as error:
            outlet.whisper(str(error))
            return
        action, style, question = _OFFERS[what]
        place = f"{target.key.root}/{target.key.name}"
        button = ButtonElement(
            text=what.title(), action_id=action, value=place[:_MAX_VALUE], style=style
        )
        asked = question.format(f"*{escape(target.key.name)}*")
        outlet.offer(f"{what.title()} {name}?", [section(asked), ActionsBlock(elements=[button])])

    def _take_in_again(
        self, name: str, user: str, client: WebClient, outlet: PrivateOutlet
    ) -> None:
        try:
            file = self._remover.taken_out(name)
        except MonaziteError as error:
            outlet.whisper(str(error))
            return
        outlet.whisper("I'll tell you in a direct message how it goes.")
        self._reindexing.start(user, client, file=file)

    def on_remove(self, args: Args) -> None:
        """Removes or deletes what the button names; whoever pressed it must be an admin, too."""
        args.ack()
        if self._intake.first("remove", args.body["trigger_id"]):
            user, name, outlet = (
                args.body["user"]["id"],
                args.payload["value"],
                PrivateOutlet(args.respond),
            )
            work = self._delete if args.payload["action_id"] == DELETE else self._remove
            self._intake.errand(partial(self._if_admin, work, user, name, args.client, outlet))

    def _if_admin(
        self, work: Callable[[str, str], str], user: str, name: str, client: WebClient,
        outlet: PrivateOutlet,
    ) -> None:  # fmt: skip
        if not self._admins.include(user, client):
            outlet.whisper(_REFUSAL)
            return
        try:
            outlet.whisper(work(name, f"{user} in Slack"))
        except MonaziteError as error:
            outlet.whisper(str(error))

    def _remove(self, name: str, who: str) -> str:
        target = self._remover.remove(name, who)
        return f"Removed {target.key.name}; its file stays, and is not indexed again."

    def _delete(self, name: str, who: str) -> str:
        target = self._remover.delete(name, who, uploads_only=True)
        return f"Deleted {target.key.name} and its file."

    def _status(self) -> str:
        build = self._catalog.live_build()
        if build is None:
            return "There is no index yet."
        documents, passages = self._catalog.document_count(), self._catalog.passage_count(build.id)
        runs = self._runs.history(1)
        last = f"\nLast run: {_run_line(runs[0])}" if runs else ""
        return (
            f"{documents:,} documents with {passages:,} passages, generation {build.generation}, "
            f"updated {_moment(build.updated_at)}; {build.fingerprint}{last}"
        )


def _documents(documents: Sequence[DocumentInfo]) -> str:
    lines = [
        f"• {one.name} ({', '.join(_told_of(one))}): {one.passages} passages"
        for one in documents[:_MAX_DOCUMENTS]
    ]
    if len(documents) > _MAX_DOCUMENTS:
        lines.append(f"… and {len(documents) - _MAX_DOCUMENTS:,} more; see: monazite status")
    return cut("\n".join(lines) or "There are no documents.", MAX_SECTION_CHARS)


def _told_of(document: DocumentInfo) -> Iterator[str]:
    said = document.said
    yield document.title
    yield from filter(None, (document.date, said.author, *(said.tags or ())))
    if document.access != EVERYONE:
        yield f"only for {document.access}"
    if said.added_by:
        yield f"added by {said.added_by} on {(said.added_at or '')[:10]}"


def _history(runs: Sequence[Run]) -> str:
    return "\n".join(f"• {_run_line(run)}" for run in runs) or "Nothing has run yet."


def _run_line(run: Run) -> str:
    documents: Any = run.report.get("documents")
    failed = len(documents.get("failed", [])) if isinstance(documents, dict) else 0
    more = f", {failed} files failed" if failed else ""
    return f"{_moment(run.started_at)} {run.kind} by {run.who}: {run.error or run.outcome}{more}"


def _moment(moment: Any) -> str:
    return str(moment.isoformat(sep=" ", timespec="minutes").replace("+00:00", " UTC"))
