"""Lays answers out in Block Kit, within Slack's limits."""

from collections.abc import Sequence

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContextBlock,
    DividerBlock,
    MarkdownTextObject,
    PlainTextObject,
    SectionBlock,
)  # fmt: skip
from slack_sdk.models.views import View

from bot.answers import Answer, Citation
from bot.slack.text import MAX_SECTION_CHARS, cut, escape, sections_of
from bot.wording import readable_date
from retrieval.records import StoredPassage

SHOW_PASSAGES, SHARE = "show_passages", "share_answer"
_MAX_QUOTE_CHARS = 600
# Context blocks hold one text of at most 2,000 characters here; Slack allows 3,000.
_MAX_SOURCES = 10


def answer_blocks(answer: Answer, *, shareable: bool = False) -> list[Block]:
    """Returns the blocks of an answer: text, sources with quotes, buttons, date, request id."""
    blocks: list[Block] = [
        SectionBlock(text=MarkdownTextObject(text=part))
        for part in sections_of(escape(answer.text))
    ]
    cited = answer.citations or answer.nearest
    if cited:
        heading = "*Sources*" if answer.answered else "*Nearest passages* (not an answer)"
        blocks += [DividerBlock(), ContextBlock(elements=[MarkdownTextObject(text=heading)])]
    blocks += [_source(citation) for citation in cited[:_MAX_SOURCES]]
    buttons = _buttons(answer, shareable=shareable)
    if buttons:
        blocks.append(ActionsBlock(elements=list(buttons)))
    blocks.append(ContextBlock(elements=[MarkdownTextObject(text=_footer(answer, cited))]))
    return blocks


def plain_text(answer: Answer) -> str:
    """Returns what notifications and screen readers get in place of blocks."""
    return cut(escape(answer.text), MAX_SECTION_CHARS)


def passages_view(passages: Sequence[tuple[StoredPassage, Sequence[str]]]) -> View:
    """Returns the modal with whole passages, each with its quotes set in bold."""
    blocks: list[Block] = []
    for stored, quotes in passages[:_MAX_SOURCES]:
        blocks.append(ContextBlock(elements=[MarkdownTextObject(text=_place(stored))]))
        text = _with_bold(stored.passage.text, quotes)
        blocks += [SectionBlock(text=MarkdownTextObject(text=p)) for p in sections_of(text)[:3]]
        blocks.append(DividerBlock())
    return View(
        type="modal",
        title=PlainTextObject(text="Passages"),
        close=PlainTextObject(text="Close"),
        blocks=blocks,
    )


def _source(citation: Citation) -> ContextBlock:
    parts = [
        f"*{escape(citation.title)}*",
        escape(citation.section),
        f"page {citation.page}" if citation.page else "",
        readable_date(citation.date) if citation.date else "",
        escape(citation.document),
    ]
    head = f"[{citation.number}] " + " · ".join(part for part in parts if part)
    quote = cut(escape(" ".join(citation.quote.split())), _MAX_QUOTE_CHARS)
    return ContextBlock(elements=[MarkdownTextObject(text=cut(f"{head}\n>{quote}", 2000))])


def _buttons(answer: Answer, *, shareable: bool) -> list[ButtonElement]:
    buttons = []
    cited = answer.citations or answer.nearest
    if cited:
        value = _button_value(cited)
        buttons.append(ButtonElement(text="Show passages", action_id=SHOW_PASSAGES, value=value))
    if shareable and answer.answered:
        buttons.append(
            ButtonElement(text="Share in channel", action_id=SHARE, value=answer.question)
        )
    return buttons


def _button_value(cited: Sequence[Citation]) -> str:
    """Passage, start and end of each citation; a button's value holds 2,000 characters."""
    entries = [f"{citation.passage}:{citation.start}:{citation.end}" for citation in cited]
    return " ".join(entries[:_MAX_SOURCES])


def cited_in(value: str) -> dict[str, list[tuple[int, int]]]:
    """Reads a button's value back: the spans cited of each passage."""
    found: dict[str, list[tuple[int, int]]] = {}
    for entry in value.split():
        passage, start, end = entry.rsplit(":", 2)
        found.setdefault(passage, []).append((int(start), int(end)))
    return found


def _footer(answer: Answer, cited: Sequence[Citation]) -> str:
    dates = sorted(citation.date for citation in cited if citation.date)
    newest = f"Newest source: {readable_date(dates[-1])} · " if dates else ""
    return f"{newest}request {answer.request_id}"


def _place(stored: StoredPassage) -> str:
    page = f" · page {stored.passage.page}" if stored.passage.page else ""
    return cut(f"*{escape(stored.title)}* · {escape(stored.document)}{page}", 2000)


def _with_bold(text: str, quotes: Sequence[str]) -> str:
    """Escapes `text` and sets each line of the quotes in it in bold, asterisks neutralised."""
    marked = escape(text).replace("*", "∗")
    for quote in quotes:
        for line in escape(quote).replace("*", "∗").splitlines():
            if line.strip():
                marked = marked.replace(line, f"*{line.strip()}*", 1)
    return marked
