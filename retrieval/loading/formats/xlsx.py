"""Workbooks (.xlsx): what each sheet shows, table by table, with the addresses of its cells."""

from retrieval.domain.documents import BlockKind, Document
from retrieval.domain.losses import Loss
from retrieval.domain.places import Place
from retrieval.loading.archives import check_archive
from retrieval.loading.office.drawings import add_comments, add_drawn
from retrieval.loading.office.ooxml import OfficeFile, core_title
from retrieval.loading.office.workbook_parts import (
    SheetPart,
    counts_from_1904,
    shared_texts,
    sheets_of,
    styles_of,
)
from retrieval.loading.office.worksheets import (
    CellReader,
    Counted,
    LeftOut,
    Worksheet,
    read_worksheet,
)
from retrieval.loading.tables.grid_blocks import add_grid
from retrieval.loading.text_builder import TextBuilder
from retrieval.loading.titles import title_from_name
from retrieval.text.dates import date_in_name


def load(data: bytes, name: str) -> Document:
    """Loads an `.xlsx` file: what its visible sheets show; `page` is the sheet's number."""
    check_archive(data, ".xlsx", "Excel")
    file = OfficeFile(data)
    book = file.main_part()
    reader = CellReader(
        shared_texts(file, book), styles_of(file, book), counts_from_1904(file, book)
    )
    builder = TextBuilder()
    counted = Counted()
    for number, sheet in enumerate(sheets_of(file, book), start=1):
        if sheet.hidden:
            _leave_out_sheet(builder, file, sheet, reader)
            continue
        place = Place(sheet=sheet.name)
        builder.add(BlockKind.HEADING, sheet.name, level=1, page=number, place=place)
        data_of_sheet = file.part(sheet.part)
        if sheet.kind == "worksheet" and data_of_sheet is not None:
            read = read_worksheet(data_of_sheet, reader, counted)
            add_grid(builder, read.rows, place, number)
            _tell(builder, sheet.name, read)
        add_comments(builder, file, sheet.part, place, number)
        add_drawn(builder, file, sheet.part, place, number, charts=sheet.kind == "chartsheet")
    return Document(
        name, "xlsx", builder.text(), core_title(file) or title_from_name(name), date_in_name(name),
        builder.blocks(), losses=builder.losses(),
    )  # fmt: skip


def _leave_out_sheet(
    builder: TextBuilder, file: OfficeFile, sheet: SheetPart, reader: CellReader
) -> None:
    data = file.part(sheet.part)
    words = 0
    if sheet.kind == "worksheet" and data is not None:
        read = read_worksheet(data, reader, Counted())
        words = sum(len(cell.text.split()) for row in read.rows for cell in row.cells.values())
        words += read.hidden_rows.words + read.hidden_columns.words
    why = "hidden in the workbook; show it there if it is to be read"
    builder.leave_out(Loss("hidden sheet", why, 1, words, sheet.name))


def _tell(builder: TextBuilder, sheet: str, read: Worksheet) -> None:
    """Tells what of a sheet was not taken, and why."""
    hidden = "hidden in the sheet; show them there if they are to be read"
    unset = "the file was saved without its result; open it in Excel and save it"
    told: tuple[tuple[str, str, LeftOut], ...] = (
        ("hidden row", hidden, read.hidden_rows),
        ("cell of a hidden column", hidden, read.hidden_columns),
        ("formula without a stored value", unset, read.without_value),
        ("cell that its format hides", "its number format shows nothing", read.not_shown),
    )
    for what, why, left in told:
        if left.count:
            where = f"sheet {sheet}: {', '.join(left.places)}"
            builder.leave_out(Loss(what, why, left.count, left.words, where))
    if read.furniture:
        words = sum(len(text.split()) for text in read.furniture)
        why, where = "stands on every printed page", f"sheet {sheet}"
        builder.leave_out(Loss("header or footer", why, len(read.furniture), words, where))
