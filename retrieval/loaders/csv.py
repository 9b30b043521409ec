"""Tables of values separated by commas, semicolons or tabs; each row can be read alone."""

import csv
import io

from retrieval.dates import date_in_name
from retrieval.documents import Document
from retrieval.loaders.cells import check_cells, check_rows
from retrieval.loaders.encoding import decode_text
from retrieval.loaders.titles import title_from_name
from retrieval.loaders.xlsx import add_rows
from retrieval.text_builder import TextBuilder

_SAMPLE_CHARS = 8192
_MAX_CELL_CHARS = 100_000


def load(data: bytes, name: str) -> Document:
    """Loads a `.csv` or `.tsv` file; its first row names the columns."""
    text = decode_text(data)
    csv.field_size_limit(_MAX_CELL_CHARS)
    rows, cells = [], 0
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text, name)):
        rows.append([cell.strip() for cell in row])
        cells += len(row)
        check_rows(len(rows))
        check_cells(cells)
    builder = TextBuilder()
    add_rows(builder, [row for row in rows if any(row)])
    return Document(
        name, "csv", builder.text(), title_from_name(name), date_in_name(name), builder.blocks()
    )


def _delimiter(text: str, name: str) -> str:
    if name.lower().endswith(".tsv"):
        return "\t"
    try:
        return csv.Sniffer().sniff(text[:_SAMPLE_CHARS], delimiters=",;\t|").delimiter
    except csv.Error:
        return ","
