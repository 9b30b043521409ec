"""The message shortcut "Add to knowledge base": admins add a message's files, and say for whom."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

from slack_bolt import App, Args
from slack_sdk import WebClient
from slack_sdk.models.blocks import (
    Block,
    InputBlock,
    Option,
    PlainTextInputElement,
    PlainTextObject,
    RadioButtonsElement,
)
from slack_sdk.models.views import View

from bot.slack.api.errors import SLACK_FAILURES
from bot.slack.api.files import SlackFiles, name_of, problem_of
from bot.slack.concurrency.waiting import step_aside
from bot.slack.delivery.blocks import context, section
from bot.slack.delivery.delivery import PrivateDelivery, teller
from bot.slack.delivery.mrkdwn import MAX_SECTION_CHARS, cut, escape, escape_name, line_of
from bot.slack.permissions.admins import Admins
from bot.slack.work.index_jobs import IndexJobs
from bot.slack.work.queueing import QuestionQueue
from retrieval.domain.access import EVERYONE
from retrieval.domain.errors import MonaziteError
from retrieval.domain.metadata import Metadata
from retrieval.domain.single_line import single_line
from retrieval.sources.uploads import Upload, Uploads

ADD, ADDED = "add_to_knowledge_base", "added_to_knowledge_base"
_REFUSAL = "Only admins can add documents; ask one of them."
_NO_FILES = "There is no file in that message to add."
_MAX_FILES, _MAX_TITLE, _MAX_LINE = 10, 200, 400
_MAX_LISTED = 30
_CHANNEL_ONLY = "channel"


class Additions:
    """Opens a form for a message's files, and takes in what is sent from it."""

    def __init__(
        self,
        queue: QuestionQueue,
        admins: Admins,
        uploads: Uploads,
        index_jobs: IndexJobs,
        files: SlackFiles,
    ) -> None:
        self._queue = queue
        self._admins = admins
        self._uploads = uploads
        self._index_jobs = index_jobs
        self._files = files

    def register(self, app: App) -> None:
        """Adds the listeners to `app`."""
        app.shortcut(ADD)(self.on_shortcut)
        app.view(ADDED)(self.on_sent)

    def on_shortcut(self, args: Args) -> None:
        """Opens the form, for admins; a trigger lasts three seconds."""
        args.ack()
        shared = _shared(args.body["message"])
        files = [file for file in shared if file.get("id") and not problem_of(file)]
        user, delivery = args.body["user"]["id"], PrivateDelivery(args.respond)
        tell = teller(delivery, args.client, user)
        if not shared:
            self._queue.in_background(lambda: tell(_NO_FILES), key=user)
        elif not self._admins.include(user, args.client):
            self._queue.in_background(lambda: tell(_REFUSAL), key=user)
        elif not files:
            told = _bullets(_left_out(shared, files))
            self._queue.in_background(lambda: tell(told), key=user)
        else:
            channel = str(args.body["channel"]["id"])
            kept = {"channel": channel, "files": [one["id"] for one in files[:_MAX_FILES]]}
            names = [name_of(one) for one in files[:_MAX_FILES]]
            left_out = list(_left_out(shared, files))
            view = _form(kept, names, left_out, closed=_is_closed(channel, args.client))
            args.client.views_open(trigger_id=args.body["trigger_id"], view=view)

    def on_sent(self, args: Args) -> None:
        """Takes the files in, where nobody waits for it."""
        args.ack()
        user, client, view = args.body["user"]["id"], args.client, args.payload
        if self._queue.first("added", view["id"]):
            self._queue.in_background(
                lambda: self._add(user, client, view), partial(_tell, client, user), user
            )

    def _add(self, user: str, client: WebClient, view: dict[str, Any]) -> None:
        if not self._admins.include(user, client):
            client.chat_postMessage(channel=user, text=_REFUSAL)
            return
        # Files may take minutes to come; short errands are done meanwhile.
        step_aside()
        kept = json.loads(view["private_metadata"])
        said = _said(view["state"]["values"], kept["channel"], user)
        added, lines = False, []
        for file in kept["files"]:
            try:
                name, data = self._files.fetch(file, client)
                lines.append(f"Added {self._uploads.add(Upload(name, data, said))}.")
                added = True
            except MonaziteError as error:
                lines.append(str(error))
        told = _bullets(lines)
        if added:
            self._index_jobs.start(user, client, began=f"{told}\nIndexing…")
        else:
            client.chat_postMessage(channel=user, text=line_of(told))


def _tell(client: WebClient, user: str, text: str) -> None:
    client.chat_postMessage(channel=user, text=line_of(text))


def _is_closed(channel: str, client: WebClient) -> bool:
    """Says whether a conversation is private; where that cannot be told, it is."""
    try:
        found = client.conversations_info(channel=channel)["channel"]
        return bool(found.get("is_private") or found.get("is_im") or found.get("is_mpim"))
    except (*SLACK_FAILURES, KeyError, TypeError):
        return True


def _said(values: dict[str, Any], channel: str, user: str) -> Metadata:
    chosen = (values["access"]["access"].get("selected_option") or {}).get("value")
    title = ((values.get("title") or {}).get("title") or {}).get("value") or ""
    return Metadata(
        title=single_line(title, _MAX_TITLE) or None,
        access=EVERYONE if chosen == EVERYONE else channel,
        added_by=user,
        added_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _shared(message: dict[str, Any]) -> list[dict[str, Any]]:
    return [file for file in message.get("files") or [] if isinstance(file, dict)]


def _left_out(shared: list[dict[str, Any]], files: list[dict[str, Any]]) -> Iterator[str]:
    """What is not added of a message's files, and why."""
    for file in shared[:_MAX_LISTED]:
        if file not in files:
            yield f"{name_of(file)} {problem_of(file) or 'cannot be had from Slack'}"
    if len(files) > _MAX_FILES:
        yield (
            f"Only the first {_MAX_FILES} of {len(files)} files are added; "
            "share the others in a message of their own"
        )


def _bullets(lines: Iterable[str]) -> str:
    """A line each. Names are in them, and none may begin with what Slack reads as a mark."""
    return "\n".join(f"• {single_line(line, _MAX_LINE)}" for line in lines)


def _form(kept: dict[str, Any], names: list[str], left_out: list[str], *, closed: bool) -> View:
    options = [Option(value=EVERYONE, label="Everyone who may ask me")]
    if not kept["channel"].startswith("D"):
        options.append(Option(value=_CHANNEL_ONLY, label="Only the people of this channel"))
    chosen = options[-1] if closed else options[0]
    listed = "\n".join(f"• {escape_name(name)}" for name in names)
    blocks: list[Block] = [section(cut(f"To be added:\n{listed}", MAX_SECTION_CHARS))]
    if left_out:
        blocks.append(context(escape(_bullets(left_out))))
    if len(names) == 1:
        title = PlainTextInputElement(action_id="title", max_length=_MAX_TITLE)
        blocks.append(
            InputBlock(
                block_id="title",
                label="Title, if it needs another one",
                optional=True,
                element=title,
            )
        )
    access = RadioButtonsElement(action_id="access", options=options, initial_option=chosen)
    blocks.append(InputBlock(block_id="access", label="Who may see what it says?", element=access))
    return View(
        type="modal", callback_id=ADDED, private_metadata=json.dumps(kept),
        title=PlainTextObject(text="Add to knowledge base"), submit=PlainTextObject(text="Add"),
        close=PlainTextObject(text="Cancel"), blocks=blocks,
    )  # fmt: skip
