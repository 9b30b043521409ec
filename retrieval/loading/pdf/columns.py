"""Finds the order in which the lines of a page are read: column by column where it has columns."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from statistics import median

from retrieval.loading.pdf.words import Segment

Rows = list[list[Segment]]

_MIN_LINES = 3
_MIN_WORDS = 2.4
_MIN_FILL = 0.5
_SAME_EDGE = 3.0
_INDENT = 40.0
_MAX_DEPTH = 6
_MAX_EDGES = 40


def regions(rows: Rows, depth: int = 0) -> Iterator[Rows]:
    """Yields the parts of a page in reading order, each with the lines of one column."""
    found = _columns(rows) if depth < _MAX_DEPTH else None
    if found is None:
        if rows:
            yield rows
        return
    first, last, edge = found
    yield from regions(rows[:first], depth + 1)
    band = rows[first:last]
    left = [[one for one in row if one.x0 < edge] for row in band]
    right = [[one for one in row if one.x0 >= edge] for row in band]
    yield from regions([row for row in left if row], depth + 1)
    yield from regions([row for row in right if row], depth + 1)
    yield from regions(rows[last:], depth + 1)


def _columns(rows: Rows) -> tuple[int, int, float] | None:
    """Returns the rows, from and to, that stand in columns, and where the right one begins."""
    best: tuple[int, tuple[int, int, float]] | None = None
    for edge in _edges(rows):
        for first, last in _bands(rows, edge):
            weight = _weight(rows[first:last], edge)
            if weight and (best is None or weight > best[0]):
                best = weight, (first, last, edge)
    return best[1] if best else None


def _edges(rows: Rows) -> list[float]:
    """Returns where enough lines begin for a column to begin there, most lines first."""
    starts: dict[int, list[float]] = defaultdict(list)
    for row in rows:
        for one in row:
            starts[round(one.x0 / _SAME_EDGE)].append(one.x0)
    leftmost = min((one.x0 for row in rows for one in row), default=0.0)
    edges = []
    for key, found in starts.items():
        near = len(found) + len(starts.get(key - 1, ())) + len(starts.get(key + 1, ()))
        if near >= _MIN_LINES and min(found) > leftmost + 10:
            edges.append((near, min([*found, *starts.get(key - 1, ())]) - 0.5))
    return [edge for _, edge in sorted(edges, reverse=True)[:_MAX_EDGES]]


def _bands(rows: Rows, edge: float) -> Iterator[tuple[int, int]]:
    """Yields the runs of rows in which no line crosses `edge`."""
    first = 0
    for index, row in enumerate([*rows, None]):
        if row is None or any(one.x0 < edge < one.x1 for one in row):
            if index - first >= _MIN_LINES:
                yield _trimmed(rows, first, index, edge)
            first = index + 1


def _trimmed(rows: Rows, first: int, last: int, edge: float) -> tuple[int, int]:
    """Leaves out the rows above and below the shorter column that stand well apart from it."""
    right = [i for i in range(first, last) if any(one.x0 >= edge for one in rows[i])]
    if not right:
        return first, first
    pitch = median([rows[i + 1][0].y - rows[i][0].y for i in range(first, last - 1)] or [12.0])
    bottom = right[-1]
    for index in range(right[-1] + 1, last):
        if rows[index][0].y - rows[index - 1][0].y > 1.8 * pitch:
            break
        bottom = index
    top = right[0]
    for index in range(right[0] - 1, first - 1, -1):
        if rows[index + 1][0].y - rows[index][0].y > 1.8 * pitch:
            break
        top = index
    return top, bottom + 1


def _weight(band: Rows, edge: float) -> int:
    """Returns how much text stands in two columns of prose; 0 where it is not two columns."""
    left = [one for row in band for one in row if one.x0 < edge]
    right = [one for row in band for one in row if one.x0 >= edge]
    if min(len(left), len(right)) < _MIN_LINES:
        return 0
    if min(one.x0 for one in right) - max(one.x1 for one in left) < 0.6 * left[0].size:
        return 0
    # Lines further right may belong to columns of their own.
    first = [one for one in right if one.x0 - edge <= _INDENT]
    aligned = sum(one.x0 - edge <= 2 * _SAME_EDGE for one in first)
    if aligned < 0.4 * len(first) or len(first) < max(_MIN_LINES, 0.3 * len(right)):
        return 0
    if not (_is_prose(left) and _is_prose(first)):
        return 0
    return sum(len(one.text) for one in (*left, *right))


def _is_prose(lines: Sequence[Segment]) -> bool:
    """Says whether most of what stands here is lines of text that fill the column."""
    width = max(one.x1 for one in lines) - min(one.x0 for one in lines)
    full = [one for one in lines if one.x1 - one.x0 >= _MIN_FILL * width]
    if 2 * sum(len(one.text) for one in full) < sum(len(one.text) for one in lines):
        return False
    words = [word.text for one in full for word in one.words]
    figures = sum(not any(c.isalpha() for c in word) for word in words)
    many = len(full) >= _MIN_LINES and len(words) / len(full) >= _MIN_WORDS
    return (many or _unspaced(words)) and figures <= 0.35 * len(words)


def _unspaced(words: Sequence[str]) -> bool:
    """Chinese and its kin set no spaces between words."""
    return sum(any(c > "\u2e7f" for c in word) and len(word) > 6 for word in words) > len(words) / 2
