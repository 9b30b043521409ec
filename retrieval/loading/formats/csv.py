"""Tables of values separated by commas, semicolons or tabs; each row can be read alone."""

from collections.abc import Sequence
from itertools import groupby

from retrieval.domain.documents import BlockKind, Document
from retrieval.domain.losses import Loss
from retrieval.domain.places import Place
from retrieval.domain.table_data import Cell
from retrieval.loading.encoding import decode
from retrieval.loading.formats.csv_records import Record, read_records
from retrieval.loading.tables.grids import header_rows_of, table_of
from retrieval.loading.text_builder import TextBuilder
from retrieval.loading.titles import title_from_name
from retrieval.text.dates import date_in_name


def load(data: bytes, name: str) -> Document:
    """Loads a `.csv` or `.tsv` file: its tables, which blank lines part, each with its own headings."""
    decoded = decode(data)
    found = read_records(decoded.text, "\t" if name.lower().endswith(".tsv") else "")
    builder = TextBuilder()
    several = any(_filled(record) > 1 for record in found.records)
    heads: list[Record] = []
    title: list[Record] = []
    for filled, run in groupby(found.records, key=lambda record: any(record.cells)):
        records = list(run)
        if filled and several and all(_filled(record) == 1 for record in records):
            _add_lines(builder, records)
            title = records
        elif filled:
            heads = _add_table(builder, records, heads, title)
            title = []
    if found.unclosed:
        where = "lines " + ", ".join(map(str, found.unclosed[:5]))
        builder.leave_out(
            Loss("quotes that are never closed", "read to the end of their line",
                 len(found.unclosed), where=where)
        )  # fmt: skip
    date = date_in_name(name)
    return Document(
        name, "csv", builder.text(), title_from_name(name), date, builder.blocks(),
        losses=(*decoded.losses(), *builder.losses()), dated_by="file name" if date else "",
    )  # fmt: skip


def _add_table(
    builder: TextBuilder, records: list[Record], above: Sequence[Record], title: Sequence[Record]
) -> list[Record]:
    """Adds a run of rows: captions, table, notes. Returns the rows that head its columns.

    Lines of a single cell above and below a table are captions and notes. A run without headings
    goes on with the table above it where it has as many columns. `title` are lines apart above it.
    """
    wide = max(_filled(record) for record in records) > 1
    first, end = 0, len(records)
    while wide and _filled(records[first]) == 1:
        first += 1
    while wide and _is_note(records[end - 1]):
        end -= 1
    captions, notes = records[:first], records[end:]
    _add_lines(builder, captions)
    rows = records[first:end]
    texts = [record.cells for record in rows]
    count = header_rows_of(texts)
    if not count and not captions and not title and above and len(above[-1].cells) == _width(rows):
        rows, count = [*above, *rows], len(above)
    grid = [[Cell(cell) for cell in record.cells] for record in rows]
    caption = " ".join(" ".join(filter(None, record.cells)) for record in [*title, *captions])
    table = table_of(grid, heads=count, caption=caption, lines=[record.lines for record in rows])
    builder.add_data(table, Place(first_line=rows[0].lines[0], last_line=rows[-1].lines[1]))
    _add_lines(builder, notes)
    return rows[:count]


def _add_lines(builder: TextBuilder, records: Sequence[Record]) -> None:
    for record in records:
        text = " ".join(filter(None, record.cells))
        place = Place(first_line=record.lines[0], last_line=record.lines[1])
        builder.add(BlockKind.PARAGRAPH, text, place=place)


def _filled(record: Record) -> int:
    return sum(map(bool, record.cells))


def _is_note(record: Record) -> bool:
    """Says whether a line below a table is a sentence or a source, and no row without values."""
    text = " ".join(filter(None, record.cells))
    return (
        _filled(record) == 1 and bool(record.cells[0]) and (len(record.cells) == 1 or " " in text)
    )


def _width(records: Sequence[Record]) -> int:
    return max(len(record.cells) for record in records)
