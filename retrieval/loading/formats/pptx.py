"""Slides, read with python-pptx from top to bottom; a citation names the slide."""

import io
from collections.abc import Iterator
from typing import Any

from retrieval.domain.documents import BlockKind, Document
from retrieval.domain.losses import Loss
from retrieval.domain.places import Place
from retrieval.loading.archives import check_archive
from retrieval.loading.office.charts import chart_table
from retrieval.loading.office.drawing_text import A, ShapeLine, paragraphs_of
from retrieval.loading.office.ooxml import local
from retrieval.loading.tables.grid_blocks import add_grid
from retrieval.loading.tables.grid_cells import GridCell, GridRow, is_number
from retrieval.loading.text_builder import TextBuilder
from retrieval.loading.titles import prose_lines, title_from_name
from retrieval.text.dates import date_in_name, stated_date

_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_FURNITURE = ("dt", "ftr", "sldNum", "hdr")
# What PowerPoint itself writes where nobody gave a title.
_NO_TITLE = ("", "PowerPoint Presentation")


def load(data: bytes, name: str) -> Document:
    """Loads a `.pptx` file: titles, text, tables, charts and notes; `page` is the slide's number."""
    check_archive(data, ".pptx", "PowerPoint")
    from pptx import Presentation

    source = Presentation(io.BytesIO(data))
    reader = _DeckReader()
    for number, slide in enumerate(source.slides, start=1):
        reader.read(slide, number)
    builder = reader.finished()
    text = builder.text()
    title = (source.core_properties.title or "").strip()
    title = reader.title if title in _NO_TITLE else title
    date = stated_date(prose_lines(text, builder.blocks())) or date_in_name(name)
    return Document(
        name, "pptx", text, title or title_from_name(name), date, builder.blocks(),
        losses=builder.losses(),
    )  # fmt: skip


class _DeckReader:
    def __init__(self) -> None:
        self.title = ""
        self._builder = TextBuilder()
        self._images = 0
        self._furniture: dict[str, int] = {}
        self._comments = 0

    def read(self, slide: Any, number: int) -> None:
        """Reads a slide; what nobody sees in the show is read too, and told."""
        title = _title_shape(slide)
        heading = _heading(title) or _biggest_line(slide)
        self.title = self.title or (_heading(title))
        place = Place(slide=number)
        if heading:
            self._builder.add(BlockKind.HEADING, heading, level=1, page=number, place=place)
        else:
            self._builder.end_section(page=number, place=place)
        if slide._element.get("show") in ("0", "false"):
            self._builder.leave_out(
                Loss(
                    "hidden slide", "read, though it is hidden in the show", 1, 0, f"slide {number}"
                )
            )
        taken = title._element if _heading(title) else None
        for shape in _shapes(slide.shapes):
            if shape._element is not taken:
                self._shape(shape, number, place, heading if taken is None else "")
        self._notes(slide, number)

    def finished(self) -> TextBuilder:
        """Tells what was left out, and returns what was built."""
        if self._images:
            self._builder.leave_out(Loss("image", "pictures are not read", self._images))
        for words, count in self._furniture.items():
            why = "date, footer or number of the slide"
            self._builder.leave_out(Loss("footer", why, count, len(words.split()), words[:200]))
        return self._builder

    def _shape(self, shape: Any, number: int, place: Place, heading: str) -> None:
        element = shape._element
        if getattr(shape, "has_table", False) and shape.has_table:
            add_grid(self._builder, _grid(shape.table), place, number)
        elif getattr(shape, "has_chart", False) and shape.has_chart:
            self._chart(shape, number, place)
        elif local(element) == "graphicFrame":
            self._diagram(shape, number, place)
        elif _placeholder(shape) in _FURNITURE:
            words = " ".join(line.text for line in paragraphs_of(element))
            if words and not words.isdecimal():
                self._furniture[words] = self._furniture.get(words, 0) + 1
        elif local(element) == "pic":
            self._images += 1
        else:
            lines = [line for line in paragraphs_of(element) if line.text != heading]
            self._lines(lines, number, place)

    def _lines(self, lines: list[ShapeLine], number: int, place: Place) -> None:
        """The paragraphs of a shape; several short ones are a list, as on slides they are."""
        kind = BlockKind.LIST_ITEM if len(lines) > 1 else BlockKind.PARAGRAPH
        for line in lines:
            if line.number.endswith("."):
                self._builder.lead_in(line.number)
            text = line.text if line.number.endswith(".") else f"{line.number} {line.text}".strip()
            self._builder.add(kind, text, page=number, place=place)

    def _chart(self, shape: Any, number: int, place: Place) -> None:
        table = chart_table(shape.chart._chartSpace)
        if table is None:
            self._builder.leave_out(Loss("chart", "keeps no values", 1, 0, f"slide {number}"))
            return
        self._builder.add(BlockKind.PARAGRAPH, table.caption, page=number, place=place)
        self._builder.add_data(table, place, number)

    def _diagram(self, shape: Any, number: int, place: Place) -> None:
        """SmartArt keeps its words in a part of its own; other embedded things are told of."""
        relation = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}dm"
        names = [one.get(relation) for one in shape._element.iter() if one.get(relation)]
        lines: list[ShapeLine] = []
        for name in names:
            root = _part_root(shape.part, name)
            lines += paragraphs_of(root) if root is not None else []
        if not lines:
            why = "what other programs embed is not read"
            self._builder.leave_out(Loss("embedded object", why, 1, 0, f"slide {number}"))
        for line in lines:
            self._builder.add(BlockKind.LIST_ITEM, line.text, page=number, place=place)

    def _notes(self, slide: Any, number: int) -> None:
        if not slide.has_notes_slide:
            return
        place = Place(slide=number, part="notes")
        for shape in slide.notes_slide.shapes:
            if shape.has_text_frame and _placeholder(shape) not in (*_FURNITURE, "sldImg"):
                self._lines(list(paragraphs_of(shape._element)), number, place)


