"""Slides, workbooks, tables, e-mails and rich text, written here and read back."""

import io
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest

from retrieval.domain.documents import BlockKind, Document
from retrieval.domain.errors import LoadError
from retrieval.loading import archives
from retrieval.loading.registry import load_document
from retrieval.loading.tables import cells


def words_of(document: Document, kind: BlockKind) -> list[str]:
    return [document.text[b.start : b.end] for b in document.blocks if b.kind is kind]


def page_of(document: Document, words: str) -> int | None:
    return next(b.page for b in document.blocks if words in document.text[b.start : b.end])


def slides() -> bytes:
    from pptx import Presentation
    from pptx.util import Inches

    deck = Presentation()
    first = deck.slides.add_slide(deck.slide_layouts[1])
    first.shapes.title.text = "Sable Ridge update"
    first.placeholders[1].text = "Recovery was 81%.\nCapital is 612 million dollars."
    second = deck.slides.add_slide(deck.slide_layouts[5])
    second.shapes.title.text = "Costs"
    table = second.shapes.add_table(2, 2, Inches(1), Inches(2), Inches(4), Inches(1)).table
    for place, text in enumerate(("Item", "Amount", "Kiln", "40")):
        table.cell(place // 2, place % 2).text = text
    second.notes_slide.notes_text_frame.text = "The kiln is bought second hand."
    file = io.BytesIO()
    deck.save(file)
    return file.getvalue()


def workbook() -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    prices = book.active
    prices.title = "Prices"
    for row in (
        ["Prices in yuan a tonne"],
        ["Oxide", "Price"],
        ["Cerium", 7200.0],
        ["Terbium", 5.5],
    ):
        prices.append(row)
    quota = book.create_sheet("Quota")
    quota.append(["Year", "Tonnes"])
    quota.append([2024, 270000])
    hidden = book.create_sheet("Secret")
    hidden.append(["Nobody", "sees this"])
    hidden.sheet_state = "hidden"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_slides_have_numbers_titles_tables_and_notes() -> None:
    document = load_document(slides(), "update-2024-05.pptx")
    assert (document.title, document.date, document.format) == (
        "Sable Ridge update", "2024-05", "pptx",
    )  # fmt: skip
    assert words_of(document, BlockKind.HEADING) == ["Sable Ridge update", "Costs"]
    assert "Recovery was 81%." in words_of(document, BlockKind.LIST_ITEM)
    assert "Kiln — Amount: 40" in words_of(document, BlockKind.TABLE_ROW)
    assert page_of(document, "Recovery was 81%.") == 1
    assert page_of(document, "The kiln is bought second hand.") == 2


def test_rows_of_a_workbook_can_be_read_alone_and_name_their_sheet() -> None:
    document = load_document(workbook(), "prices.xlsx")
    rows = words_of(document, BlockKind.TABLE_ROW)
    assert "Cerium — Price: 7200 yuan a tonne" in rows
    assert "Terbium — Price: 5.5 yuan a tonne" in rows
    assert words_of(document, BlockKind.HEADING) == ["Prices", "Quota"]
    assert page_of(document, "2024 — Tonnes: 270000") == 2
    assert "Nobody" not in document.text
    assert words_of(document, BlockKind.PARAGRAPH) == ["Prices in yuan a tonne"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Oxide,Price\nCerium,7200\n", "a.csv"),
        ("Oxide;Price\nCerium;7200\n", "b.csv"),
        ("Oxide\tPrice\nCerium\t7200\n", "c.tsv"),
    ],
)
def test_values_are_told_apart_whatever_separates_them(text: str, name: str) -> None:
    document = load_document(text.encode("utf-16"), name)
    assert words_of(document, BlockKind.TABLE_ROW) == ["Cerium — Price: 7200"]


