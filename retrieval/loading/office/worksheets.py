"""Reads a sheet of an .xlsx workbook row by row: what its cells show, what is hidden, what is merged.

Measured on 50,000 rows of 8 cells: 2 s of CPU with formats, formulas and hidden rows; openpyxl's
streaming reader takes 3.4 s for values and formats alone, and tells neither what is hidden nor
merged; python-calamine takes 0.3 s, and tells no formats, formulas or hidden rows.
"""

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from retrieval.loading.office.number_formats import general
from retrieval.loading.office.workbook_parts import MAIN, PLAIN, SharedText, StyledFormat, text_of
from retrieval.loading.tables.cells import check_cells, check_rows
from retrieval.loading.tables.grid_cells import GridCell, GridRow, is_number, is_year

_ADDRESS = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})\Z")
_ROW, _CELL, _VALUE, _FORMULA, _INLINE = (f"{MAIN}{name}" for name in ("row", "c", "v", "f", "is"))
_WATCHED = ("row", "col", "mergeCell", "oddHeader", "oddFooter", "evenHeader", "evenFooter",
            "firstHeader", "firstFooter")  # fmt: skip
_MOST_NAMED = 5
# Excel's own limit: XFD.
_MAX_COLUMNS = 16_384


@dataclass
class Counted:
    """How many rows and cells that hold something were read of a workbook so far."""

    rows: int = 0
    cells: int = 0


@dataclass
class LeftOut:
    """What of a sheet is not taken: how many words it held, and the first addresses."""

    count: int = 0
    words: int = 0
    places: list[str] = field(default_factory=list)

    def add(self, place: str, words: int = 0) -> None:
        """Counts one more."""
        self.count += 1
        self.words += words
        if len(self.places) < _MOST_NAMED and place not in self.places:
            self.places.append(place)


@dataclass
class Worksheet:
    """What was read of a sheet. `merged` are ranges as first row, first column, last row, last column."""

    rows: list[GridRow] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: LeftOut = field(default_factory=LeftOut)
    hidden_columns: LeftOut = field(default_factory=LeftOut)
    without_value: LeftOut = field(default_factory=LeftOut)
    not_shown: LeftOut = field(default_factory=LeftOut)
    furniture: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class CellReader:
    """What cells refer to: shared texts and styles; dates may count from 1904."""

    texts: Sequence[SharedText]
    styles: Sequence[StyledFormat]
    since_1904: bool = False

    def read(self, cell: Any, address: str) -> GridCell | None:
        """Returns what a cell shows; None where it holds nothing, text `` where it shows nothing."""
        kind, style = cell.get("t", "n"), self._style(cell.get("s"))
        if kind == "inlineStr":
            inline = cell.find(_INLINE)
            return None if inline is None else self._words(text_of(inline), style, address)
        value = cell.find(_VALUE)
        text = value.text if value is not None else None
        if text is None:
            return None
        if kind == "s":
            shared = self.texts[int(text)] if int(text) < len(self.texts) else SharedText("")
            return self._words(shared, style, address)
        if kind == "b":
            return GridCell("TRUE" if text == "1" else "FALSE", (), False, style.bold, address)
        if kind == "n":
            return self._figure(text, style, address)
        return self._words(
            SharedText(text.replace("T", " ") if kind == "d" else text), style, address
        )

    def _style(self, number: str | None) -> StyledFormat:
        at = int(number) if number and number.isdecimal() else 0
        return self.styles[at] if at < len(self.styles) else PLAIN

    def _words(self, said: SharedText, style: StyledFormat, address: str) -> GridCell | None:
        text = " ".join(said.text.split())
        if not text:
            return None
        if style.numbers.hides_text:
            return GridCell("", said.marks, False, style.bold, address)
        indent = style.indent or (len(said.text) - len(said.text.lstrip(" \t\u00a0"))) // 2
        number = is_number(text)
        return GridCell(text, said.marks, number, style.bold, address, "", False, indent)

    def _figure(self, text: str, style: StyledFormat, address: str) -> GridCell:
        try:
            value = float(text)
        except ValueError:
            return GridCell(text, (), False, style.bold, address)
        if style.is_general:
            shown = general(value)
            return GridCell(shown, (), not is_year(shown), style.bold, address)
        shown = style.numbers.shown(value, since_1904=self.since_1904)
        measured = not style.numbers.is_date and not is_year(shown)
        return GridCell(shown, (), measured, style.bold, address, "", False, style.indent)


