"""Finds tables in text without markup whose columns are clear: by bars, tabs, or white gutters."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from retrieval.domain.table_data import Cell, Table
from retrieval.loading.tables.grids import header_rows_of, is_number, table_of
from retrieval.text.key_values import is_field

_RULE = re.compile(r"[\s|+:=_\-–—─┼│├┤]+")
_GAP = re.compile(r"\S {2,}\S")
_SENTENCE = re.compile(r"[^\W\d_]{3}[.!?](?:\s|\Z)")
_CAPTION = re.compile(r"\A\s{0,20}(?:table|tabelle|tab\.|tableau|tabla|表)\s{0,5}\S", re.IGNORECASE)
_MAX_WIDTH, _MAX_COLUMNS, _MAX_ROWS = 400, 40, 5_000
_MAX_CAPTION = 200


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table and the lines it stands in, counted from 0, the last one among them."""

    first: int
    last: int
    table: Table


def tables_in(lines: Sequence[str]) -> Iterator[TextTable]:
    """Yields the tables in the lines of a text, in order.

    Only where each line of a run has the same columns: what is not sure stays text.
    """
    index = 0
    while index < len(lines):
        last = _run_end(lines, index)
        if last is None:
            index += 1
            continue
        found = _table(lines, index, last)
        if found:
            yield found
        index = last + 1


def _style(line: str) -> str:
    """How a line is set in columns: `|`, a tab, or a space for gutters; "" for other lines."""
    stripped = line.strip()
    if not stripped or len(line) > _MAX_WIDTH * 4:
        return ""
    if stripped.count("|") >= 2 or " | " in stripped:
        return "|"
    if "\t" in stripped:
        return "\t"
    if is_field(stripped) and not stripped.endswith(":"):
        return ""
    return " " if len(line) <= _MAX_WIDTH and _GAP.search(stripped) else ""


def _run_end(lines: Sequence[str], first: int) -> int | None:
    style = _style(lines[first])
    if not style:
        return None
    last = index = first
    while index + 1 < len(lines) and index - first < _MAX_ROWS:
        index += 1
        line = lines[index]
        if _style(line) == style or (style == " " and _leads(lines, index)):
            last = index
        elif not line.strip() or not _RULE.fullmatch(line):
            break
    return last


def _leads(lines: Sequence[str], index: int) -> bool:
    """Says whether a line without a gap is the label of a group between rows."""
    line = lines[index].strip()
    return line.endswith(":") and index + 1 < len(lines) and _style(lines[index + 1]) == " "


def _table(lines: Sequence[str], first: int, last: int) -> TextTable | None:
    numbers = [index for index in range(first, last + 1) if not _RULE.fullmatch(lines[index])]
    style = _style(lines[first])
    texts = [lines[index].expandtabs(1) if style == " " else lines[index] for index in numbers]
    grid = _by_gutters(texts) if style == " " else _by_marks(texts, style)
    if not grid or not _is_clear(grid, style):
        return None
    rows = [[Cell(cell) for cell in row] for row in grid]
    ruled = next((place for place, index in enumerate(numbers) if index > first + place), 0)
    heads = ruled if 0 < ruled < 4 else header_rows_of(grid)
    where = [(index + 1, index + 1) for index in numbers]
    table = table_of(rows, heads=heads, caption=_caption(lines, first), lines=where)
    return TextTable(first, last, table) if table.rows else None


def _by_marks(texts: Sequence[str], mark: str) -> list[list[str]]:
    strip = "|" if mark == "|" else ""
    trimmed = [text.strip(" \r") for text in texts]
    return [
        [cell.strip() for cell in text.removeprefix(strip).removesuffix(strip).split(mark)]
        for text in trimmed
    ]


def _by_gutters(texts: Sequence[str]) -> list[list[str]]:
    """Cells between the columns of characters that are blank in every line, two of them at least."""
    width = max(map(len, texts))
    used = [False] * (width + 1)
    for text in texts:
        if _GAP.search(text.strip()):
            for place, character in enumerate(text):
                if character != " ":
                    used[place] = True
    edges: list[tuple[int, int]] = []
    start: int | None = None
    for place in range(width + 1):
        if used[place] and start is None:
            start = place
        elif start is not None and not any(used[place : place + 2]):
            edges.append((start, place))
            start = None
    if len(edges) > _MAX_COLUMNS:
        return []
    return [_cells(text, edges) for text in texts]


def _cells(text: str, edges: Sequence[tuple[int, int]]) -> list[str]:
    if not _GAP.search(text.strip()):
        return [text.strip(), *[""] * (len(edges) - 1)]
    return [text[start:end].strip() for start, end in edges]


def _is_clear(grid: Sequence[Sequence[str]], style: str) -> bool:
    widths = {len(row) for row in grid}
    if len(grid) < 2 or len(widths) > 1 or (columns := widths.pop()) < 2:
        return False
    if any(_SENTENCE.search(cell) for row in grid for cell in row[:1]):
        return False
    if style == "|":
        return True
    cells = [cell for row in grid[1:] for cell in row[1:]]
    numbers = sum(map(is_number, cells))
    filled = sum(map(bool, cells))
    if not filled or not all(row[0] or any(row[1:]) for row in grid):
        return False
    few_empty = filled >= 0.6 * len(cells)
    return few_empty and (2 * numbers >= filled or (columns >= 3 and len(grid) >= 3))


def _caption(lines: Sequence[str], first: int) -> str:
    """The line above a table, where it is next to it or calls itself one."""
    above = lines[first - 1].strip() if first else ""
    if not above and first > 1:
        above = lines[first - 2].strip()
        if not _CAPTION.match(above):
            return ""
    return above if len(above) <= _MAX_CAPTION and not above.endswith((".", ";", ",")) else ""
