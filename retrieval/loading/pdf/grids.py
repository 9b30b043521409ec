"""A table as it was found on a page, before its headings, groups and pages are put together."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from retrieval.domain.table_data import Cell, Column, Row, Table
from retrieval.loading.pdf.words import Segment, Word

_VALUE = re.compile(
    r"[<>≤≥~≈±+−–—-]?\s?(?:US|C|A)?[$€£¥]?\s?\(?[<>~≈+−–—-]?\d[\d.,’' /:–-]*\)?\s?(?:%|[a-zA-Z]{1,2}\b)?"
    r"|[–—−-]{1,3}|\.{2,3}|…|NA|N/A|n\.?[adq]\.?|n/a|W|E|XX|NM|nil"
)
_YEAR = re.compile(r"(?:FY\s?)?(?:19|20)\d\d(?:[–/-]\d{2,4})?[a-z*]?")
_CONNECTORS = re.compile(r"(?:,|-|\b(?:and|or|of|for|the|in|to|with|per|by|from))\Z")
_LEADERS = " .·…_"
_UNIT = re.compile(
    r"(?:\((?:in\s+)?|\bin\s+|,\s*)((?:(?:thousands?|millions?|billions?)\s+(?:of\s+)?)?(?:metric\s+)?"
    r"(?:tonnes|tons|t|kt|kg|kilograms|percent|per cent|%|wt\.?\s?%|ppm|g/t|mg/l|US\$|USD|EUR|"
    r"(?:US\s+)?dollars|euros?)(?:\s*(?:/|per)\s*\w+)?(?:\s+REO)?)\)?\s*\Z",
    re.IGNORECASE,
)
_INDENT = 2.5
_MIN_LEADERS = 4


@dataclass(frozen=True, slots=True)
class HeadCell:
    """A heading over the columns `first` to `last`."""

    first: int
    last: int
    text: str


@dataclass(slots=True)
class BodyRow:
    """A row: the lines of each of its cells; the first is its label. `x0` is the label's indent."""

    cells: list[list[Segment]]
    x0: float
    page: int

    @property
    def label(self) -> list[Segment]:
        """Returns the lines of the label."""
        return self.cells[0]

    @property
    def bare(self) -> bool:
        """Says whether the row is nothing but a label."""
        return bool(self.label) and not any(self.cells[1:])


@dataclass(slots=True)
class Grid:
    """A table on a page, or on several. `edges` are where its columns begin and end."""

    edges: list[tuple[float, float]]
    head: list[list[HeadCell]] = field(default_factory=list)
    body: list[BodyRow] = field(default_factory=list)
    top: float = 0.0
    bottom: float = 0.0
    # The lines of `head` as rows, should they turn out to be no headings.
    first: list[BodyRow] = field(default_factory=list)
    bold: bool = False


def is_value(text: str) -> bool:
    """Says whether a cell holds a figure, or what stands for one."""
    return bool(_VALUE.fullmatch(text.strip()))


def is_year(text: str) -> bool:
    """Says whether a cell holds a year, which may head a column."""
    return bool(_YEAR.fullmatch(text.strip()))


def bare_text(lines: Sequence[Segment]) -> str:
    """Returns the words of a cell without their note marks."""
    return joined([" ".join(word.text for word in line.words if word.text) for line in lines])


def joined(lines: Sequence[str]) -> str:
    """Returns the lines of a cell as one; hyphens at their ends stay, because they may be meant."""
    text = ""
    for line in lines:
        glue = "" if text.endswith("-") and line[:1].islower() else " "
        text = f"{text}{glue}{line}" if text else line
    return text


def marks_of(lines: Sequence[Segment]) -> tuple[str, ...]:
    """Returns the note marks in a cell."""
    return tuple(mark for word in _words(lines) for mark in (*word.lead, *word.marks))


def goes_on(above: Grid, below: Grid) -> bool:
    """Says whether a table at the top of a page continues the one at the end of the page before."""
    if len(above.edges) != len(below.edges):
        return False
    same = sum(
        min(one[1], other[1]) - max(one[0], other[0]) > -3
        for one, other in zip(above.edges, below.edges, strict=True)
    )
    unset = above.bold and not below.bold
    return same == len(above.edges) and (_repeats(above, below) or unset or not below.head)


def add_below(above: Grid, below: Grid) -> None:
    """Appends the rows of a table's next page to it; headings that are said again are left out."""
    rows = [] if _repeats(above, below) else below.first
    above.body += [*rows, *below.body]
    above.bottom = below.bottom


