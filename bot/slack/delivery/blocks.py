"""Lays answers out in Block Kit, within Slack's limits."""

from collections.abc import Sequence

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContextActionsBlock,
    ContextBlock,
    DividerBlock,
    FeedbackButtonsElement,
    MarkdownTextObject,
    SectionBlock,
)  # fmt: skip
from slack_sdk.models.blocks.basic_components import FeedbackButtonObject

from bot.answers.answer import Answer, Citation
from bot.answers.wording import place_of, readable_date
from bot.slack.delivery.mrkdwn import bold_name, cut, escape, escape_name, escape_path, sections_of

# The action ids of buttons, and what their values hold: the spans cited, or a request id.
SHOW_PASSAGES, SHARE, PASS_ON, FEEDBACK = "show_passages", "share_answer", "pass_on", "feedback"
HELPFUL, NOT_HELPFUL = "helpful", "not_helpful"
MAX_SOURCES = 10
_MAX_QUOTE_CHARS = 600
_MAX_CONTEXT_CHARS = 2000
MAX_SECTION_PATH_CHARS = 300


def mrkdwn(text: str) -> MarkdownTextObject:
    """Returns escaped mrkdwn in which Slack neither finds links nor mentions by itself."""
    return MarkdownTextObject(text=text, verbatim=True)


def section(text: str) -> SectionBlock:
    """Returns a section of escaped mrkdwn."""
    return SectionBlock(text=mrkdwn(text))


def context(text: str) -> ContextBlock:
    """Returns a line of small print of escaped mrkdwn."""
    return ContextBlock(elements=[mrkdwn(cut(text, _MAX_CONTEXT_CHARS))])


def text_blocks(text: str) -> list[Block]:
    """Returns plain text as sections."""
    return [section(part) for part in sections_of(escape(text))]


def answer_tail(
    answer: Answer, *, understood: str = "", shareable: bool = False, can_pass_on: bool = False
) -> list[Block]:
    """Returns what follows the text of an answer: sources, buttons, date, request id."""
    cited = answer.citations or answer.nearest
    blocks: list[Block] = []
    if answer.note:
        blocks.append(context(f"_{escape_name(answer.note, _MAX_CONTEXT_CHARS)}_"))
    if understood:
        blocks.append(context(f"Understood as: {escape_name(understood, _MAX_CONTEXT_CHARS)}"))
    if cited:
        heading = "*Sources*" if answer.answered else "*Nearest passages* (not an answer)"
        blocks += [DividerBlock(), context(heading)]
    blocks += [_source(citation) for citation in cited[:MAX_SOURCES]]
    buttons = _buttons(answer, shareable=shareable, can_pass_on=can_pass_on)
    if buttons:
        blocks.append(ActionsBlock(elements=list(buttons)))
    blocks.append(context(_footer(answer)))
    if answer.answered:
        blocks.append(_feedback(answer.request_id))
    return blocks


def _source(citation: Citation) -> ContextBlock:
    parts = [
        bold_name(citation.title),
        escape_path(citation.section, MAX_SECTION_PATH_CHARS),
        escape_path(
            place_of(citation.document, citation.page, citation.place), MAX_SECTION_PATH_CHARS
        ),
        readable_date(citation.date) if citation.date else "",
        escape_path(citation.document),
        f"outdated by {readable_date(citation.outdated)}" if citation.outdated else "",
    ]
    head = f"[{citation.number}] " + " · ".join(part for part in parts if part)
    quote = cut(escape_name(citation.quote, len(citation.quote) + 1), _MAX_QUOTE_CHARS)
    return context(f"{head}\n>{quote}")


def _buttons(answer: Answer, *, shareable: bool, can_pass_on: bool) -> list[ButtonElement]:
    buttons = []
    cited = answer.citations or answer.nearest
    if cited:
        value = _spans(cited)
        buttons.append(ButtonElement(text="Show passages", action_id=SHOW_PASSAGES, value=value))
    if shareable and answer.answered:
        text, value = "Share in channel", answer.request_id
        buttons.append(ButtonElement(text=text, action_id=SHARE, value=value))
    if can_pass_on and not answer.answered:
        text, value = "Ask the admins", answer.request_id
        buttons.append(ButtonElement(text=text, action_id=PASS_ON, value=value))
    return buttons


def _feedback(request_id: str) -> ContextActionsBlock:
    element = FeedbackButtonsElement(
        action_id=FEEDBACK,
        positive_button=FeedbackButtonObject(text="Helpful", value=f"{HELPFUL} {request_id}"),
        negative_button=FeedbackButtonObject(
            text="Not helpful", value=f"{NOT_HELPFUL} {request_id}"
        ),
    )
    return ContextActionsBlock(elements=[element])


def _spans(cited: Sequence[Citation]) -> str:
    """Passage, start and end of each citation; a button's value holds 2,000 characters."""
    entries = [f"{citation.passage}:{citation.start}:{citation.end}" for citation in cited]
    return " ".join(entries[:MAX_SOURCES])


def cited_in(value: str) -> dict[str, list[tuple[int, int]]]:
    """Reads a button's value back: the spans cited of each passage."""
    found: dict[str, list[tuple[int, int]]] = {}
    for entry in value.split():
        passage, start, end = entry.rsplit(":", 2)
        found.setdefault(passage, []).append((int(start), int(end)))
    return found


def _footer(answer: Answer) -> str:
    dates = sorted(citation.date for citation in answer.citations if citation.date)
    newest = f"As of {readable_date(dates[-1])}, the newest source · " if dates else ""
    return f"{newest}request {answer.request_id}"
