"""Words a table: what stands above it, each of its rows as a line to be read alone, its notes."""

import re
from collections.abc import Iterator
from dataclasses import replace

from retrieval.domain.places import Place
from retrieval.domain.table_data import Cell, Column, Row, Table

_DASH = " — "


def header_of(table: Table) -> str:
    """Returns what is embedded above each row: caption, name of the labels, columns, unit."""
    columns = " | ".join(column.name for column in table.columns if column.name)
    named = f"{table.label_name} | {columns}" if table.label_name and columns else columns
    unit = f"({table.unit})" if table.unit else ""
    return " ".join(part for part in (table.caption, unit, named) if part)


def row_text(table: Table, row: Row) -> str:
    """Returns a row as `label — column: value unit; …`; empty cells are left out.

    Note marks stand in brackets behind their value, and so does what the legend says of it.
    """
    cells = "; ".join(_cells(table, row))
    label = row.label + _marks(row.marks) if row.labels else ""
    return f"{label}{_DASH}{cells}" if label and cells else label or cells


def note_texts(table: Table) -> Iterator[str]:
    """Yields the notes under a table, and its legend."""
    for mark, text in table.notes.items():
        yield f"Note {mark}: {text}"
    if table.legend:
        yield "; ".join(f"{sign} {meaning}" for sign, meaning in table.legend.items())


def place_of_row(row: Row, place: Place) -> Place:
    """Returns where a row stands in a table at `place`."""
    addresses = [cell.address for cell in row.cells if cell.address]
    cells = f"{addresses[0]}:{addresses[-1]}" if len(addresses) > 1 else "".join(addresses)
    first, last = row.lines or (place.first_line, place.last_line)
    return replace(
        place, row=row.label or place.row, cells=cells or place.cells, page=row.page or place.page,
        first_line=first, last_line=last,
    )  # fmt: skip


def _cells(table: Table, row: Row) -> Iterator[str]:
    for column, cell in zip(table.columns, row.cells, strict=True):
        if cell.text:
            value = cell.text + _unit(table, column, cell) + _marks(cell.marks)
            meaning = table.legend.get(cell.text, "")
            told = f"{value} ({meaning})" if meaning else value
            yield f"{column.name}: {told}" if column.name else told


def _unit(table: Table, column: Column, cell: Cell) -> str:
    unit = column.unit or table.unit
    numeric = any(character.isdigit() for character in cell.text)
    named = not unit or _says(column.name, unit) or unit in cell.text
    return "" if named or not numeric else f" {unit}"


def _says(name: str, unit: str) -> bool:
    """Says whether a name holds a unit as a word of its own: `Output` says nothing of `t`."""
    return bool(re.search(rf"(?<!\w){re.escape(unit)}(?!\w)", name, re.IGNORECASE))


def _marks(marks: tuple[str, ...]) -> str:
    return f" (note {', '.join(marks)})" if marks else ""
