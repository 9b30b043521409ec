"""Workbooks of other kinds (.xls, .xlsb, .ods), read with python-calamine: values without formats."""

import datetime as dt
import io
from typing import Any

from retrieval.domain.documents import BlockKind, Document
from retrieval.domain.errors import LoadError
from retrieval.domain.losses import Loss
from retrieval.domain.places import Place
from retrieval.loading.archives import check_archive
from retrieval.loading.office.number_formats import general
from retrieval.loading.office.worksheets import letters
from retrieval.loading.tables.cells import check_cells, check_rows
from retrieval.loading.tables.grid_blocks import add_grid
from retrieval.loading.tables.grid_cells import GridCell, GridRow, is_number, is_year
from retrieval.loading.text_builder import TextBuilder
from retrieval.loading.titles import title_from_name
from retrieval.text.dates import date_in_name

_COMPOUND = b"\xd0\xcf\x11\xe0"


def load(data: bytes, name: str) -> Document:
    """Loads an `.xls`, `.xlsb` or `.ods` file: the values of its visible sheets.

    How numbers are shown is not told by its reader, and so said to be missing.
    """
    ending = name[name.rfind(".") :].lower()
    if not (ending == ".xls" and data.startswith(_COMPOUND)):
        check_archive(data, ending, "Excel or LibreOffice")
    book = _opened(data, ending)
    builder = TextBuilder()
    rows = cells = 0
    for number, described in enumerate(book.sheets_metadata, start=1):
        sheet = book.get_sheet_by_index(number - 1)
        if "Visible" not in str(described.visible):
            why = "hidden in the workbook; show it there if it is to be read"
            builder.leave_out(Loss("hidden sheet", why, 1, 0, described.name))
            continue
        if sheet.total_height * sheet.total_width:
            check_cells(sheet.height * sheet.width)
        grid = _grid(sheet)
        rows += len(grid)
        cells += sum(len(row.cells) for row in grid)
        check_rows(rows)
        check_cells(cells)
        place = Place(sheet=described.name)
        builder.add(BlockKind.HEADING, described.name, level=1, page=number, place=place)
        add_grid(builder, grid, place, number)
    why = f"a {ending} file is read without them (0.735 for 73.5%); save it as .xlsx to have them"
    builder.leave_out(Loss("number formats and hidden rows", why))
    return Document(
        name, ending[1:], builder.text(), title_from_name(name), date_in_name(name),
        builder.blocks(), losses=builder.losses(),
    )  # fmt: skip


def _opened(data: bytes, ending: str) -> Any:
    from python_calamine import CalamineError, PasswordError, load_workbook

    try:
        return load_workbook(io.BytesIO(data))
    except PasswordError:
        raise LoadError("is protected by a password; save it without one") from None
    except CalamineError as error:
        raise LoadError(f"cannot be read as {ending}: {error}; save it as .xlsx") from error


def _grid(sheet: Any) -> list[GridRow]:
    top, left = sheet.start or (0, 0)
    rows: list[GridRow] = []
    for at, values in enumerate(sheet.to_python(skip_empty_area=True), start=top + 1):
        cells = {}
        for column, value in enumerate(values, start=left + 1):
            text = _shown(value)
            if text:
                number = is_number(text) and not is_year(text)
                cells[column] = GridCell(text, (), number, False, f"{letters(column)}{at}")
        if cells:
            rows.append(GridRow(at, cells))
    by_number = {row.number: row for row in rows}
    for (first, begin), (last, end) in sheet.merged_cell_ranges or ():
        _spread(by_number, (first + 1, begin + 1), (last + 1, end + 1))
    return [GridRow(row.number, dict(sorted(row.cells.items()))) for row in rows]


def _spread(rows: dict[int, GridRow], first: tuple[int, int], last: tuple[int, int]) -> None:
    upper = rows.get(first[0])
    cell = upper.cells.get(first[1]) if upper else None
    if cell is None:
        return
    for number in range(first[0], min(last[0], max(rows)) + 1):
        target: Any = rows[number].cells if number in rows else {}
        for column in range(first[1], min(last[1], first[1] + 500) + 1):
            copied = "down" if number > first[0] else "across"
            target.setdefault(column, cell._replace(copied=copied, address=""))


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float | int):
        return general(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    return " ".join(str(value).split())
