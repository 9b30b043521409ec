"""Where something stands in a person's own copy of a document."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sentence or table row stands; what a format does not have stays empty.

    `page` and `slide` are counted from 1; `page_label` is what is printed on the page, where
    that is another number. `sheet` is a sheet's name and `cells` a range in it, such as
    `A4:F4`. `row` is the label of a table's row. `first_line` and `last_line` are lines of a
    text file, counted from 1. `part` names a part of a mail, such as `attachment terms.pdf`.
    """

    page: int | None = None
    page_label: str = ""
    slide: int | None = None
    sheet: str = ""
    cells: str = ""
    row: str = ""
    first_line: int | None = None
    last_line: int | None = None
    part: str = ""

    def __str__(self) -> str:
        """Returns the place in words, such as `page 12 (printed 4), row Vietnam`."""
        words = [self.part]
        if self.page:
            printed = f" (printed {self.page_label})" if self.page_label else ""
            words.append(f"page {self.page}{printed}")
        if self.slide:
            words.append(f"slide {self.slide}")
        if self.sheet:
            words.append(f"sheet {self.sheet}" + (f", {self.cells}" if self.cells else ""))
        if self.row:
            words.append(f"row {self.row}")
        if self.first_line:
            many = self.last_line not in (None, self.first_line)
            words.append(
                f"lines {self.first_line}–{self.last_line}" if many else f"line {self.first_line}"
            )
        return ", ".join(word for word in words if word)

    def as_json(self) -> dict[str, Any]:
        """Returns what is known of the place, to be stored."""
        return {name: value for name, value in asdict(self).items() if value}


NOWHERE = Place()
# A label that is longer is cut: it is told with every part of its row.
MAX_NAME_CHARS = 300
_MOST = 2**31 - 1
_NAMES = frozenset(one.name for one in fields(Place))


def place_of(stored: dict[str, Any]) -> Place:
    """Returns the place that `as_json` described; what this version does not know is passed over."""
    return Place(**{name: value for name, value in stored.items() if name in _NAMES})


def bounded(place: Place) -> Place:
    """Returns a place as it may be stored: each text short, each number one that there may be."""
    changed: dict[str, Any] = {}
    for name in _NAMES:
        value = getattr(place, name)
        if isinstance(value, str) and len(value) > MAX_NAME_CHARS:
            changed[name] = value[: MAX_NAME_CHARS - 1] + "…"
        elif isinstance(value, int) and not 0 < value <= _MOST:
            changed[name] = None
    return replace(place, **changed) if changed else place


class Region:
    """A `text` that stands at `place`, and where parts of it stand.

    Their lines can be told where the text has as many lines as the place: it is the file's own text.
    """

    def __init__(self, place: Place, text: str) -> None:
        self._place = place
        self._breaks: list[int] = []
        first, last = place.first_line, place.last_line
        if first and last and text.count("\n") == last - first:
            self._breaks = [at for at, letter in enumerate(text) if letter == "\n"]

    def part(self, start: int, end: int) -> Place:
        """Returns where `text[start:end]` stands."""
        if not self._breaks or not self._place.first_line:
            return self._place
        first, last = (bisect_left(self._breaks, at) for at in (start, end))
        begin = self._place.first_line
        return replace(self._place, first_line=begin + first, last_line=begin + last)


def spanning(places: Sequence[Place]) -> Place:
    """Returns the place that reaches from the first of `places`, one at least, to the last.

    Rows, cells and lines become ranges; what only some of the places say of a sheet is left out.
    """
    first, last = places[0], places[-1]
    if first == last:
        return first
    same = (first.sheet, first.part, first.page) == (last.sheet, last.part, last.page)
    return replace(
        first,
        row=_range(first.row, last.row, " to "),
        cells=_around(first.cells, last.cells) if same else "",
        last_line=(last.last_line or last.first_line or first.last_line)
        if same
        else first.last_line,
    )


def _range(first: str, last: str, between: str) -> str:
    return first if first == last else between.join(filter(None, (first, last)))


def _around(first: str, last: str) -> str:
    """Returns the cells from the upper left of one range to the lower right of another."""
    return _range(first.partition(":")[0], last.rpartition(":")[2], ":") if last else first
