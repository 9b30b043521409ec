"""Workbooks, read with openpyxl; each row can be read alone, and a citation names the sheet."""

import io
from collections.abc import Iterator
from datetime import date, datetime
from itertools import groupby
from typing import Any

from retrieval.dates import date_in_name
from retrieval.documents import BlockKind, Document
from retrieval.errors import LoadError
from retrieval.loaders.archives import check_archive
from retrieval.loaders.titles import title_from_name
from retrieval.text_builder import TextBuilder

MAX_ROWS = 50_000


def load(data: bytes, name: str) -> Document:
    """Loads an `.xlsx` file: the values of its visible sheets; `page` is the sheet's number."""
    check_archive(data, ".xlsx", "Excel")
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    builder = TextBuilder()
    rows_read = 0
    for number, sheet in enumerate(book.worksheets, start=1):
        if sheet.sheet_state != "visible":
            continue
        builder.add(BlockKind.HEADING, sheet.title, level=1, page=number)
        rows = [[_as_text(value) for value in row] for row in sheet.iter_rows(values_only=True)]
        rows_read += len(rows)
        check_rows(rows_read)
        for table in _tables(rows):
            add_rows(builder, table, number)
    title = str(book.properties.title or "").strip()
    return Document(
        name, "xlsx", builder.text(), title or title_from_name(name), date_in_name(name),
        builder.blocks(),
    )  # fmt: skip


def check_rows(count: int) -> None:
    """Raises `LoadError` for more rows than are read of one file."""
    if count > MAX_ROWS:
        raise LoadError(f"holds more than {MAX_ROWS:,} rows; split it")


def add_rows(builder: TextBuilder, rows: list[list[str]], page: int | None = None) -> None:
    """Adds rows as a table; lines of a single cell before it are its captions."""
    while rows and sum(bool(cell) for cell in rows[0]) == 1:
        builder.add(BlockKind.PARAGRAPH, " ".join(rows[0]), page=page)
        rows = rows[1:]
    builder.add_table(rows, page=page)


def _tables(rows: list[list[str]]) -> Iterator[list[list[str]]]:
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
