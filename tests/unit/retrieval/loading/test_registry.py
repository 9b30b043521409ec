from pathlib import Path

import pytest

from retrieval.domain.documents import BlockKind, Document
from retrieval.domain.errors import LoadError
from retrieval.loading.registry import is_supported, load_document
from tests.eval.office import write_docx, write_pdf


def load(path: Path) -> Document:
    return load_document(path.read_bytes(), path.name)


def words_of(document: Document, kind: BlockKind) -> list[str]:
    return [document.text[b.start : b.end] for b in document.blocks if b.kind is kind]


def test_the_text_of_a_txt_file_is_the_file_itself(seeds: Path) -> None:
    path = next(seeds.glob("*.txt"))
    assert load(path).text == path.read_bytes().decode("utf-8")


def test_the_seed_is_dated_by_its_name_and_none_of_it_is_left_out(seeds: Path) -> None:
    document = load(next(seeds.glob("*.txt")))
    assert (document.date, document.dated_by) == ("2024-12", "file name")
    assert words_of(document, BlockKind.BOILERPLATE) == []
    taken = "".join(document.text[block.start : block.end] for block in document.blocks)
    assert "".join(taken.split()) == "".join(document.text.split())


def test_windows_and_chinese_encodings_are_read() -> None:
    assert "Düsseldorf €5" in load_document("Düsseldorf €5 per kilo".encode("cp1252"), "a.txt").text
    chinese = "北方稀土公司公布了二零二四年的生产计划，包头是世界稀土之都。" * 5
    assert load_document(chinese.encode("gb18030"), "b.txt").text == chinese
    assert load_document("utf-16 text here".encode("utf-16"), "c.txt").text == "utf-16 text here"


def test_front_matter_gives_markdown_its_title_and_date() -> None:
    source = b"---\ntitle: Sable Ridge\ndate: 2024-05-07\n---\n# Heading\n\nText of it.\n"
    document = load_document(source, "a.md")
    assert (document.title, document.date) == ("Sable Ridge", "2024-05-07")


def test_rows_of_a_markdown_table_can_be_read_alone() -> None:
    source = b"# Costs\n\n| Item | Base |\n| --- | --- |\n| Capital | 612 |\n"
    document = load_document(source, "a.md")
    assert words_of(document, BlockKind.TABLE_ROW) == ["Capital — Base: 612"]


def test_html_keeps_the_article_and_drops_what_surrounds_it(corpus: Path) -> None:
    document = load(corpus / "tamboril-clay-2024.html")
    assert "310 million tonnes of clay" in document.text
    for furniture in ("Subscribe", "cookies", "99,999", "Copper hits a record", "Lithium"):
        assert furniture not in document.text
    assert document.date == "2024-04-11"
    assert "How it works" in words_of(document, BlockKind.HEADING)


def test_a_pdf_has_pages_a_title_and_rows(corpus: Path) -> None:
    document = load(corpus / "defence-stockpile.pdf")
    assert document.title.startswith("Defence stockpile of rare earths")
    row = next(b for b in document.blocks if "Yttrium oxide" in document.text[b.start : b.end])
    assert document.text[row.start : row.end] == "Yttrium oxide — Inventory t: 25; Buy up to t: 600"
    assert (row.page, row.header) == (1, "Purchases Material | Inventory t | Buy up to t")
    sale = next(
        b for b in document.blocks if "Nothing will be sold" in document.text[b.start : b.end]
    )
    assert sale.page == 2


def test_a_word_document_has_headings_and_rows(corpus: Path) -> None:
    document = load(corpus / "laboratory-methods.docx")
    assert "Quality control" in words_of(document, BlockKind.HEADING)
    rows = words_of(document, BlockKind.TABLE_ROW)
    assert "Lutetium — Detection limit ppm: 0.02; Repeatability %: 5.0" in rows


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b"just text", "a.pdf", "not a PDF"),
        (b"%PDF-1.4 broken", "b.pdf", "cannot be read as .pdf"),
        (b"not a zip", "c.docx", "docx"),
        (b"", "d.txt", "no text"),
        (b" \n\t", "e.md", "no text"),
        (b"PK\x03\x04", "f.xlsx", "not a .xlsx file"),
        (b"PK\x03\x04", "f.pptx", "not a .pptx file"),
        (b"plain", "f.rtf", "not rich text"),
        (b"", "f.eml", "not an e-mail"),
        (b"\x89PNG", "f.png", "image without a text layer; set MONAZITE_OCR"),
        (b"what", "f.exe", "not supported"),
        (b"\x00\x01\x02\x03" * 50, "g.txt", "NUL bytes"),
    ],
)
def test_a_bad_file_says_in_one_line_what_is_wrong(data: bytes, name: str, reason: str) -> None:
    with pytest.raises(LoadError, match=reason) as failure:
        load_document(data, name)
    assert "\n" not in str(failure.value)


def test_a_scan_without_text_and_a_locked_pdf_are_told_apart(tmp_path: Path) -> None:
    from pypdf import PdfReader, PdfWriter

    blank = PdfWriter()
    blank.add_blank_page(200, 200)
    blank.write(tmp_path / "scan.pdf")
    with pytest.raises(LoadError, match="no text layer"):
        load(tmp_path / "scan.pdf")
    write_pdf(["# Secret", "Words."], tmp_path / "open.pdf")
    locked = PdfWriter(clone_from=PdfReader(tmp_path / "open.pdf"))
    locked.encrypt("password", algorithm="RC4-128")
    locked.write(tmp_path / "locked.pdf")
    with pytest.raises(LoadError, match="password"):
        load(tmp_path / "locked.pdf")


def test_blocks_stand_in_the_text_in_order(corpus: Path) -> None:
    for path in sorted(corpus.iterdir()):
        document = load(path)
        ends = [0]
        for block in document.blocks:
            assert ends[-1] <= block.start <= block.end <= len(document.text), path.name
            ends.append(block.end)


def test_endings_are_recognised_whatever_their_case() -> None:
    assert is_supported("REPORT.PDF")
    assert is_supported("Scan.JPG")
    assert not is_supported("program.exe")
    assert not is_supported("pdf")


def test_a_document_without_a_title_is_named_after_its_file(tmp_path: Path) -> None:
    write_docx(["Only a sentence here, no heading at all."], tmp_path / "magnet-prices_2024.docx")
    assert load(tmp_path / "magnet-prices_2024.docx").title == "Magnet prices 2024"