def read_worksheet(data: bytes, reader: CellReader, counted: Counted) -> Worksheet:
    """Reads a sheet; raises `LoadError` for more rows or cells than are read of one file.

    Only what holds something counts: a sheet may be formatted down to its last row. What a sheet
    says of its own size is not asked. Cells and rows without an address stand behind the one before.
    """
    from lxml import etree

    sheet = Worksheet()
    hidden: set[int] = set()
    tags = [f"{MAIN}{name}" for name in _WATCHED]
    last = 0
    events = etree.iterparse(
        io.BytesIO(data), tag=tags, resolve_entities=False, no_network=True, huge_tree=True
    )
    for _, element in events:
        tag = element.tag
        if tag == _ROW:
            last = int(element.get("r") or last + 1)
            _read_row(sheet, element, last, reader, counted, hidden)
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
        elif tag == tags[1] and element.get("hidden") in ("1", "true"):
            first, last_hidden = int(element.get("min", 1)), int(element.get("max", 1))
            hidden.update(range(max(1, first), min(last_hidden, _MAX_COLUMNS) + 1))
        elif tag == tags[2]:
            sheet.merged.extend(_area(element.get("ref", "")))
        elif tag in tags[3:] and element.text:
            sheet.furniture.append(element.text)
    _spread_merged(sheet, hidden, counted)
    return sheet


def _read_row(
    sheet: Worksheet, row: Any, number: int, reader: CellReader, counted: Counted, hidden: set[int]
) -> None:
    cells = _cells_of(sheet, row, number, reader)
    if not cells:
        return
    counted.rows += 1
    check_rows(counted.rows)
    counted.cells += len(cells)
    check_cells(counted.cells)
    if row.get("hidden") in ("1", "true"):
        sheet.hidden_rows.add(str(number), _words(cells.values()))
        return
    for column in hidden.intersection(cells) if hidden else ():
        sheet.hidden_columns.add(letters(column), len(cells.pop(column).text.split()))
    if cells:
        sheet.rows.append(GridRow(number, cells))


def _cells_of(sheet: Worksheet, row: Any, number: int, reader: CellReader) -> dict[int, GridCell]:
    # Most cells of a formatted sheet hold nothing, and then have no element inside.
    cells: dict[int, GridCell] = {}
    column = 0
    for element in row:
        address = element.get("r")
        column = _column(address) if address else column + 1
        if not len(element) or element.tag != _CELL:
            continue
        address = address or f"{letters(column)}{number}"
        cell = reader.read(element, address)
        if cell is None:
            if _unset(element):
                sheet.without_value.add(address)
        elif cell.text:
            cells[column] = cell
        else:
            sheet.not_shown.add(address, 1)
    return cells


def _unset(cell: Any) -> bool:
    """Says whether a formula has no result; a text formula may well result in no text."""
    if cell.find(_FORMULA) is None:
        return False
    value = cell.find(_VALUE)
    return value is None or (not value.text and cell.get("t") != "str")


def _words(cells: Any) -> int:
    return sum(len(cell.text.split()) for cell in cells)


def _spread_merged(sheet: Worksheet, hidden: set[int], counted: Counted) -> None:
    """Gives each row and column under a merged cell what the cell shows there."""
    by_number = {row.number: row for row in sheet.rows}
    numbers = sorted(by_number)
    widest = max((max(row.cells) for row in sheet.rows), default=0)
    for top, left, bottom, right in sheet.merged:
        first = by_number.get(top)
        cell = first.cells.get(left) if first else None
        if cell is None:
            continue
        for number in _between(numbers, top, bottom):
            target: Any = by_number[number].cells
            for column in range(left, min(right, widest) + 1):
                if column in target or column in hidden:
                    continue
                counted.cells += 1
                check_cells(counted.cells)
                copied = "down" if number > top else "across"
                target[column] = cell._replace(copied=copied, address="")
    sheet.rows[:] = [GridRow(row.number, dict(sorted(row.cells.items()))) for row in sheet.rows]


def _between(numbers: Sequence[int], first: int, last: int) -> Sequence[int]:
    from bisect import bisect_left, bisect_right

    return numbers[bisect_left(numbers, first) : bisect_right(numbers, last)]


def _area(reference: str) -> Iterator[tuple[int, int, int, int]]:
    first, _, last = reference.partition(":")
    start, end = _ADDRESS.match(first), _ADDRESS.match(last)
    if start and end:
        yield int(start[2]), _column(first), int(end[2]), _column(last)


def _column(address: str) -> int:
    number = 0
    for letter in address:
        if letter.isdigit():
            break
        if letter != "$":
            number = number * 26 + (ord(letter) & 31)
    return number


def letters(column: int) -> str:
    """Returns a column's letters: 1 is A, 28 is AB."""
    words = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        words = chr(65 + rest) + words
    return words
