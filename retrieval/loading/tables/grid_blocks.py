"""Writes what a grid holds into a document, line by line and table by table."""

from collections.abc import Sequence
from dataclasses import replace

from retrieval.domain.documents import BlockKind
from retrieval.domain.places import NOWHERE, Place
from retrieval.loading.tables.grid_cells import GridRow
from retrieval.loading.tables.grid_tables import GridLine, read_grid
from retrieval.loading.text_builder import TextBuilder


def add_grid(
    builder: TextBuilder, rows: Sequence[GridRow], place: Place = NOWHERE, page: int | None = None
) -> None:
    """Adds the lines and tables of a grid that stands at `place`."""
    for part in read_grid(rows, place.sheet):
        if isinstance(part, GridLine):
            its = replace(place, cells=part.address or place.cells)
            builder.add(BlockKind.PARAGRAPH, part.text, page=page, place=its)
            continue
        builder.add_data(part.table, replace(place, cells=part.cells or place.cells), page)
        if part.loss:
            builder.leave_out(part.loss)