@pytest.mark.parametrize("subtype", ["plain", "html"])
def test_an_e_mail_tells_who_wrote_what_and_when(subtype: str) -> None:
    message = EmailMessage()
    message["Subject"], message["From"] = "Kiln düsseldorf", "Marguerite <m@example.org>"
    message["Date"] = "Tue, 05 Mar 2024 10:00:00 +0000"
    body = "The kiln starts in May. It cost 40 million dollars."
    message.set_content(f"<p>{body}</p>" if subtype == "html" else body, subtype=subtype)
    message.add_attachment(b"x", maintype="application", subtype="pdf", filename="kiln.pdf")
    document = load_document(message.as_bytes(), "mail.eml")
    assert (document.title, document.date) == ("Kiln düsseldorf", "2024-03-05")
    assert body in document.text
    assert "From: Marguerite <m@example.org>" in document.text
    assert "Attached: kiln.pdf" in document.text


def test_rich_text_is_read_as_text() -> None:
    source = rb"{\rtf1\ansi {\b Kiln report}\par\par The kiln starts in May.\par}"
    document = load_document(source, "kiln.rtf")
    assert "The kiln starts in May." in document.text
    assert "\\par" not in document.text


@pytest.mark.parametrize("ending", ["docx", "pptx", "xlsx"])
def test_an_archive_that_unpacks_to_too_much_is_refused(
    ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MAX_UNPACKED", 1_000_000)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.xml", b"0" * 5_000_000)
    with pytest.raises(LoadError, match="unpacks to 5 MB in 1 parts, which is too much"):
        load_document(file.getvalue(), f"bomb.{ending}")


def test_a_workbook_with_too_many_rows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "MAX_ROWS", 3)
    with pytest.raises(LoadError, match="more than 3 rows; split it"):
        load_document(workbook(), "prices.xlsx")


def test_entities_of_an_office_file_are_not_expanded(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the combination is 1234")
    bomb = (
        f'<!DOCTYPE x [<!ENTITY s SYSTEM "file://{secret}"><!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
    ).encode()
    for data, name, part in (
        (slides(), "a.pptx", "ppt/slides/slide1.xml"), (workbook(), "a.xlsx", "xl/sharedStrings.xml"),
    ):  # fmt: skip
        file = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w") as new:
            for member in old.namelist():
                content = old.read(member)
                if member == part:
                    head, _, rest = content.partition(b"?>")
                    content = head + b"?>" + bomb + rest
                    content = content.replace(b"Sable Ridge update", b"&s;").replace(
                        b"Cerium", b"&s;"
                    )
                new.writestr(member, content)
        try:
            text = load_document(file.getvalue(), name).text
        except LoadError as error:
            text = str(error)
        assert "combination" not in text


def open_document() -> bytes:
    """A sheet in the format of LibreOffice, as small as one can be."""
    office = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
    names = (
        f'xmlns:office="{office}" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    )
    rows = "".join(
        f'<table:table-row><table:table-cell office:value-type="string"><text:p>{label}</text:p>'
        f"</table:table-cell>{value}</table:table-row>"
        for label, value in (
            (
                "Mine",
                '<table:table-cell office:value-type="string"><text:p>Tonnes</text:p></table:table-cell>',
            ),
            (
                "Brekke",
                '<table:table-cell office:value-type="float" office:value="40"><text:p>40</text:p></table:table-cell>',
            ),
        )
    )
    content = (
        f"<office:document-content {names}><office:body><office:spreadsheet>"
        f'<table:table table:name="Output">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        manifest = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
        archive.writestr("META-INF/manifest.xml", f'<m:manifest xmlns:m="{manifest}"/>')
    return file.getvalue()


def test_a_sheet_of_libre_office_is_read_and_says_what_its_reader_cannot_tell() -> None:
    document = load_document(open_document(), "output.ods")
    assert "Brekke — Tonnes: 40" in words_of(document, BlockKind.TABLE_ROW)
    assert [loss.what for loss in document.losses] == ["number formats and hidden rows"]


@pytest.mark.parametrize("ending", ["xls", "xlsb", "ods"])
def test_what_is_no_workbook_is_refused_in_one_line(ending: str) -> None:
    for data in (
        b"<html>a page</html>",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3000),
        b"PK\x03\x04",
    ):
        with pytest.raises(LoadError) as error:
            load_document(data, f"a.{ending}")
        assert "\n" not in str(error.value)
