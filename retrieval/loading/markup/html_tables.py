"""Tables of pages as data: spans filled, headings of columns and rows, caption, notes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from retrieval.domain.table_data import Cell, Table
from retrieval.loading.markup.html_text import inline_text, is_hidden, text_and_marks
from retrieval.loading.tables.cells import check_cells
from retrieval.loading.tables.grids import header_rows_of, is_value, table_of

_NOTE = re.compile(
    r"\A(?P<mark>\d{1,2}|[a-z]|[*†‡§¶]{1,3})(?:[.):]\s*|\s+)(?P<text>\S.+)", re.DOTALL
)
_MAX_SPAN = 1_000
_LONG_CELL = 60


@dataclass(slots=True)
class _Grid:
    rows: list[list[Cell]]
    lines: list[tuple[int, int]]
    # By row: how many leading cells are headings, whether all are, and how many were written.
    leading: list[int]
    heads: list[bool]
    written: list[int]


@dataclass(frozen=True, slots=True)
class ReadTable:
    """A table of a page, and the notes that stand in its last rows without a mark."""

    table: Table
    caption: str
    notes: tuple[str, ...]


def is_layout(table: Any) -> bool:
    """Says whether a table only arranges the page: its cells hold blocks, or there is but one column."""
    if table.get("role") in ("presentation", "none") or table.find(".//table") is not None:
        return True
    if table.find(".//th") is not None:
        return False
    rows = [[cell for cell in row if cell.tag in ("td", "th")] for row in _rows(table)]
    if max(map(len, rows), default=0) < 2 or len(rows) < 2:
        return True
    cells = [cell for row in rows for cell in row]
    blocks = sum(len(cell.findall(".//p")) + len(cell.findall(".//div")) > 1 for cell in cells)
    long = sum(len(inline_text(cell).split()) > _LONG_CELL for cell in cells)
    return 3 * (blocks + long) > len(cells)


def read_table(table: Any) -> ReadTable | None:
    """Returns a table as data, None where it is empty."""
    grid = _grid(table)
    notes: list[str] = []
    marked: dict[str, str] = {}
    while len(grid.rows) > 1 and grid.written[-1] == 1 and len(grid.rows[-1]) > 1:
        text = grid.rows.pop()[0].text
        grid.written.pop()
        found = _NOTE.match(text)
        if found and found["mark"] not in marked:
            marked[found["mark"]] = found["text"]
        else:
            notes.append(text)
    if not grid.rows:
        return None
    caption = _caption(table)
    texts = [[cell.text for cell in row] for row in grid.rows]
    heads = _heads(grid, texts)
    labels = max(1, _labels(grid, heads))
    made = table_of(
        grid.rows, heads=heads, labels=labels, caption=caption, lines=grid.lines, notes=marked
    )
    if not made.rows:
        # A table of headings alone: its words are its only row.
        made = table_of(grid.rows, heads=0, caption=caption, lines=grid.lines, notes=marked)
    return ReadTable(made, caption, tuple(reversed(notes)))


def _rows(table: Any) -> Iterator[Any]:
    """The rows of a table itself, those of its head first and of its foot last."""
    parts: dict[str, list[Any]] = {"thead": [], "": [], "tfoot": []}
    for child in table:
        if child.tag == "tr":
            parts[""].append(child)
        elif child.tag in ("thead", "tbody", "tfoot"):
            place = child.tag if child.tag in parts else ""
            parts[place] += [row for row in child if row.tag == "tr"]
    for rows in parts.values():
        yield from (row for row in rows if not is_hidden(row))


def _grid(table: Any) -> _Grid:
    grid = _Grid([], [], [], [], [])
    waiting: dict[int, tuple[int, Cell]] = {}
    cells = 0
    for row in _rows(table):
        made: list[Cell] = []
        own = [cell for cell in row if cell.tag in ("td", "th") and not is_hidden(cell)]
        for cell in own:
            _fill(made, waiting)
            text, marks = text_and_marks(cell)
            across, down = _span(cell, "colspan"), _span(cell, "rowspan")
            for _ in range(across):
                if down > 1:
                    waiting[len(made)] = (down - 1, Cell(text, marks))
                made.append(Cell(text, marks))
            cells += across
            check_cells(cells)
        _fill(made, waiting)
        if any(cell.text for cell in made):
            grid.rows.append(made)
            grid.lines.append(_lines(row))
            leading = next((i for i, one in enumerate(own) if one.tag != "th"), len(own))
            grid.leading.append(leading)
            in_head = row.getparent().tag == "thead"
            grid.heads.append(in_head or (bool(own) and leading == len(own) > 1))
            grid.written.append(len(own) if len(made) > len(own) or len(own) > 1 else 2)
    return grid


def _fill(made: list[Cell], waiting: dict[int, tuple[int, Cell]]) -> None:
    """Puts what spans down from the rows above into its columns."""
    while len(made) in waiting:
        left, cell = waiting.pop(len(made))
        if left > 1:
            waiting[len(made)] = (left - 1, cell)
        made.append(cell)


def _span(cell: Any, name: str) -> int:
    given = (cell.get(name) or "").strip()
    return min(max(int(given), 1), _MAX_SPAN) if given.isdecimal() and len(given) < 6 else 1


def _heads(grid: _Grid, texts: list[list[str]]) -> int:
    marked = next((i for i, head in enumerate(grid.heads) if not head), len(grid.heads))
    if marked:
        return marked
    # Labels in <th> and no heading above them: a list of things and their values.
    if grid.leading and all(one >= 1 for one in grid.leading[: len(texts)]):
        return 0
    if len(texts) > 1 and max(map(len, texts)) == 2 and not any(map(_is_value_row, texts)):
        return 0
    return header_rows_of(texts)


def _is_value_row(row: list[str]) -> bool:
    return any(is_value(cell) for cell in row[1:])


def _labels(grid: _Grid, heads: int) -> int:
    """How many columns label the rows: those in <th>, or whose first one spans several rows."""
    body = grid.leading[heads : len(grid.rows)]
    width = max(map(len, grid.rows))
    if not body:
        return 1
    return min(max(body), width - 1) if all(body) or max(body) > 1 else 1


def _lines(row: Any) -> tuple[int, int]:
    first = row.sourceline or 1
    last = max((node.sourceline or first for node in row.iter()), default=first)
    return first, last


def _caption(table: Any) -> str:
    found = table.find("caption")
    if found is not None:
        return inline_text(found)
    return inline_text(table.find("summary")) if table.find("summary") is not None else ""
