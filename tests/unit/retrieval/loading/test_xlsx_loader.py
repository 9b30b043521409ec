"""Workbooks that the tests make: what a sheet shows is read, what it hides is told."""

import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from retrieval.domain.documents import BlockKind, Document
from retrieval.domain.errors import LoadError
from retrieval.loading.registry import load_document
from tests.growth import assert_linear

Rows = list[list[Any]]


def book_of(
    rows: Rows, change: Callable[[Any], object] = lambda _: None, title: str = "Data"
) -> bytes:
    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    change(book.active)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def read(rows: Rows, change: Callable[[Any], object] = lambda _: None) -> Document:
    return load_document(book_of(rows, change), "book.xlsx")


def rows_of(document: Document) -> list[str]:
    return [
        document.text[b.start : b.end] for b in document.blocks if b.kind is BlockKind.TABLE_ROW
    ]


def patched(data: bytes, part: str, old: str, new: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(file, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == part:
                assert old.encode() in content
                content = content.replace(old.encode(), new.encode())
            target.writestr(name, content)
    return file.getvalue()


MINES: Rows = [["Mine", "Tonnes"], ["Brekke", 40], ["Trana", 12300]]


def test_formats_are_worded_as_they_are_shown_with_the_cells_address() -> None:
    def change(sheet: Any) -> None:
        sheet["B2"].number_format, sheet["C2"].number_format = "0.0%", '"US$" #,##0'
        sheet["D2"].number_format, sheet["E2"].number_format = "dd/mm/yyyy", "#,##0;(#,##0)"

    rows: Rows = [["Stage", "Recovery", "Cost", "Start", "Change"],
                  ["Leach", 0.7345, 1250000.5, dt.date(2024, 5, 3), -1500]]  # fmt: skip
    document = read(rows, change)
    assert rows_of(document) == [
        "Leach — Recovery: 73.5%; Cost: US$ 1,250,001; Start: 03/05/2024; Change: (1,500)"
    ]
    assert str(document.blocks[-1].place) == "sheet Data, B2:E2, row Leach"


@pytest.mark.parametrize("code", ["mm-dd-yy", "m/d/yy h:mm"])
def test_a_date_in_the_readers_own_order_is_worded_so_that_nobody_misreads_it(code: str) -> None:
    def change(sheet: Any) -> None:
        sheet["B2"].number_format = code

    document = read([["Mine", "Since"], ["Brekke", dt.datetime(2024, 5, 3)]], change)  # noqa: DTZ001
    assert "Since: 2024-05-03" in document.text


@pytest.mark.parametrize("row", [1_048_576, 500_000])
def test_a_sheet_formatted_to_the_bottom_is_read(row: int) -> None:
    def change(sheet: Any) -> None:
        sheet.cell(row, 1).number_format = "0.00"
        sheet.cell(row - 7, 16_384).number_format = "0.00"

    assert rows_of(read(MINES, change)) == ["Brekke — Tonnes: 40", "Trana — Tonnes: 12300"]


def test_many_rows_of_formats_alone_do_not_count_as_rows() -> None:
    cells = "".join(
        f'<row r="{n}"><c r="A{n}" s="0"/><c r="B{n}" s="0"/></row>' for n in range(9, 60_009)
    )
    data = patched(
        book_of(MINES), "xl/worksheets/sheet1.xml", "</sheetData>", cells + "</sheetData>"
    )
    assert len(rows_of(load_document(data, "a.xlsx"))) == 2


def test_a_wrong_size_and_missing_addresses_lose_no_cell() -> None:
    wrong = patched(book_of(MINES), "xl/worksheets/sheet1.xml", 'ref="A1:B3"', 'ref="A1"')
    assert len(rows_of(load_document(wrong, "a.xlsx"))) == 2
    with zipfile.ZipFile(io.BytesIO(wrong)) as file:
        sheet = file.read("xl/worksheets/sheet1.xml").decode()
    bare = patched(wrong, "xl/worksheets/sheet1.xml", sheet, re.sub(r' r="[A-Z]*\d+"', "", sheet))
    assert rows_of(load_document(bare, "a.xlsx")) == rows_of(load_document(wrong, "a.xlsx"))


@pytest.mark.parametrize("merged", [True, False])
def test_two_rows_of_headings_make_a_path(merged: bool) -> None:
    def change(sheet: Any) -> None:
        if merged:
            for area in ("A1:A2", "B1:C1", "D1:E1"):
                sheet.merge_cells(area)

    rows: Rows = [["Mine", 2022, None, 2023, None], [None, "La", "Nd", "La", "Nd"],
                  ["Solberg", 10, 20, 30, 40], ["Haugen", 11, 21, 31, 41]]  # fmt: skip
    assert rows_of(read(rows, change))[0] == (
        "Solberg — 2022 › La: 10; 2022 › Nd: 20; 2023 › La: 30; 2023 › Nd: 40"
    )


def test_three_rows_of_headings_a_caption_and_units_are_kept_apart() -> None:
    def change(sheet: Any) -> None:
        for area in ("A1:E1", "A2:A3", "B2:E2", "B3:C3", "D3:E3"):
            sheet.merge_cells(area)

    rows: Rows = [["Table 3. Output by mine", None, None, None, None], ["Mine", "Output", None, None, None],
                  [None, 2022, None, 2023, None], [None, "La", "Nd", "La", "Nd"],
                  [None, "t", "t", "kg", "kg"], ["Solberg", 10, 20, 30, 40]]  # fmt: skip
    document = read(rows, change)
    assert rows_of(document) == [
        (
            "Solberg — Output › 2022 › La: 10 t; Output › 2022 › Nd: 20 t; "
            "Output › 2023 › La: 30 kg; Output › 2023 › Nd: 40 kg"
        )
    ]
    assert document.text.startswith("Data\n\nTable 3. Output by mine\n\n")
    assert document.blocks[-1].header.startswith(
        "Table 3. Output by mine Mine | Output › 2022 › La"
    )


def test_merged_labels_stand_on_every_row_that_they_cover() -> None:
    def change(sheet: Any) -> None:
        sheet.merge_cells("A2:A3")

    rows: Rows = [
        ["Country", "Year", "t"],
        ["China", 2023, 255],
        [None, 2024, 270],
        ["Burma", 2024, 31],
    ]
    assert rows_of(read(rows, change)) == [
        "China › 2023 — t: 255", "China › 2024 — t: 270", "Burma › 2024 — t: 31",
    ]  # fmt: skip


def test_groups_by_indent_colon_or_bold_head_the_rows_under_them() -> None:
    def indents(sheet: Any) -> None:
        for row, indent in ((3, 1), (4, 2), (5, 2), (6, 1)):
            sheet.cell(row, 1).alignment = Alignment(indent=indent)

    rows: Rows = [["Item", "2023", "2024"], ["Imports:"], ["Metals:"], ["Ferrocerium", 1, 2], ["Other", 3, 4],
                  ["Oxides", 5, 6], ["Exports", 7, 8]]  # fmt: skip
    assert rows_of(read(rows, indents)) == [
        "Imports › Metals › Ferrocerium — 2023: 1; 2024: 2", "Imports › Metals › Other — 2023: 3; 2024: 4",
        "Imports › Oxides — 2023: 5; 2024: 6", "Exports — 2023: 7; 2024: 8",
    ]  # fmt: skip

    def bold(sheet: Any) -> None:
        sheet["A2"].font = Font(bold=True)

    plain: Rows = [["Item", "2023", "2024"], ["Imports"], ["Metals", 1, 2]]
    assert rows_of(read(plain, bold)) == ["Imports › Metals — 2023: 1; 2024: 2"]


def test_a_row_without_values_is_no_group_of_the_next() -> None:
    rows: Rows = [["Mine", "2023", "2024"], ["Kvanberg"], ["Solberg", 1, 2]]
    assert rows_of(read(rows)) == ["Kvanberg", "Solberg — 2023: 1; 2024: 2"]


def test_several_tables_of_a_sheet_keep_their_own_names() -> None:
    rows: Rows = [
        ["Prices"],
        ["Oxide", "US$/kg"],
        ["Nd", 57],
        [],
        ["Output"],
        ["Mine", "Tonnes"],
        ["Brekke", 40],
    ]
    assert rows_of(read(rows)) == ["Nd — US$/kg: 57", "Brekke — Tonnes: 40"]
    beside: Rows = [["Oxide", "US$/kg", None, "Mine", "Tonnes"], ["Nd", 57, None, "Brekke", 40],
                    ["Ce", 1, None, "Trana", 9]]  # fmt: skip
    assert rows_of(read(beside)) == [
        "Nd — US$/kg: 57", "Ce — US$/kg: 1", "Brekke — Tonnes: 40", "Trana — Tonnes: 9",
    ]  # fmt: skip


def test_a_table_goes_on_behind_an_empty_row() -> None:
    rows: Rows = [["Mine", "Tonnes"], ["Brekke", 40], [], ["Trana", 9], [], ["Total", 49]]
    assert rows_of(read(rows)) == ["Brekke — Tonnes: 40", "Trana — Tonnes: 9", "Total — Tonnes: 49"]


def test_the_unit_of_a_caption_goes_to_numbers_that_have_none() -> None:
    rows: Rows = [
        ["Output (tonnes)"],
        ["Mine", "2023", "Share, %"],
        ["Brekke", 40, 12],
        ["Trana", "n/a", 9],
    ]
    assert rows_of(read(rows)) == [
        "Brekke — 2023: 40 tonnes; Share, %: 12", "Trana — 2023: n/a; Share, %: 9",
    ]  # fmt: skip


def test_what_is_hidden_is_left_out_and_told() -> None:
    def change(sheet: Any) -> None:
        sheet.row_dimensions[3].hidden = True
        sheet.column_dimensions["C"].hidden = True
        other = sheet.parent.create_sheet("Secret")
        other.append(["Nobody sees this"])
        other.sheet_state = "veryHidden"
        sheet["D2"].number_format = ";;;"

    document = read([["Mine", "t", "Cost", "x"], ["Brekke", 40, 7, 8], ["Trana", 9, 7, 9]], change)
    assert rows_of(document) == ["Brekke — t: 40"]
    told = {loss.what: loss for loss in document.losses}
    assert (told["hidden row"].where, told["hidden row"].words) == ("sheet Data: 3", 4)
    assert told["cell of a hidden column"].where == "sheet Data: C"
    assert (told["hidden sheet"].where, told["hidden sheet"].words) == ("Secret", 3)
    assert told["cell that its format hides"].where == "sheet Data: D2"


def test_a_formula_without_its_result_is_told_with_its_cell() -> None:
    document = read([["Mine", "t"], ["Brekke", "=1+2"], ["Trana", 9]])
    assert rows_of(document) == ["Brekke", "Trana — t: 9"]
    loss = next(one for one in document.losses if one.what == "formula without a stored value")
    assert (loss.count, loss.where) == (1, "sheet Data: B2")
    stored = patched(
        book_of([["Mine", "t"], ["Brekke", "=1+2"]]), "xl/worksheets/sheet1.xml", "<v></v>", "<v>3</v>"
    ) if b"<v></v>" in _sheet([["Mine", "t"], ["Brekke", "=1+2"]]) else patched(
        book_of([["Mine", "t"], ["Brekke", "=1+2"]]), "xl/worksheets/sheet1.xml", "<v/>", "<v>3</v>"
    )  # fmt: skip
    assert "Brekke — t: 3" in load_document(stored, "a.xlsx").text


def _sheet(rows: Rows) -> bytes:
    with zipfile.ZipFile(io.BytesIO(book_of(rows))) as file:
        return file.read("xl/worksheets/sheet1.xml")


def test_a_raised_mark_in_a_cell_is_a_note() -> None:
    mark = TextBlock(InlineFont(vertAlign="superscript"), "1")
    rows: Rows = [
        ["Mine", "t"],
        ["Trana", CellRichText("12,300", mark)],
        ["Brekke", 4],
        ["1 Estimated."],
    ]
    document = read(rows)
    assert "Trana — t: 12,300 (note 1)" in rows_of(document)
    assert document.text.count("Estimated.") == 1
    assert "Note 1: Estimated." in document.text


def test_comments_charts_and_chart_sheets_are_read_or_told() -> None:
    def change(sheet: Any) -> None:
        sheet["B2"].comment = Comment("Wet weight", "Ola")
        chart = BarChart()
        chart.title = "Output by mine"
        chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=3), titles_from_data=True)
        sheet.add_chart(chart, "E2")
        page = sheet.parent.create_chartsheet("Drawn")
        second = BarChart()
        second.title = "A sheet of its own"
        second.add_data(Reference(sheet, min_col=2, min_row=1, max_row=3), titles_from_data=True)
        page.add_chart(second)

    document = read(MINES, change)
    comment = next(b for b in document.blocks if "Wet weight" in document.text[b.start : b.end])
    assert str(comment.place) == "comment, sheet Data, B2"
    assert sum(loss.count for loss in document.losses if loss.what == "chart") == 2
    assert "Drawn" in document.text


