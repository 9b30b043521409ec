"""The passages behind an answer, in a modal: whole, the quotes in bold, with what stands around."""

from collections.abc import Sequence

from slack_bolt import App, Args
from slack_sdk.models.blocks import Block, DividerBlock, PlainTextObject
from slack_sdk.models.views import View

from bot.answers.wording import passage_place
from bot.slack.delivery.blocks import (
    MAX_SECTION_PATH_CHARS,
    MAX_SOURCES,
    SHOW_PASSAGES,
    cited_in,
    context,
    section,
)
from bot.slack.delivery.mrkdwn import bold_name, cut, escape, escape_path, sections_of
from bot.slack.permissions.audience import Audiences
from retrieval.domain.records import StoredPassage
from retrieval.storage.catalog import Catalog

_AROUND_CHARS = 300
_MAX_SECTIONS = 3


class PassageViewer:
    """Opens the modal; no model is needed, so it is quick enough for a trigger's 3 seconds."""

    def __init__(self, catalog: Catalog, audiences: Audiences) -> None:
        self._catalog = catalog
        self._audiences = audiences

    def register(self, app: App) -> None:
        """Adds the listener to `app`."""
        app.action(SHOW_PASSAGES)(self.on_show)

    def on_show(self, args: Args) -> None:
        """Opens the passages that the button's answer cites."""
        args.ack()
        spans = cited_in(args.payload["value"])
        channel = (args.body.get("channel") or {}).get("id", "")
        reader = self._audiences.person(args.body["user"]["id"], args.client, channel)
        found = self._catalog.live_passages(list(spans), reader)
        blocks: list[Block] = []
        for key in [key for key in spans if key in found][:MAX_SOURCES]:
            blocks += self._passage_blocks(found[key], spans[key])
        if not blocks:
            blocks = [section("These passages have left the index since; please ask again.")]
        view = View(
            type="modal",
            title=PlainTextObject(text="Passages"),
            close=PlainTextObject(text="Close"),
            blocks=blocks,
        )
        args.client.views_open(trigger_id=args.body["trigger_id"], view=view)

    def _passage_blocks(
        self, stored: StoredPassage, spans: Sequence[tuple[int, int]]
    ) -> list[Block]:
        passage = stored.passage
        around = self._catalog.neighbours(
            stored.version_id, passage.ordinal - 1, passage.ordinal + 1
        )
        before = [near.passage.text for near in around if near.passage.ordinal < passage.ordinal]
        after = [near.passage.text for near in around if near.passage.ordinal > passage.ordinal]
        quotes = [passage.text[a - passage.start : b - passage.start] for a, b in spans]
        blocks: list[Block] = [context(_place(stored))]
        if before:
            blocks.append(context(f"… {escape(_tail(before[-1]))}"))
        parts = sections_of(with_bold(passage.text, quotes))[:_MAX_SECTIONS]
        blocks += [section(part) for part in parts]
        if after:
            blocks.append(context(f"{escape(_head(after[0]))} …"))
        return [*blocks, DividerBlock()]


def with_bold(text: str, quotes: Sequence[str]) -> str:
    """Escapes `text` and sets each line of the quotes in it in bold, asterisks neutralised."""
    marked = escape(text).replace("*", "∗")
    for quote in quotes:
        for line in escape(quote).replace("*", "∗").splitlines():
            if line.strip():
                marked = marked.replace(line, f"*{line.strip()}*", 1)
    return marked


def _place(stored: StoredPassage) -> str:
    parts = [
        bold_name(stored.title),
        escape_path(stored.passage.section, MAX_SECTION_PATH_CHARS),
        escape_path(stored.document),
        escape_path(passage_place(stored), MAX_SECTION_PATH_CHARS),
        "outdated: its file has changed, and cannot be read" if stored.outdated_since else "",
    ]
    return cut(" · ".join(part for part in parts if part), 2000)


def _tail(text: str) -> str:
    return text if len(text) <= _AROUND_CHARS else text[-_AROUND_CHARS:].partition(" ")[2]


def _head(text: str) -> str:
    return text if len(text) <= _AROUND_CHARS else text[:_AROUND_CHARS].rpartition(" ")[0]
