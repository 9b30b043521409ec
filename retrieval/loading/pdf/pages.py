"""Puts the pages of a PDF together: what stands on them in reading order, and what goes on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from retrieval.domain.documents import BlockKind
from retrieval.loading.pdf.columns import Rows, regions
from retrieval.loading.pdf.glyphs import PageContent
from retrieval.loading.pdf.grids import Grid, add_below, goes_on, is_value
from retrieval.loading.pdf.hyphens import LineJoiner
from retrieval.loading.pdf.margins import page_bodies
from retrieval.loading.pdf.paragraphs import (
    Line,
    Paragraph,
    Setting,
    heading_levels,
    lines_of,
    paragraphs_of,
)
from retrieval.loading.pdf.ruled import ruled_tables
from retrieval.loading.pdf.tables import unruled_tables
from retrieval.loading.pdf.words import Segment, Word, rows_of
from retrieval.text.sentences import sentence_spans

_TERMINAL = (".", "!", "?", "…", ":", "。", "！", "？", ".”", '."', ".)")
_KEY_FIGURE = 1.2
_LOOK_BACK = 6


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """A figure in large type with the words that stand by it."""

    label: Paragraph
    figure: Paragraph

    @property
    def page(self) -> int:
        """Returns the page that the words stand on."""
        return self.label.page


Item = Paragraph | Grid | KeyFigure


@dataclass(slots=True)
class PageLines:
    """The lines of a page, ruled tables apart; `others` are those read in another direction."""

    rows: Rows
    others: list[Rows]
    grids: list[Grid]
    edges: tuple[float, float] = (0.0, 0.0)


@dataclass(slots=True)
class Pages:
    """What a document holds in reading order, the numbers printed on its pages, what ran along them."""

    items: list[Item] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    running: list[str] = field(default_factory=list)


def lines_of_page(content: PageContent, page: int) -> PageLines:
    """Returns the lines of a page and its ruled tables."""
    directions = [rows_of(glyphs) for glyphs in content.directions]
    first = directions[0] if directions else []
    grids, rows = ruled_tables(first, content.rules, page) if content.rules else ([], first)
    return PageLines(rows, directions[1:], grids, (content.top, content.bottom))


def put_together(pages: Sequence[PageLines]) -> Pages:
    """Returns the paragraphs and tables of all pages."""
    result = Pages()
    setting = Setting()
    parts: list[list[Line] | Grid] = []
    for number, body in enumerate(
        page_bodies([(page.rows, page.edges) for page in pages]), start=1
    ):
        result.labels.append(body.label)
        result.running += body.running
        page = pages[number - 1]
        for rows in (_with_grids(body.rows, page.grids), *page.others):
            for region in regions(rows):
                parts += _parts(region, number)
    for part in parts:
        if not isinstance(part, Grid):
            setting.learn(part)
    setting.settle()
    result.items = _items(parts, setting)
    return result


def _with_grids(rows: Rows, grids: Sequence[Grid]) -> Rows:
    """Returns the lines of a page with each ruled table as a line of its own, at its place."""
    placed = list(rows)
    for grid in grids:
        word = Word("", grid.edges[0][0], grid.edges[-1][1], 10.0, bold=False)
        placed.append([Segment([word], grid.top, grid=grid)])
    return sorted(placed, key=lambda row: row[0].y) if grids else placed


def _parts(region: Rows, page: int) -> Iterator[list[Line] | Grid]:
    """Yields the tables of a region and the lines between them."""
    run: Rows = []
    for row in [*region, None]:
        grid = row[0].grid if row else None
        if row is not None and grid is None:
            run.append(row)
            continue
        yield from _unruled_parts(run, page)
        run = []
        if isinstance(grid, Grid):
            yield grid
            rest = [one for one in row or [] if one.grid is None]
            run = [rest] if rest else []


def _unruled_parts(rows: Rows, page: int) -> Iterator[list[Line] | Grid]:
    done = 0
    for found in unruled_tables(rows, page):
        if found.first > done:
            yield lines_of(rows[done : found.first], page)
        yield found.grid
        done = found.last
    if done < len(rows):
        yield lines_of(rows[done:], page)


def _items(parts: Sequence[list[Line] | Grid], setting: Setting) -> list[Item]:
    items: list[Item] = []
    for part in parts:
        if isinstance(part, Grid):
            _add_grid(items, part)
        else:
            items += _with_key_figures(paragraphs_of(part, setting))
    paragraphs = [item for item in items if isinstance(item, Paragraph)]
    heading_levels(paragraphs)
    joiner = LineJoiner(line.text for one in paragraphs for line in one.lines)
    for item in items:
        for one in (item.label, item.figure) if isinstance(item, KeyFigure) else (item,):
            if isinstance(one, Paragraph):
                one.text = joiner.join([line.text for line in one.lines])
    _join_over_breaks(items, joiner)
    last = items[-1] if items else None
    if isinstance(last, Paragraph) and last.kind is BlockKind.HEADING and len(items) > 1:
        # What nothing stands under heads nothing.
        last.kind, last.level = BlockKind.PARAGRAPH, 0
    return [item for item in items if not isinstance(item, Paragraph) or item.text]


def _add_grid(items: list[Item], grid: Grid) -> None:
    """Adds a table, or its rows to the one that it goes on with from the page before."""
    page = _page(grid)
    for back in range(1, min(len(items), 3) + 1):
        above = items[-back]
        if isinstance(above, Grid):
            if _page(above, -1) == page - 1 and goes_on(above, grid):
                between = items[len(items) - back + 1 :]
                del items[len(items) - back + 1 :]
                items += [one for one in between if not _says_continued(one)]
                add_below(above, grid)
                return
            break
        if above.page != page or not _says_continued(above):
            break
    items.append(grid)


def _page(grid: Grid, row: int = 0) -> int:
    rows = grid.body or grid.first
    return rows[row].page if rows else 0


def _says_continued(item: Item) -> bool:
    if not isinstance(item, Paragraph) or len(item.lines) > 2:
        return False
    text = " ".join(line.text for line in item.lines).casefold()
    return "continued" in text or "cont." in text or "fortsetzung" in text


def _with_key_figures(paragraphs: Sequence[Paragraph]) -> list[Item]:
    """Puts figures in large type to the words that stand by them."""
    taken: dict[int, int] = {}
    for index, one in enumerate(paragraphs):
        if len(one.lines) > 1 or not is_value(one.lines[0].text):
            continue
        near = [
            (_distance(paragraphs, index, other), other)
            for other in (index - 1, index + 1)
            if 0 <= other < len(paragraphs) and other not in taken.values()
            and _under(one.lines[0], paragraphs[other].lines[0])
            and one.size >= _KEY_FIGURE * paragraphs[other].size
            and not is_value(paragraphs[other].lines[0].text) and len(paragraphs[other].lines) <= 3
        ]  # fmt: skip
        if near and min(near)[0] < 4 * one.size:
            taken[index] = min(near)[1]
    labels = set(taken.values())
    return [
        KeyFigure(paragraphs[taken[index]], one) if index in taken else one
        for index, one in enumerate(paragraphs)
        if index not in labels
    ]


def _under(one: Line, other: Line) -> bool:
    return min(one.x1, other.x1) - max(one.x0, other.x0) > -one.size


def _distance(paragraphs: Sequence[Paragraph], index: int, other: int) -> float:
    return abs(paragraphs[index].lines[0].y - paragraphs[other].lines[-1 if other < index else 0].y)


def _join_over_breaks(items: Sequence[Item], joiner: LineJoiner) -> None:
    """Makes sentences whole that go on in the next column or on the next page."""
    for index, item in enumerate(items):
        if not isinstance(item, Paragraph) or item.kind is not BlockKind.PARAGRAPH:
            continue
        above = _unfinished(items, index)
        if above is None or not _is_break(above, item):
            continue
        whole = joiner.join([above.text, item.text])
        end = next(
            (end for _, end in sentence_spans(whole) if end > len(above.text) + 1), len(whole)
        )
        if above.page == item.page:
            end = len(whole)
        above.text, item.text = whole[:end].strip(), whole[end:].strip()
        if not item.text:
            above.lines += item.lines


def _unfinished(items: Sequence[Item], index: int) -> Paragraph | None:
    """Returns the paragraph before, of the same type, that ends within a sentence."""
    item = items[index]
    assert isinstance(item, Paragraph)  # noqa: S101 - for the type checker
    lower = item.text[:1].islower()
    for above in reversed(items[max(0, index - _LOOK_BACK) : index]):
        if isinstance(above, Paragraph) and above.text:
            alike = abs(above.size - item.size) <= 0.08 * item.size
            body = above.kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM)
            if alike and body:
                return None if above.text.endswith(_TERMINAL) else above
            if above.kind is BlockKind.HEADING or not lower:
                return None
        elif not lower:
            return None
    return None


def _is_break(above: Paragraph, item: Paragraph) -> bool:
    """Says whether a column or page ends between two paragraphs, and the sentence may go on."""
    last, first = above.lines[-1], item.lines[0]
    if (
        last.page == first.page
        and first.y > last.y
        and first.x0 < last.x1
        and not item.text[:1].islower()
    ):
        return False
    if item.text[:1].islower():
        return True
    full = last.x1 >= max(line.x1 for line in above.lines) - 2 * last.size and len(last.words) > 3
    return full and len(above.lines) > 1
