"""Rich text, read with striprtf as plain text; footnotes, text boxes and tables are kept."""

from collections.abc import Iterator
from typing import Any

from retrieval.domain.documents import BlockKind, Document
from retrieval.domain.errors import LoadError
from retrieval.domain.sanitizing import clean_text
from retrieval.domain.table_data import Cell
from retrieval.loading.dating import date_of
from retrieval.loading.formats.rtf_groups import CELL, ROW, ROW_START, RichText
from retrieval.loading.plain_text import add_plain
from retrieval.loading.tables.grids import header_rows_of, table_of
from retrieval.loading.text_builder import TextBuilder
from retrieval.loading.titles import is_title, title_from_text

_MARKS = str.maketrans(dict.fromkeys((CELL, ROW, ROW_START), " "))


def load(data: bytes, name: str) -> Document:
    """Loads an `.rtf` file; what it looks like is left aside."""
    if not data.lstrip().startswith(b"{\\rtf"):
        raise LoadError("is not rich text (no {\\rtf); save it again as .rtf")
    rich = RichText(data)
    builder = TextBuilder()
    _add_text(builder, _text(rich.body))
    for number, note in enumerate(rich.notes, start=1):
        text = _text(rich.document(note)).translate(_MARKS)
        builder.add(BlockKind.PARAGRAPH, f"Note {number}: {text}" if text.strip() else "")
    for loss in rich.losses():
        builder.leave_out(loss)
    text, blocks = builder.text(), builder.blocks()
    said = " ".join(_text(rich.document(rich.title)).split()) if rich.title else ""
    title = said if is_title(said) else title_from_text(text, blocks, name)
    date, dated_by = date_of(text, blocks, name)
    return Document(
        name, "rtf", text, title, date, blocks, losses=builder.losses(), dated_by=dated_by
    )


def _text(rich: str) -> str:
    from striprtf import striprtf

    convert: Any = striprtf.rtf_to_text
    return clean_text(convert(rich, errors="replace"))


def _add_text(builder: TextBuilder, text: str) -> None:
    """Adds text, its runs of rows as tables."""
    rows: list[list[str]] = []
    for part, is_row in _parts(text):
        if is_row:
            rows.append([" ".join(cell.split()) for cell in part.split(CELL)])
        elif part.strip():
            _add_table(builder, rows)
            rows = []
            add_plain(builder, part)
    _add_table(builder, rows)


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """The text between rows, and rows; a row begins at its first definition."""
    chunks = text.split(ROW)
    for chunk in chunks[:-1]:
        before, mark, row = chunk.partition(ROW_START)
        if not mark:
            # A row without a definition of its own: what stands before its last line is text.
            cut = chunk.rfind("\n", 0, chunk.find(CELL) if CELL in chunk else 0) + 1
            before, row = chunk[:cut], chunk[cut:]
        yield before.translate(_MARKS), False
        yield row.replace(ROW_START, "").strip().removesuffix(CELL), True
    yield chunks[-1].translate(_MARKS), False


def _add_table(builder: TextBuilder, rows: list[list[str]]) -> None:
    filled = [row for row in rows if any(row)]
    if not filled:
        return
    if max(map(len, filled)) == 1:
        # A frame around text.
        for row in filled:
            builder.add(BlockKind.PARAGRAPH, row[0])
        return
    grid = [[Cell(cell) for cell in row] for row in filled]
    table = table_of(grid, heads=header_rows_of(filled))
    if not table.rows:
        table = table_of(grid, heads=0)
    builder.add_data(table)
