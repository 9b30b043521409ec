"""Finds tables that are drawn with level and upright rules."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.loading.pdf.columns import Rows
from retrieval.loading.pdf.glyphs import Rule
from retrieval.loading.pdf.grids import BodyRow, Grid, HeadCell, is_value, is_year, joined
from retrieval.loading.pdf.words import Segment, Word

_NEAR = 3.0
_MIN_FILLED = 0.25
_MAX_SIDE = 200


@dataclass(frozen=True, slots=True)
class _Lattice:
    """Where the rules of a table stand, and which stretches of them are drawn."""

    xs: list[float]
    ys: list[float]
    level: dict[int, list[tuple[float, float]]]
    upright: dict[int, list[tuple[float, float]]]


def ruled_tables(rows: Rows, rules: Sequence[Rule], page: int) -> tuple[list[Grid], Rows]:
    """Returns the ruled tables of a page, and the lines that stand in none of them."""
    grids: list[Grid] = []
    left = rows
    for group in _connected(rules):
        lattice = _lattice(group)
        if lattice is None:
            continue
        inside, outside = _parted(left, lattice)
        grid = _grid(inside, lattice, page)
        if grid is not None:
            grids.append(grid)
            left = outside
    return grids, left


def _connected(rules: Sequence[Rule]) -> list[list[Rule]]:
    """Returns the groups of rules that touch each other."""
    parent = list(range(len(rules)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    order = sorted(range(len(rules)), key=lambda index: rules[index].y0)
    open_rules: list[int] = []
    for index in order:
        rule = rules[index]
        open_rules = [one for one in open_rules if rules[one].y1 >= rule.y0 - _NEAR]
        for one in open_rules:
            other = rules[one]
            if other.x0 <= rule.x1 + _NEAR and rule.x0 <= other.x1 + _NEAR:
                parent[root(index)] = root(one)
        open_rules.append(index)
    groups: dict[int, list[Rule]] = defaultdict(list)
    for index, rule in enumerate(rules):
        groups[root(index)].append(rule)
    return [group for group in groups.values() if len(group) >= 4]


def _lattice(rules: Sequence[Rule]) -> _Lattice | None:
    level = [rule for rule in rules if rule.level]
    upright = [rule for rule in rules if not rule.level]
    if len(level) < 2 or not upright:
        return None
    xs = _places([(rule.x0 + rule.x1) / 2 for rule in upright]
                 + [min(rule.x0 for rule in level), max(rule.x1 for rule in level)])  # fmt: skip
    ys = _places([(rule.y0 + rule.y1) / 2 for rule in level]
                 + [min(rule.y0 for rule in upright), max(rule.y1 for rule in upright)])  # fmt: skip
    if not (3 <= len(xs) <= _MAX_SIDE and 3 <= len(ys) <= _MAX_SIDE):
        return None
    drawn_level: dict[int, list[tuple[float, float]]] = defaultdict(list)
    drawn_upright: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for rule in level:
        drawn_level[_nearest(ys, (rule.y0 + rule.y1) / 2)].append((rule.x0, rule.x1))
    for rule in upright:
        drawn_upright[_nearest(xs, (rule.x0 + rule.x1) / 2)].append((rule.y0, rule.y1))
    return _Lattice(xs, ys, drawn_level, drawn_upright)


def _places(found: list[float]) -> list[float]:
    places: list[float] = []
    for value in sorted(found):
        if not places or value - places[-1] > _NEAR:
            places.append(value)
    return places


def _nearest(places: Sequence[float], value: float) -> int:
    return min(range(len(places)), key=lambda index: abs(places[index] - value))


def _parted(rows: Rows, lattice: _Lattice) -> tuple[list[Segment], Rows]:
    inside: list[Segment] = []
    outside: Rows = []
    xs, ys = lattice.xs, lattice.ys
    for row in rows:
        within = ys[0] - 1 <= row[0].y - 0.3 * row[0].size <= ys[-1] + 1
        here = [
            one
            for one in row
            if within and xs[0] - _NEAR <= (one.x0 + one.x1) / 2 <= xs[-1] + _NEAR
        ]
        inside += here
        rest = [one for one in row if one not in here]
        if rest:
            outside.append(rest)
    return inside, outside


def _grid(inside: Sequence[Segment], lattice: _Lattice, page: int) -> Grid | None:
    cells = _cells(inside, lattice)
    filled = [[bool(cell) for cell in row] for row in cells]
    rows = [index for index, row in enumerate(filled) if any(row)]
    columns = [index for index in range(len(lattice.xs) - 1) if any(row[index] for row in filled)]
    if len(rows) < 2 or len(columns) < 2:
        return None
    if sum(map(sum, filled)) < _MIN_FILLED * len(rows) * len(columns):
        return None
    spans = [_spans(lattice, cells, row, columns) for row in rows]
    count = _head_count(spans, len(columns))
    grid = Grid(
        [(lattice.xs[index], lattice.xs[index + 1]) for index in columns],
        top=lattice.ys[0], bottom=lattice.ys[-1],
    )  # fmt: skip
    grid.head = [[HeadCell(a, b, _shown(lines)) for a, b, lines in row] for row in spans[:count]]
    lines = [line for row in spans[:count] for _, _, cell in row for line in cell]
    grid.bold = bool(lines) and all(line.bold for line in lines)
    for index, row in enumerate(spans):
        body: list[list[Segment]] = [[] for _ in columns]
        for first, _, cell in row:
            body[first] = cell
        (grid.first if index < count else grid.body).extend(
            BodyRow(cells, cells[0][0].x0 if cells[0] else lattice.xs[0], page)
            for cells in _unmerged(body)
        )
    return grid


def _unmerged(cells: list[list[Segment]]) -> list[list[list[Segment]]]:
    """Parts a row of cells that hold several rows, where only the columns are ruled."""
    figures = [line for cell in cells[1:] for line in cell if is_value(line.text)]
    lines = sum(map(len, cells[1:]))
    baselines = sorted({round(line.y) for line in figures})
    if len(baselines) < 2 or 2 * len(figures) <= lines or len(figures) < len(baselines):
        return [cells]
    rows: dict[int, list[list[Segment]]] = {}
    for column, cell in enumerate(cells):
        for line in cell:
            rows.setdefault(round(line.y), [[] for _ in cells])[column].append(line)
    return [rows[y] for y in sorted(rows)]


def _shown(lines: Sequence[Segment]) -> str:
    return joined([line.text for line in lines])


def _cells(inside: Sequence[Segment], lattice: _Lattice) -> list[list[list[Segment]]]:
    """Returns the lines in each cell; a line that runs over a rule is cut there."""
    height, width = len(lattice.ys) - 1, len(lattice.xs) - 1
    found: list[list[list[Segment]]] = [[[] for _ in range(width)] for _ in range(height)]
    for segment in sorted(inside, key=lambda one: (one.y, one.x0)):
        row = _between(lattice.ys, segment.y - 0.3 * segment.size)
        parts: dict[int, list[Word]] = defaultdict(list)
        for word in segment.words:
            column = _between(lattice.xs, (word.x0 + word.x1) / 2)
            if parts and not _drawn(lattice.upright, column, segment.y - 0.3 * segment.size):
                column = next(reversed(parts))
            parts[column].append(word)
        for column, words in parts.items():
            found[row][column].append(Segment(words, segment.y))
    return found


def _between(places: Sequence[float], value: float) -> int:
    return next(
        (index for index in range(len(places) - 1) if value < places[index + 1]), len(places) - 2
    )


def _drawn(rules: dict[int, list[tuple[float, float]]], index: int, at: float) -> bool:
    return any(low - _NEAR <= at <= high + _NEAR for low, high in rules.get(index, ()))


def _spans(
    lattice: _Lattice, cells: list[list[list[Segment]]], row: int, columns: Sequence[int]
) -> list[tuple[int, int, list[Segment]]]:
    """Returns the cells of a row, merged where no rule parts them: from, to, and their lines."""
    middle = (lattice.ys[row] + lattice.ys[row + 1]) / 2
    spans: list[tuple[int, int, list[Segment]]] = []
    for position, column in enumerate(columns):
        lines = cells[row][column] or _from_above(lattice, cells, row, column)
        if spans and not _drawn(lattice.upright, column, middle):
            first, _, before = spans[-1]
            spans[-1] = (
                first,
                position,
                sorted([*before, *lines], key=lambda one: (one.y, one.x0)),
            )
        else:
            spans.append((position, position, lines))
    return spans


def _from_above(
    lattice: _Lattice, cells: list[list[list[Segment]]], row: int, column: int
) -> list[Segment]:
    """Returns what a cell that reaches over several rows holds further up or down."""
    middle = (lattice.xs[column] + lattice.xs[column + 1]) / 2
    for step in (-1, 1):
        at = row
        while 0 <= at + step < len(cells):
            if _drawn(lattice.level, at + (step > 0), middle):
                break
            at += step
            if cells[at][column]:
                return cells[at][column]
    return []


def _head_count(spans: Sequence[Sequence[tuple[int, int, list[Segment]]]], columns: int) -> int:
    """Returns how many rows head the columns: rows with merged cells and the one below them."""
    texts = [[_shown(lines) for _, _, lines in row] for row in spans]
    if any(is_value(text) and not is_year(text) for text in texts[0]):
        return 0
    pair = columns == 2 and len(texts[0]) == 2
    if pair and (texts[0][0].endswith(":") or any(c.isdigit() for c in texts[0][1])):
        return 0
    count = 1
    while count < len(spans) - 1 and any(a < b for a, b, _ in spans[count - 1]):
        figures = [is_value(text) and not is_year(text) for text in texts[count]]
        if any(figures) or (len(spans[count - 1]) == 1 and count > 1):
            break
        count += 1
    above = spans[0]
    if len(above) == 1 and columns > 1 and count == 1:
        return min(2, len(spans) - 1)
    return count
