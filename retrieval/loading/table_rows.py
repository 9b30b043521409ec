"""Rows of a table, as every format with cells gives them."""

from itertools import takewhile

from retrieval.domain.documents import BlockKind
from retrieval.loading.text_builder import TextBuilder


def add_rows(builder: TextBuilder, rows: list[list[str]], page: int | None = None) -> None:
    """Adds rows as a table; lines of a single cell before it are its captions."""
    captions = takewhile(lambda row: sum(bool(cell) for cell in row) == 1, rows)
    count = 0
    for row in captions:
        builder.add(BlockKind.PARAGRAPH, " ".join(row), page=page)
        count += 1
    builder.add_table(rows[count:], page=page)
