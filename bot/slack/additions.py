"""The message shortcut "Add to knowledge base": admins add a message's files, and say for whom."""

import json
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

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

from bot.slack.admins import Admins
from bot.slack.blocks import section
from bot.slack.errors import SLACK_FAILURES, error_code
from bot.slack.intake import Intake
from bot.slack.outlets import PrivateOutlet, teller
from bot.slack.reindexing import Reindexing
from bot.slack.text import MAX_SECTION_CHARS, cut, escape, line_of
from bot.slack.waiting import step_aside
from retrieval.access import EVERYONE
from retrieval.errors import LoadError, MonaziteError
from retrieval.metadata import Metadata
from retrieval.uploads import Upload, Uploads
from retrieval.web import Web

ADD, ADDED = "add_to_knowledge_base", "added_to_knowledge_base"
_REFUSAL = "Only admins can add documents; ask one of them."
_NO_FILES = "There is no file in that message to add."
_MAX_FILES, _MAX_TITLE = 10, 200
_CHANNEL_ONLY = "channel"


class Additions:
    """Opens a form for a message's files, and takes in what is sent from it."""

    def __init__(
        self, intake: Intake, admins: Admins, uploads: Uploads, reindexing: Reindexing, web: Web
    ) -> None:
        self._intake = intake
        self._admins = admins
        self._uploads = uploads
        self._reindexing = reindexing
        self._web = web

    def register(self, app: App) -> None:
        """Adds the listeners to `app`."""
        app.shortcut(ADD)(self.on_shortcut)
        app.view(ADDED)(self.on_sent)

    def on_shortcut(self, args: Args) -> None:
        """Opens the form, for admins; a trigger lasts three seconds."""
        args.ack()
        files = args.body["message"].get("files") or []
        user, outlet = args.body["user"]["id"], PrivateOutlet(args.respond)
        if not files:
            tell = teller(outlet, args.client, user)
            self._intake.errand(lambda: tell(_NO_FILES), key=user)
        elif not self._admins.include(user, args.client):
            tell = teller(outlet, args.client, user)
            self._intake.errand(lambda: tell(_REFUSAL), key=user)
        else:
            channel = str(args.body["channel"]["id"])
            kept = {"channel": channel, "files": [one["id"] for one in files[:_MAX_FILES]]}
            names = [str(one.get("name", "")) for one in files[:_MAX_FILES]]
            view = _form(kept, names, closed=_is_closed(channel, args.client))
            args.client.views_open(trigger_id=args.body["trigger_id"], view=view)

    def on_sent(self, args: Args) -> None:
        """Takes the files in, where nobody waits for it."""
        args.ack()
        user, client, view = args.body["user"]["id"], args.client, args.payload
        if self._intake.first("added", view["id"]):
            self._intake.errand(
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
                name = self._uploads.add(self._download(file, client, said))
                lines.append(f"Added {name}.")
                added = True
            except MonaziteError as error:
                lines.append(str(error))
            except SLACK_FAILURES as error:
                lines.append(f"A file was not to be had from Slack ({error_code(error) or error}).")
        told = "\n".join(lines)
        if added:
            self._reindexing.start(user, client, began=f"{told}\nIndexing…")
        else:
            client.chat_postMessage(channel=user, text=line_of(told))

    def _download(self, file: str, client: WebClient, said: Metadata) -> Upload:
        found = client.files_info(file=file)["file"]
        name, url = str(found["name"]), str(found.get("url_private_download") or "")
        if not _is_slacks(url, client.base_url):
            raise LoadError(f"{name} is not kept in Slack; add it to the documents folder yourself")
        try:
            got = self._web.get(url, {"Authorization": f"Bearer {client.token}"})
        except LoadError as error:
            raise LoadError(f"{name} {error}") from None
        kind = got.headers.get("content-type", "") if got else ""
        if got is None or (
            kind.startswith("text/html") and not name.lower().endswith((".html", ".htm"))
        ):
            # What Slack sends in place of a file to those who may not have it.
            raise LoadError(f"{name} cannot be had from Slack; does the app have files:read?")
        return Upload(name, got.body, said)


def _tell(client: WebClient, user: str, text: str) -> None:
    client.chat_postMessage(channel=user, text=line_of(text))


def _is_slacks(url: str, api: str) -> bool:
    """Says whether a file is Slack's own: only then may our token go there."""
    host = urlsplit(url).hostname or ""
    own = url.startswith("https://") and (host == "slack.com" or host.endswith(".slack.com"))
    return own or bool(host and urlsplit(url).netloc == urlsplit(api).netloc)


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
        title=title.strip()[:_MAX_TITLE] or None,
        access=EVERYONE if chosen == EVERYONE else channel,
        added_by=user,
        added_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _form(kept: dict[str, Any], names: list[str], *, closed: bool) -> View:
    options = [Option(value=EVERYONE, label="Everyone who may ask me")]
    if not kept["channel"].startswith("D"):
        options.append(Option(value=_CHANNEL_ONLY, label="Only the people of this channel"))
    chosen = options[-1] if closed else options[0]
    listed = "\n".join(f"• {escape(name)}" for name in names)
    blocks: list[Block] = [section(cut(f"To be added:\n{listed}", MAX_SECTION_CHARS))]
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