def _repeats(above: Grid, below: Grid) -> bool:
    return _head_text(above) == _head_text(below)


def table_of(grid: Grid, caption: str, legend: dict[str, str]) -> Table:
    """Returns a grid as a table: the paths of its headings, the groups of its rows."""
    count = len(grid.edges)
    paths = [_path(grid.head, column) for column in range(count)]
    rows = tuple(_rows(grid))
    shown = {cell.text for row in rows for cell in row.cells}
    marks = {mark for row in rows for cell in row.cells for mark in cell.marks}
    heads = " ".join(cell.text for row in grid.head for cell in row)
    used = {
        sign: meaning
        for sign, meaning in legend.items()
        if sign in shown or sign in marks or f"note {sign}" in heads
    }
    # Where cells have units of their own, what the caption says holds for the others only.
    own = any(sign in text for text in shown for sign in "%$€£")
    unit = None if own else _UNIT.search(caption)
    return Table(
        tuple(Column(path) for path in paths[1:]),
        rows,
        caption=caption,
        label_name=" ".join(paths[0]),
        unit=unit.group(1).strip() if unit else "",
        legend=used,
    )


def _words(lines: Sequence[Segment]) -> list[Word]:
    return [word for line in lines for word in line.words]


def _head_text(grid: Grid) -> list[str]:
    return [cell.text for row in grid.head for cell in row]


def _path(head: Sequence[Sequence[HeadCell]], column: int) -> tuple[str, ...]:
    path: list[str] = []
    single = False
    for row in head:
        for cell in row:
            if not cell.first <= column <= cell.last or cell.text in ("", *path[-1:]):
                continue
            alone = cell.first == cell.last
            if alone and single:
                path[-1] = joined([path[-1], cell.text])
            else:
                path.append(cell.text)
            single = alone
    return tuple(path)


@dataclass(frozen=True, slots=True)
class _Group:
    text: str
    indent: float
    within: bool


def _rows(grid: Grid) -> list[Row]:
    rows: list[Row] = []
    groups: list[_Group] = []
    wrapped: list[Segment] = []
    for index, found in enumerate(grid.body):
        row = found
        following = grid.body[index + 1] if index + 1 < len(grid.body) else None
        if row.bare and following and _is_wrapped(row, following, grid.edges[0]):
            wrapped += row.label
            continue
        if wrapped:
            row = replace(row, cells=[wrapped + row.label, *row.cells[1:]], x0=wrapped[0].x0)
            wrapped = []
        groups = _still_open(groups, row)
        text = _without_leaders(bare_text(row.label))
        if row.bare and following:
            deeper = following.x0 > row.x0 + _INDENT
            groups.append(_Group(_group_text(row.label), row.x0, deeper))
            continue
        cells = tuple(Cell(bare_text(cell), marks_of(cell)) for cell in row.cells[1:])
        labels = (*(group.text for group in groups), *([text] if text else ()))
        rows.append(Row(labels, cells, row.page, marks_of(row.label)))
    return rows


def _without_leaders(text: str) -> str:
    """Returns a label without the dots that lead the eye to its cell."""
    bare = text.rstrip(_LEADERS)
    return bare if len(text) - len(bare) >= _MIN_LEADERS else text


def _group_text(lines: Sequence[Segment]) -> str:
    text = joined([line.text for line in lines])
    return text[:-1].rstrip() if text.endswith(":") else text


def _still_open(groups: list[_Group], row: BodyRow) -> list[_Group]:
    """Ends the groups that a row is not set under: by its indent, or by a label of their own rank."""
    kept = list(groups)
    while kept:
        last = kept[-1]
        beside = row.x0 <= last.indent + _INDENT
        if (beside and (last.within or row.bare)) or row.x0 < last.indent - _INDENT:
            kept.pop()
        else:
            break
    return kept


def _is_wrapped(row: BodyRow, following: BodyRow, label: tuple[float, float]) -> bool:
    """Says whether a label without cells goes on in the next line instead of heading a group."""
    text = bare_text(row.label)
    if text.endswith(":") or not following.label:
        return False
    below = bare_text(following.label)
    if below[:1].islower() or _CONNECTORS.search(text):
        return True
    wide = row.label[-1].x1 >= label[0] + 0.9 * (label[1] - label[0])
    return (
        wide and following.x0 > row.x0 + _INDENT and len(row.label) == 1 and not row.label[0].bold
    )
