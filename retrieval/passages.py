"""Passages: what is embedded, searched and cited."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence or table row, `text[start:end]` of the document, in its `block`-th block."""

    start: int
    end: int
    block: int


@dataclass(frozen=True, slots=True)
class Passage:
    """`text` is exactly `document.text[start:end]`; `ordinal` counts from 0 in the document.

    `section` is the path of headings above it, `page` the page it stands on (PDF),
    `header` the column names of a table that it continues. `context` is the line that is
    embedded above the passage, short enough for both to fit the model, and never cited.
    """

    ordinal: int
    start: int
    end: int
    text: str
    section: str = ""
    page: int | None = None
    header: str = ""
    context: str = ""
    sentences: tuple[Sentence, ...] = ()


def in_context(context: str, text: str) -> str:
    """Returns a passage's text, or a part of it, under its context: what a model is to read."""
    return f"{context}\n{text}" if context else text


def context_of(title: str, section: str, header: str = "") -> str:
    """Returns the context of a passage in full."""
    return " › ".join(part for part in (title, section, header) if part)
