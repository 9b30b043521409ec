"""Word documents, read with python-docx in body order."""

import io
from typing import Any

from retrieval.dates import date_in_name, stated_date
from retrieval.documents import BlockKind, Document
from retrieval.loaders.archives import check_archive
from retrieval.loaders.cells import check_cells
from retrieval.loaders.titles import title_from_name
from retrieval.residue import is_residue
from retrieval.text_builder import TextBuilder

# Word's own limits: https://support.microsoft.com/office (63 columns), nine levels of headings.
_MAX_COLUMNS = 63
_MAX_LEVEL = 9


def load(data: bytes, name: str) -> Document:
    """Loads a `.docx` file: titles, headings, paragraphs, lists and tables."""
    from docx import Document as Docx
    from docx.table import Table

    check_archive(data, ".docx", "Word")
    source = Docx(io.BytesIO(data))
    builder = TextBuilder()
    title = source.core_properties.title.strip()
    for element in source.iter_inner_content():
        if isinstance(element, Table):
            builder.add_table(_table_rows(element))
            continue
        kind, level = _kind((element.style.name or "") if element.style else "", element.text)
        if kind is BlockKind.HEADING and level == 1 and not title:
            title = " ".join(element.text.split())
        builder.add(kind, element.text, level=level)
    text = builder.text()
    date = stated_date(text.splitlines()) or date_in_name(name)
    return Document(name, "docx", text, title or title_from_name(name), date, builder.blocks())


def _table_rows(table: Any) -> list[list[str]]:
    """Returns the cells of a table, one for each column that they span.

    Row by row, since python-docx looks a cell that is merged downwards up through all rows
    above it, and makes as many cells of one as it says that it spans.
    """
    from docx.table import _Cell

    rows: list[list[str]] = []
    above: dict[int, str] = {}
    read = 0
    for row in table.rows:
        cells: list[str] = []
        column = min(row.grid_cols_before, _MAX_COLUMNS)
        for cell in row._tr.tc_lst:
            merged = cell.vMerge == "continue" and column in above
            text = above[column] if merged else _Cell(cell, table).text
            span = max(1, cell.grid_span)
            if span > _MAX_COLUMNS:
                span = max(1, min(len(table.columns), _MAX_COLUMNS) - column)
            above[column] = text
            cells += [text] * span
            column += span
        rows.append(cells)
        read += len(cells)
        check_cells(read)
    return rows


def _kind(style: str, text: str) -> tuple[BlockKind, int]:
    if is_residue(text):
        return BlockKind.RESIDUE, 0
    if style == "Title":
        return BlockKind.HEADING, 1
    if style.startswith("Heading"):
        level = style.removeprefix("Heading").strip()
        return BlockKind.HEADING, min(int(level), _MAX_LEVEL) if level.isdecimal() else 1
    return (BlockKind.LIST_ITEM if style.startswith("List") else BlockKind.PARAGRAPH), 0