@pytest.mark.parametrize(
    "part", ["xl/styles.xml", "xl/theme/theme1.xml", "docProps/core.xml", "xl/broken.xml"]
)
def test_a_missing_part_never_costs_the_sheets(part: str) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book_of(MINES))) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            if name == "xl/_rels/workbook.xml.rels":
                link = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLink"
                relation = f'<Relationship Id="rX" Type="{link}" Target="/xl/externalLinks/externalLink1.xml"/>'
                new.writestr(
                    name,
                    old.read(name).replace(
                        b"</Relationships>", f"{relation}</Relationships>".encode()
                    ),
                )
            elif name != part:
                new.writestr(name, old.read(name))
        new.writestr("xl/externalLinks/externalLink1.xml", "<externalLink/>")
    assert len(rows_of(load_document(file.getvalue(), "a.xlsx"))) == 2


def compound(*streams: str) -> bytes:
    names = b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in streams)
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1016) + names


@pytest.mark.parametrize("ending", ["docx", "pptx", "xlsx"])
@pytest.mark.parametrize(
    ("streams", "reason"),
    [
        (
            ("Root Entry", "EncryptionInfo", "EncryptedPackage"),
            "is protected by a password; save it without one",
        ),
        (("Root Entry", "WordDocument"), "is a .doc file under another name"),
        (("Root Entry", "Something"), "not a zip archive"),
    ],
)
def test_a_file_that_is_no_archive_says_what_it_is(
    ending: str, streams: tuple[str, ...], reason: str
) -> None:
    with pytest.raises(LoadError, match=reason):
        load_document(compound(*streams), f"locked.{ending}")


