"""Where something stands in a person's own copy of a document."""

from dataclasses import asdict, dataclass
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


def place_of(stored: dict[str, Any]) -> Place:
    """Returns the place that `as_json` described."""
    return Place(**stored)
