"""Finds tables without rules: lines whose parts stand under each other in columns."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from retrieval.loading.pdf.columns import Rows
from retrieval.loading.pdf.grids import BodyRow, Grid, HeadCell, bare_text, is_value, is_year
from retrieval.loading.pdf.words import Segment

_MAX_PITCH = 3.2
_MAX_BETWEEN = 3
_MAX_HEAD = 6
_SAME_EDGE = 3.0
_BULLET = re.compile(
    r"[-*•–·▪◦‣●○■□☐☑☒✓]|\(?(?:\d{1,3}(?:\.\d{1,3})*|[A-Za-z]|[ivx]{1,5})[.)]|\[\d+\]"
)
_MIN_FILLED = 0.4
_LONG = 45
_PROSE_WORDS = 6


@dataclass(frozen=True, slots=True)
class FoundTable:
    """A table in the rows `first` to before `last` of a region."""

    first: int
    last: int
    grid: Grid


def unruled_tables(rows: Rows, page: int) -> list[FoundTable]:
    """Returns the tables among the lines of one column of a page, from top to bottom."""
    found: list[FoundTable] = []
    done = 0
    for first, last in _cores(rows):
        if first < done:
            continue
        edges = _edges([row for row in rows[first:last] if _is_core(rows, row)])
        if not _holds(rows[first:last], edges):
            continue
        top = _top(rows, first, done, edges)
        grid = _grid(rows, (top, first, last), edges, page)
        if grid is not None:
            found.append(FoundTable(top, last, grid))
            done = last
    return found


def _cores(rows: Rows) -> Iterator[tuple[int, int]]:
    """Yields runs of rows with cells, with the labels and wrapped lines between them."""
    first: int | None = None
    last = between = 0
    for index, row in enumerate(rows):
        far = index > 0 and row[0].y - rows[index - 1][0].y > _MAX_PITCH * row[0].size
        if first is not None and (far or between > _MAX_BETWEEN or _is_prose(rows, row)):
            yield first, last
            first = None
        if _is_core(rows, row):
            first = index if first is None else first
            last, between = index + 1, 0
        else:
            between += 1
    if first is not None:
        yield first, last


def _is_core(rows: Rows, row: Sequence[Segment]) -> bool:
    """Says whether a line has cells: figures behind its label, or parts aligned with its neighbours."""
    if len(row) < 2 or (len(row) == 2 and _BULLET.fullmatch(row[0].text)):
        return False
    rest = [one.text for one in row[1:]]
    if all(map(is_value, rest)):
        return True
    return max(map(len, rest)) <= 3 * _LONG and _aligned(rows, row)


def _aligned(rows: Rows, row: Sequence[Segment]) -> bool:
    at = next(index for index, one in enumerate(rows) if one is row)
    near = [other for other in rows[max(0, at - 4) : at + 5] if other is not row and len(other) > 1]
    alike = sum(
        all(any(_lined_up(one, two) for two in other) for one in row[1:])
        or all(any(_lined_up(one, two) for two in row) for one in other[1:])
        for other in near
    )
    return alike >= (1 if len(row) > 2 else 2)


def _lined_up(one: Segment, other: Segment) -> bool:
    middle = abs(one.x0 + one.x1 - other.x0 - other.x1) / 2
    return min(abs(one.x0 - other.x0), abs(one.x1 - other.x1), middle) <= _SAME_EDGE


def _is_prose(rows: Rows, row: Sequence[Segment]) -> bool:
    if len(row) > 1:
        return False
    left = min(one.x0 for line in rows for one in line)
    right = max(one.x1 for line in rows for one in line)
    line = row[0]
    wide = line.x1 - line.x0 > 0.75 * (right - left)
    return wide and len(line.words) > 6 and not line.text.endswith(":")


def _edges(core: Rows) -> list[tuple[float, float]]:
    """Returns where the columns begin and end: that of the labels, then those of the cells."""
    figures = [row for row in core if any(_is_figure(one) for one in row)]
    core = figures if len(figures) > 1 else core
    cells = [one for row in core for one in row[1:]]
    cells += [row[0] for row in core if is_value(row[0].text) and len(row) > 1]
    columns = _merged([(one.x0, one.x1) for one in cells if is_value(one.text)])
    columns = _merged(columns + [(one.x0, one.x1) for one in cells if not is_value(one.text)])
    labels = [
        row[0] for row in core if not any(_overlaps((row[0].x0, row[0].x1), c) for c in columns)
    ]
    if labels:
        start = min(one.x0 for one in labels)
        end = max(one.x1 for one in labels)
        columns = [column for column in columns if column[1] > start]
        if columns and start < columns[0][0]:
            columns.insert(0, (start, min(end, columns[0][0] - 1)))
    return columns


def _merged(intervals: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    merged: list[tuple[float, float]] = []
    for start, end in sorted(intervals):
        if merged and start < merged[-1][1] - 0.5:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _overlaps(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return min(one[1], other[1]) - max(one[0], other[0]) > 0.5


def _holds(rows: Rows, edges: Sequence[tuple[float, float]]) -> bool:
    """Says whether rows under these columns are a table rather than lines that happen to have gaps."""
    core = [row for row in rows if len(row) > 1]
    if len(edges) < 2 or len(core) < 2:
        return False
    filled = sum(min(len(row), len(edges)) for row in core)
    if filled < _MIN_FILLED * len(core) * len(edges):
        return False
    cells = [one for row in core for one in row]
    if sum(len(one.words) >= _PROSE_WORDS for one in cells) > 0.6 * len(cells):
        return False
    fields = sum(row[0].text.endswith((":", "：")) for row in core)
    if len(edges) == 2 and 2 * fields > len(core):
        return False
    sentences = sum(
        one.text.endswith((".", ",")) and len(one.words) > 4 for row in core for one in row
    )
    return sentences <= 0.3 * filled


def _top(rows: Rows, first: int, done: int, edges: Sequence[tuple[float, float]]) -> int:
    """Returns the first of the lines above the cells that head the columns."""
    top = first
    while top > max(done, first - _MAX_HEAD):
        row = rows[top - 1]
        if rows[top][0].y - row[0].y > _MAX_PITCH * row[0].size:
            break
        beyond = [one for one in row if one.x1 > edges[1][0] - _SAME_EDGE]
        within = all(one.x1 <= edges[-1][1] + 4 * one.size for one in row)
        narrow = all(len(one.text) <= _LONG or len(row) > 2 for one in row)
        if not beyond or not within or not narrow:
            break
        # A caption begins where the labels begin and runs on over the columns.
        if any(one.x0 <= edges[0][1] and one.x1 > edges[1][0] + 1 for one in row if len(edges) > 2):
            break
        if len(row) == 1 and (row[0].x0 < edges[1][0] - 40 or _ends(row[0])):
            break
        top -= 1
    return top


def _ends(line: Segment) -> bool:
    return line.text.endswith(".") and len(line.words) > 3


def _grid(
    rows: Rows, bounds: tuple[int, int, int], edges: list[tuple[float, float]], page: int
) -> Grid | None:
    top, _, last = bounds
    heads = _heads(rows, bounds, edges)
    if heads >= last:
        return None
    if heads > top:
        edges = _with_empty(rows[heads - 1], edges)
    size = median(one.size for row in rows[top:last] for one in row)
    grid = Grid(edges, top=rows[top][0].y - size, bottom=rows[last - 1][0].y)
    grid.head = [_head_row(row, edges) for row in rows[top:heads]]
    for row in rows[top:heads]:
        _add(grid, row, page)
    grid.first, grid.body = grid.body, []
    grid.bold = heads > top and all(one.bold for row in rows[top:heads] for one in row)
    for row in rows[heads:last]:
        _add(grid, row, page)
    return grid


def _heads(rows: Rows, bounds: tuple[int, int, int], edges: Sequence[tuple[float, float]]) -> int:
    """Returns the row after those that head the columns: lines without figures, or without a label."""
    top, first, last = bounds
    labelled = any(_is_labelled(row, edges) for row in rows[top:first])
    heads = first
    figures = any(_is_figure(one) for row in rows[first:last] for one in row[1:])
    while heads < last:
        row = rows[heads]
        cells = [one for one in row if one.x1 > edges[1][0] - 1]
        if not cells:
            break
        label = _is_labelled(row, edges)
        years = all(is_year(bare_text([one])) or not is_value(one.text) for one in cells)
        unlike = label and (labelled or is_year(bare_text(row[:1])))
        bold = all(one.bold for one in row) and all(one.bold for one in rows[top])
        if label and (not years or not figures or (unlike and not bold)):
            break
        if not label and heads == top and not years:
            break
        labelled = labelled or label
        heads += 1
    if heads == top and _text_head(rows[first:last]):
        heads += 1
    return heads


def _is_labelled(row: Sequence[Segment], edges: Sequence[tuple[float, float]]) -> bool:
    return row[0].x0 < edges[0][1] and row[0].x1 <= edges[1][0] + 1


def _is_figure(one: Segment) -> bool:
    return is_value(one.text) and not is_year(bare_text([one]))


def _with_empty(
    row: Sequence[Segment], edges: list[tuple[float, float]]
) -> list[tuple[float, float]]:
    """Returns the columns with those that only have a heading and no cells."""
    cells = [one for one in row if one.x0 > edges[0][1]]
    if len(cells) < len(edges):
        return edges
    apart = [(one.x0, one.x1) for one in cells]
    return sorted(edges + [one for one in apart if not any(_overlaps(one, edge) for edge in edges)])


def _text_head(rows: Rows) -> bool:
    """Says whether the first line heads the columns: it has no figure, and those below it have."""
    first, below = rows[0], rows[1:]
    if len(first) < 2 or any(is_value(one.text) for one in first[1:]):
        return False
    figures = sum(any(is_value(one.text) for one in row[1:]) for row in below if len(row) > 1)
    set_off = all(one.bold for one in first) and not all(one.bold for row in below for one in row)
    told = len(first) > 2 and len(below) >= 2
    # Two columns of words may be names and what they are, with nothing above them.
    return set_off or told or (figures > 0 and not any(c.isdigit() for c in first[1].text))


def _head_row(row: Sequence[Segment], edges: Sequence[tuple[float, float]]) -> list[HeadCell]:
    """Returns the headings of a line with the columns that each of them stands over."""
    cells: list[HeadCell] = []
    for index, one in enumerate(row):
        under = [i for i, edge in enumerate(edges) if _overlaps((one.x0 - 1, one.x1 + 1), edge)]
        if len(under) > 1 and under[0] == 0 and one.x0 > edges[0][0] + 20:
            under = under[1:]
        if not under:
            under = _beneath(row, index, edges)
        cells.append(HeadCell(under[0], under[-1], one.text))
    return cells


def _beneath(row: Sequence[Segment], index: int, edges: Sequence[tuple[float, float]]) -> list[int]:
    """Returns the columns on both sides of a heading that stands between them."""
    one = row[index]
    start = (row[index - 1].x1 + one.x0) / 2 if index else edges[0][1]
    end = (one.x1 + row[index + 1].x0) / 2 if index + 1 < len(row) else float("inf")
    under = [i for i, edge in enumerate(edges) if i and start <= sum(edge) / 2 <= end]
    middle = (one.x0 + one.x1) / 2
    return under or [min(range(len(edges)), key=lambda i: abs(sum(edges[i]) / 2 - middle))]


def _add(grid: Grid, row: Sequence[Segment], page: int) -> None:
    """Adds a line to a table: a row of its own, or more of the cells of the row above it."""
    cells: list[list[Segment]] = [[] for _ in grid.edges]
    for one in row:
        cells[_column(one, grid.edges)].append(one)
    above = grid.body[-1] if grid.body else None
    text = [bare_text(cell) for cell in cells]
    wraps = not cells[0] and not any(is_value(one) for one in text if one)
    if above is not None and wraps and not above.bare:
        for lines, more in zip(above.cells, cells, strict=True):
            lines.extend(more)
        return
    grid.body.append(BodyRow(cells, row[0].x0, page))


def _column(one: Segment, edges: Sequence[tuple[float, float]]) -> int:
    def shared(edge: tuple[float, float]) -> float:
        return min(one.x1, edge[1]) - max(one.x0, edge[0])

    if one.x0 <= edges[0][0] + 1:
        return 0
    return max(range(len(edges)), key=lambda index: shared(edges[index]))