def test_a_wide_row_keeps_every_cell_with_its_heading() -> None:
    names = ["Hole", *(f"Element {n} in ppm" for n in range(1, 301))]
    document = read([names, ["Nissedal west", *range(2001, 2301)]])
    (row,) = rows_of(document)
    assert all(f"Element {n} in ppm: {2000 + n}" in row for n in range(1, 301))
    assert document.blocks[-1].place.cells == f"B2:{get_column_letter(301)}2"


def test_two_far_corners_and_giant_merges_take_neither_time_nor_memory() -> None:
    def change(sheet: Any) -> None:
        sheet.cell(1_048_576, 16_384).value = "far away"

    data = book_of(MINES, change)
    merges = "".join(f'<mergeCell ref="A{n}:XFD1048576"/>' for n in range(1, 3))
    data = patched(data, "xl/worksheets/sheet1.xml", "</sheetData>",
                   f'</sheetData><mergeCells count="2">{merges}</mergeCells>')  # fmt: skip
    assert "far away" in load_document(data, "a.xlsx").text


def test_the_time_grows_with_the_rows() -> None:
    files = {
        n: book_of([["Mine", "a", "b"], *([f"Mine {i}", i, i * 1.5] for i in range(n))])
        for n in (1500, 6000)
    }
    assert_linear(lambda n: load_document(files[n], "a.xlsx"), 1500)


def test_every_value_of_the_file_is_in_the_text_or_told_of() -> None:
    rows: Rows = [["Report of the works"], [], ["Mine", "t", "Empty"], ["Brekke", 41], [], ["x"], [True, "y", 3.5],
                  [], ["Key", "Ola"]]  # fmt: skip
    document = read(rows)
    shown = document.text + " ".join(b.header for b in document.blocks)
    shown += " ".join(loss.where for loss in document.losses)
    for value in (cell for row in rows for cell in row if cell is not None):
        assert ("TRUE" if value is True else str(value)) in shown
