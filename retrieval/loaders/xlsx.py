"""Workbooks, read with openpyxl; each row can be read alone, and a citation names the sheet."""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby, takewhile
from typing import Any

from retrieval.dates import date_in_name
from retrieval.documents import BlockKind, Document
from retrieval.loaders.archives import check_archive
from retrieval.loaders.cells import check_cells, check_rows
from retrieval.loaders.titles import title_from_name
from retrieval.text_builder import TextBuilder


@dataclass
class _Counted:
    """What was read of a workbook so far: rows that hold something, and cells."""

    rows: int = 0
    cells: int = 0


def load(data: bytes, name: str) -> Document:
    """Loads an `.xlsx` file: the values of its visible sheets; `page` is the sheet's number."""
    check_archive(data, ".xlsx", "Excel")
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    builder = TextBuilder()
    counted = _Counted()
    for number, sheet in enumerate(book.worksheets, start=1):
        if sheet.sheet_state != "visible":
            continue
        builder.add(BlockKind.HEADING, sheet.title, level=1, page=number)
        # What a sheet says of its own size is often wrong, and rows would be filled up to it.
        sheet.reset_dimensions()
        for table in _tables(_filled_rows(sheet, counted)):
            add_rows(builder, table, number)
    title = str(book.properties.title or "").strip()
    return Document(
        name, "xlsx", builder.text(), title or title_from_name(name), date_in_name(name),
        builder.blocks(),
    )  # fmt: skip


def _filled_rows(sheet: Any, counted: _Counted) -> Iterator[list[str]]:
    """The rows of a sheet as text, any number of empty ones in a row as a single one.

    A workbook may be formatted down to its last row, 1,048,576; only what holds something counts.
    """
    empty = False
    for row in sheet.iter_rows(values_only=True):
        counted.cells += len(row)
        check_cells(counted.cells)
        if all(value is None or value == "" for value in row):
            empty = True
            continue
        counted.rows += 1
        check_rows(counted.rows)
        if empty:
            yield []
        empty = False
        yield [_as_text(value) for value in row]


def add_rows(builder: TextBuilder, rows: list[list[str]], page: int | None = None) -> None:
    """Adds rows as a table; lines of a single cell before it are its captions."""
    captions = takewhile(lambda row: sum(bool(cell) for cell in row) == 1, rows)
    count = 0
    for row in captions:
        builder.add(BlockKind.PARAGRAPH, " ".join(row), page=page)
        count += 1
    builder.add_table(rows[count:], page=page)


def _tables(rows: Iterable[list[str]]) -> Iterator[list[list[str]]]:
    """The runs of rows between empty ones."""
    for filled, run in groupby(rows, key=any):
        if filled:
            yield list(run)


def _as_text(value: Any) -> str:
    """A cell's value as it would be read: no trailing zeros, dates without a time of day."""
    if value is None:
        return ""
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{value:.10g}"
    return str(value)
