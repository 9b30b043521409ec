"""Splits separated values into records with their lines; a quote that is never closed ends its line."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.loading.tables.cells import check_cells, check_rows

_LINE_END = re.compile("\r\n|\r|\n")
# In this order where two split a file as well: a comma is often part of a number or a name.
_DELIMITERS = "\t;|,"
_SAMPLE_LINES = 200
_MAX_CELL_CHARS = 100_000
_MAX_CELL_LINES = 200
_DECLARED = re.compile(r"\A\s*sep=(.)\s*\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Record:
    """A row of cells, and the lines that it stands in, counted from 1."""

    cells: list[str]
    lines: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Records:
    """The records of a file, empty ones too, and the lines with a quote that is never closed."""

    records: list[Record]
    unclosed: list[int]


def read_records(text: str, delimiter: str = "") -> Records:
    """Returns the records of a text; `delimiter` is tried first, or told from the text where empty.

    Raises `LoadError` for more rows or cells than are read of one file.
    """
    csv.field_size_limit(_MAX_CELL_CHARS)
    lines = _LINE_END.split(text)
    first = 0
    if declared := _DECLARED.match(lines[0]):
        delimiter, first = declared[1], 1
    if not delimiter or not any(delimiter in line for line in lines[:_SAMPLE_LINES]):
        delimiter = _delimiter(lines)
    width = _width(lines[first : first + _SAMPLE_LINES], delimiter)
    found = Records([], [])
    filled = cells = 0
    index = first
    while index < len(lines):
        end, row = _record(lines, index, delimiter, width)
        if row is None:
            found.unclosed.append(index + 1)
            row = _parse(lines[index], delimiter, csv.QUOTE_NONE)
        filled += any(row)
        cells += len(row)
        check_rows(filled)
        check_cells(cells)
        found.records.append(Record([cell.strip() for cell in row], (index + 1, end)))
        index = end
    return found


def _record(
    lines: Sequence[str], index: int, delimiter: str, width: int
) -> tuple[int, list[str] | None]:
    """The line after a record that starts at `index`, and its cells; None for a quote left open."""
    line = lines[index]
    if line.count('"') % 2 == 0:
        return index + 1, _parse(line, delimiter)
    quotes = line.count('"')
    for end in range(index + 1, min(len(lines), index + _MAX_CELL_LINES)):
        quotes += lines[end].count('"')
        if quotes % 2 == 0:
            row = _whole(lines[index : end + 1], delimiter, width)
            if row is not None:
                return end + 1, row
            break
    row = _parse(line, delimiter)
    # A quote inside of a cell, as in 5" pipe, opens nothing.
    opens = len(row) != line.count(delimiter) + 1 or '"' not in "".join(row)
    return index + 1, None if opens else row


def _whole(lines: Sequence[str], delimiter: str, width: int) -> list[str] | None:
    """The cells of lines that are one record; None where they are records of their own."""
    try:
        rows = list(csv.reader([f"{line}\n" for line in lines], delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    if len(rows) != 1 or len(rows[0]) > max(width, 1):
        return None
    alone = [line.count(delimiter) + 1 == width for line in lines[1:]]
    many = len(alone) > 1 if width == 2 else width > 2
    return None if many and all(alone) else rows[0]


def _parse(line: str, delimiter: str, quoting: int = csv.QUOTE_MINIMAL) -> list[str]:
    reader = csv.reader([line], delimiter=delimiter, quoting=quoting)  # type: ignore[arg-type]
    return next(reader, [])


def _delimiter(lines: Sequence[str]) -> str:
    """The sign that splits most lines into the same number of cells."""
    sample = [line for line in lines[:_SAMPLE_LINES] if line.strip()]
    best, best_share = ",", 0.0
    for delimiter in _DELIMITERS:
        widths = Counter(len(_parse(line, delimiter)) for line in sample)
        split = {width: count for width, count in widths.items() if width > 1}
        if split:
            share = max(split.values()) / len(sample)
            if share > best_share + 0.01:
                best, best_share = delimiter, share
    return best


def _width(lines: Sequence[str], delimiter: str) -> int:
    widths = Counter(line.count(delimiter) + 1 for line in lines if line.strip())
    return widths.most_common(1)[0][0] if widths else 1
