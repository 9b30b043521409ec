"""Word tables as grids: spans, merged cells, header rows, tables inside of cells."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from retrieval.loading.office.docx_parts import VAL, W, is_on
from retrieval.loading.office.docx_runs import Left, Runs
from retrieval.loading.office.ooxml import local
from retrieval.loading.tables.cells import check_cells
from retrieval.loading.tables.grid_cells import GridCell, GridRow, is_number

# Word's own limit: https://support.microsoft.com/office (63 columns).
_MAX_COLUMNS = 63
_LONG_PARAGRAPHS = 3
_WRAPPERS = ("sdt", "sdtContent", "customXml", "ins", "smartTag")


@dataclass
class CellContent:
    """A cell of a table as it was read: its paragraphs, and what inside of it is read apart."""

    element: Any
    paragraphs: list[Runs] = field(default_factory=list)
    nested: list[Any] = field(default_factory=list)
    is_list: bool = False


@dataclass
class DocxTable:
    """A table as a grid, and its cells in order."""

    rows: list[GridRow]
    cells: list[CellContent]

    def is_layout(self) -> bool:
        """Says whether the table only arranges text on a page: one cell, or cells of several long parts."""
        filled = [cell for cell in self.cells if cell.paragraphs or cell.nested]
        columns = {column for row in self.rows for column in row.cells}
        if len(columns) <= 1:
            return True
        long = sum(len(cell.paragraphs) > _LONG_PARAGRAPHS or cell.is_list for cell in filled)
        return long * 2 >= len(filled) or (len(self.rows) == 1 and any(c.nested for c in filled))


def read_table(
    table: Any, read: Callable[[Any, bool], Runs], is_list: Callable[[Any], bool], left: Left
) -> DocxTable:
    """Reads a table; `read` turns a paragraph into text, its note marks apart from it if so asked."""
    rows: list[GridRow] = []
    contents: list[CellContent] = []
    above: dict[int, tuple[GridCell, int]] = {}
    count = 0
    for number, row in enumerate(_inside(table, "tr")):
        properties = row.find(f"{W}trPr")
        if properties is not None and properties.find(f"{W}del") is not None:
            left.deletions += 1
            left.deleted_words += len(" ".join(t.text or "" for t in row.iter(f"{W}t")).split())
            continue
        heads = is_on(properties, "tblHeader")
        column = _said(properties, "gridBefore", 0)
        cells: dict[int, GridCell] = {}
        for element in _inside(row, "tc"):
            content = _content(element, read, is_list)
            contents.append(content)
            said = element.find(f"{W}tcPr")
            span = min(max(1, _said(said, "gridSpan", 1)), max(1, _MAX_COLUMNS - column))
            cell = _grid_cell(content, heads=heads)
            merge = said.find(f"{W}vMerge") if said is not None else None
            if merge is not None and merge.get(VAL, "continue") == "continue" and not cell.text:
                # A file may go on with a merged cell that nothing above it begins.
                upper, _ = above.get(column, (cell, span))
                cell = upper._replace(copied="down") if upper.text else cell
            above[column] = (cell._replace(copied=""), span)
            for place in range(column, column + span):
                if cell.text:
                    copied = cell.copied or ("across" if place > column else "")
                    cells[place] = cell._replace(copied=copied)
            column += span
            count += span
            check_cells(count)
        if cells:
            rows.append(GridRow(number, cells))
    return DocxTable([GridRow(at, row.cells) for at, row in enumerate(rows)], contents)


def _inside(element: Any, name: str) -> Iterator[Any]:
    """The rows of a table or cells of a row, those in content controls with them."""
    for child in element:
        kind = local(child)
        if kind == name:
            yield child
        elif kind in _WRAPPERS:
            yield from _inside(child, name)


def _content(
    element: Any, read: Callable[[Any, bool], Runs], is_list: Callable[[Any], bool]
) -> CellContent:
    content = CellContent(element)
    for child in _blocks(element):
        if local(child) == "tbl":
            content.nested.append(child)
            continue
        runs = read(child, True)
        content.is_list = content.is_list or is_list(child)
        if (
            runs.text.strip()
            or runs.boxes
            or runs.charts
            or runs.comments
            or runs.footnotes
            or runs.endnotes
        ):
            content.paragraphs.append(runs)
    return content


def _blocks(element: Any) -> Iterator[Any]:
    for child in element:
        kind = local(child)
        if kind in ("p", "tbl"):
            yield child
        elif kind in _WRAPPERS:
            yield from _blocks(child)


def _grid_cell(content: CellContent, *, heads: bool) -> GridCell:
    text = " ".join(" ".join(runs.text.split()) for runs in content.paragraphs).strip()
    marks = tuple(mark for runs in content.paragraphs for mark in runs.marks)
    bold = bool(text) and all(runs.bold for runs in content.paragraphs if runs.text.strip())
    return GridCell(text, marks, is_number(text), bold, "", "", heads)


def _said(properties: Any, name: str, otherwise: int) -> int:
    found = properties.find(f"{W}{name}") if properties is not None else None
    value = found.get(VAL, "") if found is not None else ""
    return min(int(value), _MAX_COLUMNS) if value.isdecimal() and len(value) < 10 else otherwise
