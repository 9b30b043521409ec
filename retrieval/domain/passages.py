"""Passages: what is embedded, searched and cited."""

from dataclasses import dataclass

from retrieval.domain.places import NOWHERE, Place, Region, spanning


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence or table row, `text[start:end]` of the document, in its `block`-th block.

    `place` is where a person finds it. A row that is too wide for the model has several.
    """

    start: int
    end: int
    block: int
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Passage:
    """`text` is exactly `document.text[start:end]`; `ordinal` counts from 0 in the document.

    `section` is the path of headings above it, `page` the page it stands on (PDF),
    `header` the column names of a table that it continues. `context` is the line that is
    embedded above the passage, short enough for both to fit the model, and never cited.
    `brief` is what is embedded in place of the text of a wide table: rows without the names of
    their columns.
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
    brief: str = ""

    def place(self, start: int, end: int) -> Place:
        """Returns where a person finds `text[start:end]` of the document."""
        inside = [one for one in self.sentences if one.start < end and start < one.end]
        return spanning([self._part_of(one, start, end) for one in inside] or [NOWHERE])

    def _part_of(self, sentence: Sentence, start: int, end: int) -> Place:
        words = self.text[sentence.start - self.start : sentence.end - self.start]
        first, last = max(start - sentence.start, 0), min(end, sentence.end) - sentence.start
        return Region(sentence.place, words).part(first, last)


def labelled(sentence: Sentence, text: str) -> str:
    """Returns the `text` of a sentence; with its label, where it holds the middle of a wide row."""
    label = sentence.place.row
    return f"{label} — {text}" if label.removesuffix("…") not in text else text


def in_context(context: str, text: str) -> str:
    """Returns a passage's text, or a part of it, under its context: what a model is to read."""
    return f"{context}\n{text}" if context else text


def context_of(title: str, section: str, header: str = "", label: str = "") -> str:
    """Returns the context of a passage in full; `label` is that of a row whose middle it begins in."""
    return " › ".join(part for part in (title, section, label, header) if part)