def _title_shape(slide: Any) -> Any:
    return next((one for one in slide.shapes if _placeholder(one) in ("title", "ctrTitle")), None)


def _placeholder(shape: Any) -> str:
    found = next(shape._element.iter(f"{_P}ph"), None)
    return found.get("type", "obj") if found is not None else ""


def _heading(shape: Any) -> str:
    return (
        " ".join(line.text for line in paragraphs_of(shape._element)) if shape is not None else ""
    )


def _biggest_line(slide: Any) -> str:
    """What stands for a title on a slide without one: a short line at its top in larger letters."""
    shapes = [one for one in _shapes(slide.shapes) if one.has_text_frame]
    sizes = {id(one): _size(one) for one in shapes if one.text_frame.text.strip()}
    first = next((one for one in shapes if id(one) in sizes), None)
    if first is None or len(sizes) < 2 or not sizes[id(first)]:
        return ""
    others = [size for key, size in sizes.items() if key != id(first)]
    words = _heading(first)
    lines = len(list(paragraphs_of(first._element)))
    is_title = lines == 1 and len(words.split()) <= 14 and sizes[id(first)] > max(others)
    return words if is_title else ""


def _size(shape: Any) -> int:
    sizes = [one.get("sz", "0") for one in shape._element.iter(f"{A}rPr", f"{A}defRPr")]
    return max((int(size) for size in sizes if size.isdecimal()), default=0)


def _shapes(shapes: Any) -> Iterator[Any]:
    """Shapes and the members of groups, from top to bottom and left to right."""
    for shape in sorted(shapes, key=lambda one: (one.top or 0, one.left or 0)):
        if hasattr(shape, "shapes"):
            yield from _shapes(shape.shapes)
        else:
            yield shape


def _grid(table: Any) -> list[GridRow]:
    """A slide's table as a grid; cells that another one covers show what that one shows."""
    rows: list[GridRow] = []
    heads = table.first_row
    spans: dict[int, tuple[int, GridCell]] = {}
    for number, row in enumerate(table._tbl.tr_lst):
        cells: dict[int, GridCell] = {}
        across: tuple[int, GridCell] | None = None
        for column, element in enumerate(row.tc_lst):
            if (
                element.get("vMerge") in ("1", "true")
                and column in spans
                and spans[column][0] >= number
            ):
                cells[column] = spans[column][1]._replace(copied="down")
                continue
            if element.get("hMerge") in ("1", "true") and across and across[0] >= column:
                cells[column] = across[1]._replace(copied="across")
                continue
            cell = _grid_cell(element, heads=bool(heads) and number == 0)
            wide, high = int(element.get("gridSpan") or 1), int(element.get("rowSpan") or 1)
            across = (column + wide - 1, cell) if wide > 1 and cell.text else None
            if high > 1 and cell.text:
                spans |= dict.fromkeys(
                    range(column, column + min(wide, 100)), (number + high - 1, cell)
                )
            if cell.text:
                cells[column] = cell
        if cells:
            rows.append(GridRow(len(rows), cells))
    return rows


def _grid_cell(element: Any, *, heads: bool) -> GridCell:
    lines = list(paragraphs_of(element, marks_apart=True))
    text = " ".join(line.text for line in lines)
    marks = tuple(mark for line in lines for mark in line.marks)
    bold = bool(lines) and all(line.bold for line in lines)
    indent = lines[0].level if lines else 0
    return GridCell(text, marks, is_number(text), bold, "", "", heads, indent)


def _part_root(part: Any, name: str) -> Any:
    from lxml import etree

    from retrieval.loading.office.ooxml import safe_parser

    try:
        return etree.fromstring(part.related_part(name).blob, safe_parser())
    except (KeyError, etree.XMLSyntaxError):
        return None
