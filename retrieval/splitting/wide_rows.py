"""Cuts a table row that does not fit the model between its cells, and leaves out what each repeats."""

from collections.abc import Callable, Iterator
from itertools import pairwise

# As a table is worded; see `table_text.row_text`.
_BETWEEN = "; "
_COLUMNS = " | "
# Longer names of columns are compared, and longer labels shown, up to here.
_MAX_NAME_CHARS = 300
_MAX_LABEL_CHARS = 120

# A part of a row by its offsets, and its length in word pieces.
Part = tuple[int, int, int]


def cell_starts(row: str, header: str = "") -> list[int]:
    """Returns where the cells of `row` begin, its first one apart.

    With the `header` above it: only those that begin with the name of a column, so that what
    stands inside of a cell is not taken for its end. Takes time in proportion to the row.
    """
    names = {_head(name) for name in header.split(_COLUMNS) if name}
    found, at = [], row.find(_BETWEEN)
    while at >= 0:
        at += len(_BETWEEN)
        if not header or _head(row[at : at + _MAX_NAME_CHARS]) in names:
            found.append(at)
        at = row.find(_BETWEEN, at)
    return found


def label_in(row: str, header: str) -> str:
    """Returns the first cell of a row that has no label of its own."""
    starts = cell_starts(row, header) or cell_starts(row)
    return row[: starts[0] - len(_BETWEEN)][:_MAX_LABEL_CHARS] if starts else ""


def without_names(part: str, header: str) -> str:
    """Returns some cells of a row without the names of their columns, which the header tells once."""
    names: dict[str, list[str]] = {}
    for name in header.split(_COLUMNS):
        names.setdefault(_head(name), []).append(name)
    edges = [0, *cell_starts(part, header)]
    cells = [part[left:right] for left, right in zip(edges, [*edges[1:], len(part)], strict=True)]
    return "".join(_without_name(cell, names) for cell in cells)


def _without_name(cell: str, names: dict[str, list[str]]) -> str:
    for name in names.get(_head(cell), ()):
        if name and cell.startswith(f"{name}: "):
            return cell[len(name) + 2 :]
    return cell


def cut_row(
    row: str, header: str, limit: int, count: Callable[[list[str]], list[int]]
) -> Iterator[Part]:
    """Yields parts of `row` of at most `limit` word pieces, each as long as can be.

    A single cell may be longer: it is for others to cut.
    """
    for start, end, tokens in _packed(row, 0, len(row), cell_starts(row, header), limit, count):
        if tokens <= limit:
            yield start, end, tokens
        else:
            inner = [start + at for at in cell_starts(row[start:end])]
            yield from _packed(row, start, end, inner, limit, count)


def _packed(
    row: str, start: int, end: int, starts: list[int], limit: int,
    count: Callable[[list[str]], list[int]],
) -> Iterator[Part]:  # fmt: skip
    edges = [start, *starts, end + len(_BETWEEN)]
    cells = [(left, right - len(_BETWEEN)) for left, right in pairwise(edges)]
    sizes = count([row[left:right] for left, right in cells])
    begin, total = start, 0
    last = start
    for (left, right), size in zip(cells, sizes, strict=True):
        # One more for what stands between two cells.
        if total and total + 1 + size > limit:
            yield begin, last, total
            begin, total = left, 0
        total += size + (bool(total))
        last = right
    yield begin, last, total


def _head(name: str) -> str:
    return name[:_MAX_NAME_CHARS].partition(":")[0].strip()
