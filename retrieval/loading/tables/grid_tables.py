"""Tables out of grids: captions, header rows, labels and their groups, notes."""

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from retrieval.domain.losses import Loss
from retrieval.domain.table_data import Cell, Column, Row, Table
from retrieval.loading.tables.grid_cells import GridCell, GridRow, is_year, unit_in
from retrieval.loading.tables.grid_headers import columns_of, header_count

_EMPTY = GridCell("")
_MAX_CAPTION = 300
_MAX_LABELS = 3
_MAX_GROUP_WORDS = 8
_NOTE = re.compile(
    r"\W{0,2}(?:sources?|notes?|remarks?|legend|key|quelle|anmerkung)\b", re.IGNORECASE
)
_MARKED = re.compile(r"[(\[]?(\d{1,2}|[a-z]|\*{1,3}|[†‡§])[)\].:]?\s+(\S.*)\Z", re.DOTALL)
_SIGN = re.compile(
    r"(?:\A|[.;,]\s+)(—|–|-|NA|N/A|n\.a\.|W|E|NE|XX|\.\.)\s*(?:[=:]\s*)?([A-Za-z][\w'-]*+(?:\s[A-Za-z][\w'-]*+){0,7}+\s?)(?=[.;,]|\Z)"
)
_TOTAL = re.compile(r"(?:grand\s+)?total\b|sum\b|overall\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class GridLine:
    """A line of a grid that belongs to no table, or stands above or below one."""

    text: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class GridTable:
    """A table of a grid; `cells` is its range in a sheet; `loss` tells of columns without a value."""

    table: Table
    cells: str = ""
    loss: Loss | None = None


def read_grid(rows: Sequence[GridRow], sheet: str = "") -> Iterator[GridLine | GridTable]:
    """Yields the lines and tables of a grid in order; empty rows and columns part its tables."""
    before: _Layout | None = None
    for band in _bands(rows):
        for part in _sides(band):
            lead, body, tail = _peeled(part)
            captions = [_line(row) for row in lead]
            yield from captions
            if body:
                before = _layout(body, captions, before)
                table = _table(before, body[before.headers :], tail, sheet)
                yield table
                told = table.table.notes.values()
                tail = [row for row in tail if not _line(row).text.endswith(tuple(told) or "\0")]
            yield from (_line(row) for row in tail)


@dataclass(frozen=True, slots=True)
class _Layout:
    """How a table is laid out; a later part without header rows of its own takes it over."""

    headers: int
    columns: dict[int, Column]
    labels: tuple[int, ...]
    caption: str
    unit: str
    group: str = ""


def _bands(rows: Sequence[GridRow]) -> Iterator[list[GridRow]]:
    band: list[GridRow] = []
    for row in rows:
        if band and row.number != band[-1].number + 1:
            yield band
            band = []
        band.append(row)
    if band:
        yield band


def _sides(band: list[GridRow]) -> Iterator[list[GridRow]]:
    """The tables that stand side by side: each begins, behind an empty column, with its own labels."""
    filled = sorted({column for row in band for column in row.cells})
    starts = [filled[0]]
    for left, right in itertools.pairwise(filled):
        if right > left + 1 and _begins_table(band, right):
            starts.append(right)
    if len(starts) == 1:
        yield band
        return
    for start, end in zip(starts, [*starts[1:], filled[-1] + 1], strict=True):
        side = []
        for row in band:
            cells = {c: cell for c, cell in row.cells.items() if start <= c < end}
            if cells:
                side.append(GridRow(row.number, cells))
        yield side


def _begins_table(band: list[GridRow], column: int) -> bool:
    cells = [row.cells[column] for row in band if column in row.cells]
    beside = any(column + 1 in row.cells for row in band)
    words = sum(not cell.number and not is_year(cell.text) for cell in cells)
    return len(cells) > 1 and beside and words == len(cells)


def _peeled(band: list[GridRow]) -> tuple[list[GridRow], list[GridRow], list[GridRow]]:
    """Parts lines of a single cell off the top and, where they read as notes, off the end."""
    first, last = 0, len(band)
    while first < last and len(band[first].own()) <= 1:
        first += 1
    wide = any(len(row.own()) > 1 for row in band)
    while last > first and wide and _is_note(band[last - 1], band):
        last -= 1
    return band[:first], band[first:last], band[last:]


def _is_note(row: GridRow, band: list[GridRow]) -> bool:
    own = row.own()
    if len(own) != 1 or own[0] != min(column for one in band for column in one.cells):
        return False
    text = row.cells[own[0]].text
    return bool(_NOTE.match(text) or _MARKED.match(text) or _SIGN.match(text)) or (
        len(text.split()) > 5
    )


def _line(row: GridRow) -> GridLine:
    cells = [row.cells[column] for column in row.own()]
    words = [
        cell.text + (f" (note {', '.join(cell.marks)})" if cell.marks else "") for cell in cells
    ]
    return GridLine(" ".join(words), cells[0].address if cells else "")


def _layout(body: list[GridRow], captions: list[GridLine], before: _Layout | None) -> _Layout:
    columns = sorted({column for row in body for column in row.cells})
    count = header_count(body)
    if len({column for row in body[count:] for column in row.cells}) == 1:
        # Nothing stands under all names but one: they are a row like any other.
        count = 0
    if not count and before and set(columns) <= set(before.columns) and len(captions) <= 1:
        group = "".join(line.text for line in captions).rstrip(" :")
        if len(group.split()) <= _MAX_GROUP_WORDS:
            return replace(before, headers=0, group=group)
    named = columns_of(body[:count], columns)
    labels = _label_columns(body[count:], columns)
    caption = " ".join(line.text for line in captions)[:_MAX_CAPTION]
    unit = next(filter(None, (unit_in(line.text) for line in reversed(captions))), "")
    return _Layout(count, named, labels, caption, unit)


def _label_columns(body: list[GridRow], columns: list[int]) -> tuple[int, ...]:
    """The first column where it holds words or years, and those behind it that its groups part."""
    labels: list[int] = []
    for column, after in itertools.pairwise(columns):
        cells = [row.cells[column] for row in body if column in row.cells]
        if not cells or sum(cell.number for cell in cells) * 2 > len(cells):
            break
        labels.append(column)
        grouped = any(cell.copied == "down" for cell in cells) or _outlined(body, column, after)
        if len(labels) == _MAX_LABELS or not grouped:
            break
    return tuple(labels)


def _outlined(body: list[GridRow], column: int, after: int) -> bool:
    """Says whether a label stands once for the rows under it: blank there, the next column is not."""
    blank = [row for row in body if column not in row.cells]
    nexts = [row.cells.get(after, _EMPTY) for row in body]
    words = all(cell.text and not cell.number for cell in nexts)
    return bool(blank) and column in body[0].cells and words


def _table(layout: _Layout, body: list[GridRow], tail: list[GridRow], sheet: str) -> GridTable:
    filled = {column for row in body for column in row.cells}
    values = [c for c in sorted({*layout.columns, *filled}) if c not in layout.labels]
    kept = [c for c in values if c in filled]
    empty = [layout.columns[c].name for c in values if c not in filled and c in layout.columns]
    columns = tuple(_with_unit(layout, body, c) for c in kept)
    rows = tuple(_rows(layout, body, kept))
    lines = [_line(row).text for row in tail]
    named = [layout.columns[c].name for c in layout.labels if c in layout.columns]
    table = Table(
        columns, rows, layout.caption, " › ".join(filter(None, named)), "",
        _notes(lines, rows), _legend(lines, rows), sheet,
    )  # fmt: skip
    names = [name for name in empty if name]
    why, words = "no row has a value in it", sum(len(name.split()) for name in names)
    loss = Loss("empty column", why, len(names), words, "; ".join(names)[:_MAX_CAPTION])
    return GridTable(table, _range(body), loss if names else None)


def _with_unit(layout: _Layout, body: list[GridRow], column: int) -> Column:
    """A column; the unit of the caption goes to those that hold numbers and name no other."""
    named = layout.columns.get(column, Column(()))
    cells = [row.cells[column] for row in body if column in row.cells]
    measured = any(cell.number for cell in cells) and not any("%" in cell.text for cell in cells)
    if named.unit or not measured or "%" in named.name:
        return named
    return Column(named.path, layout.unit)


def _rows(layout: _Layout, body: list[GridRow], kept: Sequence[int]) -> Iterator[Row]:
    # Behind each group how far it is indented; deeper than that is what stands under it.
    groups: list[tuple[int, str]] = [(-1, layout.group)] if layout.group else []
    carried: dict[int, GridCell] = {}
    indents = any(row.cells[c].indent for row in body for c in layout.labels[:1] if c in row.cells)
    for number, row in enumerate(body):
        label = _labels(layout, row, carried)
        indent = label[0].indent if label else 0
        if indents or (
            groups and label and re.match("grand|overall", label[0].text, re.IGNORECASE)
        ):
            while groups and groups[-1][0] >= indent:
                groups.pop()
        if _heads_group(layout, body, number):
            while groups and (groups[-1][0] >= indent):
                groups.pop()
            groups.append((indent, label[0].text.rstrip(" :")))
            continue
        texts = [cell.text for cell in label if cell.text]
        marks = tuple(mark for cell in label for mark in cell.marks)
        labels = (*(text for _, text in groups), *texts)
        cells = tuple(_cell(row.cells.get(column, _EMPTY)) for column in kept)
        yield Row(labels, cells, marks=marks)
        if indents and texts:
            groups.append((indent, texts[0].rstrip(" :")))


def _labels(layout: _Layout, row: GridRow, carried: dict[int, GridCell]) -> list[GridCell]:
    """The labels of a row; all but the last stand for the rows under them that leave them blank."""
    found = []
    for column in layout.labels:
        cell = row.cells.get(column)
        if cell is None and column != layout.labels[-1]:
            cell = carried.get(column)
        if cell is not None:
            if carried.get(column, _EMPTY).text != cell.text:
                carried.clear() if column == layout.labels[0] else None
            carried[column] = cell
            found.append(cell)
    return found


def _heads_group(layout: _Layout, body: list[GridRow], number: int) -> bool:
    """Says whether a row is a label alone that heads those under it, and shows that it does."""
    row = body[number]
    own = row.own()
    if not layout.labels or own != [layout.labels[0]] or number + 1 == len(body):
        return False
    cell, after = row.cells[own[0]], body[number + 1].cells.get(own[0], _EMPTY)
    if _TOTAL.match(cell.text):
        return False
    across = any(one.copied == "across" for one in row.cells.values())
    deeper = after.indent > cell.indent
    return cell.text.endswith(":") or across or deeper or (cell.bold and not after.bold)


def _cell(cell: GridCell) -> Cell:
    return Cell(cell.text, cell.marks, cell.address)


def _range(body: list[GridRow]) -> str:
    addresses = [cell.address for row in (body[:1] + body[-1:]) for cell in row.cells.values()]
    known = [address for address in addresses if address]
    return f"{known[0]}:{known[-1]}" if len(known) > 1 else "".join(known)


def _notes(lines: Iterable[str], rows: Iterable[Row]) -> dict[str, str]:
    used = {mark for row in rows for mark in (*row.marks, *(m for c in row.cells for m in c.marks))}
    found = (_MARKED.match(line) for line in lines)
    return {note[1]: note[2] for note in found if note and note[1] in used}


def _legend(lines: Iterable[str], rows: Iterable[Row]) -> dict[str, str]:
    """What signs mean that stand in cells, as notes under the table tell."""
    shown = {cell.text for row in rows for cell in row.cells if len(cell.text) <= 4}
    told = (match for line in lines for match in _SIGN.finditer(line[:2_000]))
    return {match[1]: match[2].strip() for match in told if match[1] in shown}
