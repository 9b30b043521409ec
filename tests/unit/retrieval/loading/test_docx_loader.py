"""Word documents whose XML the tests write: every word is in the text, or is told of as left out."""

import io
import re
import zipfile

import pytest
from docx import Document as Docx
from lxml import etree

from retrieval.domain.documents import BlockKind, Document
from retrieval.loading.registry import load_document

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_NAMES = (
    f'xmlns:w="{W}" xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
)
_TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def p(*runs: str, properties: str = "") -> str:
    return f"<w:p>{f'<w:pPr>{properties}</w:pPr>' if properties else ''}{''.join(runs)}</w:p>"


def r(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def sdt(inside: str) -> str:
    return f"<w:sdt><w:sdtPr/><w:sdtContent>{inside}</w:sdtContent></w:sdt>"


def tc(text: str, properties: str = "") -> str:
    inside = text if text.startswith("<") else p(r(text))
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inside}</w:tc>"


def tbl(*rows: str) -> str:
    return f"<w:tbl><w:tblPr/>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>"


def word(body: str, **parts: str) -> bytes:
    """A document with a body, and parts by kind: footnotes, endnotes, comments, header, numbering."""
    base = io.BytesIO()
    Docx().save(base)
    file = io.BytesIO()
    with zipfile.ZipFile(base) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "word/document.xml":
                content = f"<w:document {_NAMES}><w:body>{body}</w:body></w:document>".encode()
            if name == "word/_rels/document.xml.rels":
                relations = "".join(
                    f'<Relationship Id="x{kind}" Type="{_TYPES}/{kind}" Target="x{kind}.xml"/>'
                    for kind in parts
                )
                text = content.decode()
                for kind in parts:
                    text = re.sub(rf'<Relationship [^>]*relationships/{kind}"[^>]*/>', "", text)
                content = text.replace("</Relationships>", relations + "</Relationships>").encode()
            new.writestr(name, content)
        for kind, inside in parts.items():
            root = {"header": "hdr", "footer": "ftr"}.get(kind, kind)
            new.writestr(f"word/x{kind}.xml", f"<w:{root} {_NAMES}>{inside}</w:{root}>")
    return file.getvalue()


def read(body: str, **parts: str) -> Document:
    return load_document(word(body, **parts), "memo.docx")


def lost(document: Document, what: str) -> int:
    return sum(loss.count for loss in document.losses if loss.what == what)


@pytest.mark.parametrize(
    "body",
    [
        sdt(p(r("The kiln is at Brekke."))),
        p(r("The kiln "), sdt(r("is at")), r(" Brekke.")),
        p(r("The kiln "), f"<w:smartTag>{r('is at')}</w:smartTag>", r(" Brekke.")),
        p(f'<w:fldSimple w:instr="TITLE">{r("The kiln is at")}</w:fldSimple>', r(" Brekke.")),
        p(r("The kiln is"), f"<w:hyperlink>{sdt(r(' at Brekke.'))}</w:hyperlink>"),
        sdt(sdt(sdt(p(r("The kiln is at Brekke."))))),
        f'<w:customXml w:element="x">{p(r("The kiln is at Brekke."))}</w:customXml>',
        p(r("The kiln is at"), '<w:r><w:br/></w:r>', r("Brekke.")),
        p(r("The kiln is at"), '<w:r><w:tab/></w:r>', r("Brekke.")),
        p(r("The "), '<w:r><w:fldChar w:fldCharType="begin"/></w:r>',
          '<w:r><w:instrText>REF x</w:instrText></w:r>',
          '<w:r><w:fldChar w:fldCharType="separate"/></w:r>', r("kiln"),
          '<w:r><w:fldChar w:fldCharType="end"/></w:r>', r(" is at Brekke.")),
        p(f'<w:ins w:author="A">{r("The kiln is ")}</w:ins>', r("at Brekke.")),
        p(r("The kiln is "), f'<w:moveTo w:author="A">{r("at Brekke.")}</w:moveTo>'),
        p(r("The kiln is"), properties='<w:rPr><w:del w:author="A"/></w:rPr>') + p(r(" at Brekke.")),
    ],
)  # fmt: skip
def test_what_stands_in_controls_fields_and_insertions_is_read_in_its_place(body: str) -> None:
    assert read(p(r("Before.")) + body + p(r("After."))).text == (
        "Before.\n\nThe kiln is at Brekke.\n\nAfter."
    )


@pytest.mark.parametrize(
    "table",
    [
        tbl(tc("Mine") + tc("Tonnes"), sdt(tc("Brekke") + tc("40"))),
        sdt(tbl(tc("Mine") + tc("Tonnes"), tc("Brekke") + sdt(tc("40")))),
        tbl(tc("Mine") + tc("Tonnes"), tc("Brekke") + tc(p(sdt(r("4")), r("0")))),
        tbl(tc("Mine") + tc("Tonnes"), tc("Brekke") + tc(sdt(p(r("40"))))),
    ],
)
def test_controls_around_cells_and_rows_are_no_wall(table: str) -> None:
    assert "Brekke — Tonnes: 40" in read(table).text


def test_deletions_are_left_out_and_told() -> None:
    gone = '<w:del w:author="A"><w:r><w:delText>all of it </w:delText></w:r></w:del>'
    row = "<w:tr><w:trPr><w:del/></w:trPr>" + tc("Old mine") + tc("7") + "</w:tr>"
    table = tbl(tc("Mine") + tc("Tonnes"), tc("Brekke") + tc("40"))
    document = read(
        p(r("We sold "), gone, r("half.")) + table.replace("</w:tbl>", row + "</w:tbl>")
    )
    assert "We sold half." in document.text
    assert "all of it" not in document.text
    assert "Old mine" not in document.text
    loss = next(one for one in document.losses if one.what == "tracked deletion")
    assert (loss.count, loss.words) == (2, 6)


def box(inside: str, drawing: bool) -> str:
    content = f"<w:txbxContent>{inside}</w:txbxContent>"
    if not drawing:
        return f"<w:r><w:pict><v:shape><v:textbox>{content}</v:textbox></v:shape></w:pict></w:r>"
    return (
        "<w:r><mc:AlternateContent><mc:Choice><w:drawing><wps:wsp><wps:txbx>"
        f"{content}</wps:txbx></wps:wsp></w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict><v:textbox>{content}</v:textbox></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r>"
    )


@pytest.mark.parametrize("drawing", [True, False])
def test_a_text_box_is_read_once_after_the_paragraph_that_holds_it(drawing: bool) -> None:
    inner = p(r("The permit ends in 2031.")) + tbl(tc("Year") + tc("t"), tc("2024") + tc("5"))
    text = read(p(r("Near the river."), box(inner, drawing)) + p(r("Next."))).text
    assert text.split("\n\n") == [
        "Near the river.", "The permit ends in 2031.", "2024 — t: 5", "Next.",
    ]  # fmt: skip


def test_a_box_in_a_cell_of_a_table_and_in_a_box_is_read() -> None:
    inner = box(p(r("Inner.")), drawing=True)
    table = tbl(
        tc("A") + tc("B"), tc(p(r("x"), box(p(r("Outer."), inner), drawing=True))) + tc("y")
    )
    text = read(table).text
    assert text.count("Outer.") == text.count("Inner.") == 1


def test_notes_stand_after_their_paragraph_marked_and_apart_from_numbers() -> None:
    def note(kind: str, number: int, text: str) -> str:
        return f'<w:{kind} w:id="{number}">{p("<w:r><w:footnoteRef/></w:r>", r(text))}</w:{kind}>'

    def mark(kind: str, number: int) -> str:
        return f'<w:r><w:{kind}Reference w:id="{number}"/></w:r>'

    document = read(
        p(r("Output was 12,300"), mark("footnote", 2), r(" tonnes"), mark("endnote", 3), r("."))
        + p(r("It rose"), mark("comment", 0), r(".")),
        footnotes='<w:footnote w:type="separator" w:id="0"/>' + note("footnote", 2, "Estimated."),
        endnotes=note("endnote", 3, "Wet weight."),
        comments=f'<w:comment w:id="0" w:author="Ola">{p(r("By how much?"))}</w:comment>',
    )
    assert document.text.split("\n\n") == [
        "Output was 12,300 (note 1) tonnes (note e1).", "Note 1: Estimated.", "Note e1: Wet weight.",
        "It rose.", "Comment by Ola: By how much?",
    ]  # fmt: skip
    assert [str(one.place) for one in document.blocks] == [
        "", "footnote 1", "endnote e1", "", "comment",
    ]  # fmt: skip


def test_a_note_of_a_tables_cell_is_a_mark_of_the_cell() -> None:
    raised = r("2", '<w:vertAlign w:val="superscript"/>')
    table = tbl(tc("Mine") + tc("Tonnes"), tc("Trana") + tc(p(r("12,300"), raised)))
    assert "Trana — Tonnes: 12,300 (note 2)" in read(table).text


@pytest.mark.parametrize(
    ("before", "raised", "shown"),
    [
        ("The Trana mine produced 12,300", "1", "The Trana mine produced 12,300 (note 1)"),
        ("Estimates", "a,b", "Estimates (note a, b)"),
        ("It covers 12 km", "2", "It covers 12 km²"),
        ("About 3 × 10", "6", "About 3 × 10⁶"),
        ("On the 4", "th", "On the 4th"),
    ],
)
def test_raised_marks_powers_and_ordinals_are_told_apart(
    before: str, raised: str, shown: str
) -> None:
    body = p(r(before), r(raised, '<w:vertAlign w:val="superscript"/>'))
    assert shown in read(body).text


def test_a_table_in_a_cell_of_a_layout_table_is_read_as_a_table() -> None:
    inner = tbl(tc("Sample") + tc("Grade"), tc("Granli") + tc("3.4 percent"))
    deep = tbl(tc(p(r("Right")) + inner + p()))
    for outer in (
        tbl(tc("Samples") + tc(inner + p())), tbl(tc(inner + p())), tbl(tc("Left") + tc(deep + p())),
        tbl(tc("What") + tc("Detail"), tc("Samples") + tc(inner + p()), tc("Owner") + tc("Ola")),
    ):  # fmt: skip
        assert "Granli — Grade: 3.4 percent" in read(outer).text


@pytest.mark.parametrize(
    "rows",
    [
        (tc("Shift", '<w:gridSpan w:val="2"/>'), tc("Day") + tc(p(), "<w:vMerge/>")),
        (tc("Shift", "<w:vMerge/>") + tc("Hours"), tc("Day") + tc("8")),
        (tc("Shift", '<w:gridSpan w:val="999999999"/>'), tc("Day") + tc("8")),
        (tc("Shift", '<w:gridSpan w:val="-3"/>') + tc("x"), tc("Day")),
        ("", tc("Shift") + tc("Hours"), "", tc("Day") + tc("8")),
        (tc("Shift", '<w:gridSpan w:val="zwei"/>') + tc("x"), tc("Day") + tc("8") + tc("9")),
    ],
)
def test_an_odd_table_never_costs_the_document(rows: tuple[str, ...]) -> None:
    text = read(p(r("Before.")) + tbl(*rows) + p(r("After."))).text
    assert text.startswith("Before.")
    assert text.endswith("After.")
    assert "Day" in text


def test_merged_cells_label_all_that_they_cover() -> None:
    table = tbl(
        tc("Mine", '<w:vMerge w:val="restart"/>') + tc("2022", '<w:gridSpan w:val="2"/>'),
        tc(p(), "<w:vMerge/>") + tc("La") + tc("Nd"),
        tc("Solberg", '<w:vMerge w:val="restart"/>') + tc("10") + tc("20"),
        tc(p(), "<w:vMerge/>") + tc("11") + tc("21"),
    )
    assert read(table).text.split("\n") == [
        "Solberg — 2022 › La: 10; 2022 › Nd: 20", "Solberg — 2022 › La: 11; 2022 › Nd: 21",
    ]  # fmt: skip


def test_lists_have_their_numbers_and_headings_their_level() -> None:
    numbering = (
        '<w:abstractNum w:abstractNumId="7"><w:lvl w:ilvl="0"><w:start w:val="1"/>'
        '<w:numFmt w:val="decimal"/><w:lvlText w:val="%1"/></w:lvl><w:lvl w:ilvl="1">'
        '<w:start w:val="1"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="%1.%2)"/></w:lvl>'
        '</w:abstractNum><w:num w:numId="3"><w:abstractNumId w:val="7"/></w:num>'
    )

    def item(level: int, text: str) -> str:
        numbered = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="3"/></w:numPr>'
        return p(r(text), properties=numbered)

    document = read(
        p(r("Terms"), properties='<w:outlineLvl w:val="1"/>')
        + item(0, "Price") + item(1, "Fixed") + item(1, "Free") + item(0, "Place") + item(1, "Oslo"),
        numbering=numbering,
    )  # fmt: skip
    assert document.text.split("\n") == [
        "Terms", "", "1 Price", "1.a) Fixed", "1.b) Free", "2 Place", "2.a) Oslo",
    ]  # fmt: skip
    assert (document.blocks[0].kind, document.blocks[0].level) == (BlockKind.HEADING, 2)


def test_headers_hidden_text_and_pictures_are_told_of() -> None:
    document = read(
        p(r("Seen."), r("Not seen at all", "<w:vanish/>")),
        header=p(r("Confidential draft")),
        footer=p(r("Page 1")),
    )
    assert document.text == "Seen."
    assert (
        lost(document, "header") == lost(document, "footer") == lost(document, "hidden text") == 1
    )
    assert any("Confidential draft" in loss.where for loss in document.losses)


def test_a_formula_keeps_its_strokes_and_powers() -> None:
    def t(text: str) -> str:
        return f"<m:r><m:t>{text}</m:t></m:r>"

    formula = (
        f"<m:oMath><m:f><m:num>{t('1')}</m:num><m:den>{t('2')}</m:den></m:f>"
        f"<m:sSup><m:e>{t('x')}</m:e><m:sup>{t('3')}</m:sup></m:sSup></m:oMath>"
    )
    assert "Yield is (1)/(2)x^3" in read(p(r("Yield is "), formula)).text


def test_lines_that_look_like_a_web_pages_are_kept() -> None:
    for words in ("500 shares", "10 min", "Share", "Next meeting Tuesday"):
        document = read(p(r("Minutes of the board.")) + p(r(words)))
        assert words in document.text
        assert all(block.kind is not BlockKind.BOILERPLATE for block in document.blocks)


def test_a_document_saved_as_strict_open_xml_is_read() -> None:
    data = word(p(r("The kiln is at Brekke.")))
    file = io.BytesIO()
    strict = b"http://purl.oclc.org/ooxml/"
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            for usual, own in (
                (b"wordprocessingml/2006/main", b"wordprocessingml/main"),
                (b"officeDocument/2006/relationships", b"officeDocument/relationships"),
            ):
                content = content.replace(
                    b"http://schemas.openxmlformats.org/" + usual, strict + own
                )
            new.writestr(name, content)
    assert load_document(file.getvalue(), "a.docx").text == "The kiln is at Brekke."


def test_every_word_of_the_file_is_in_the_text_or_told_of() -> None:
    body = (
        p(r("One"), f'<w:ins w:author="A">{r(" two")}</w:ins>', box(p(r("three")), drawing=False))
        + sdt(p(r("four"))) + tbl(tc("five") + tc("six"), tc("seven") + tc(tbl(tc("eight")) + p()))
        + p(r("nine", "<w:vanish/>"))
    )  # fmt: skip
    document = read(body)
    tree = etree.fromstring(f"<x {_NAMES}>{body}</x>".encode())
    words = {word for t in tree.iter(f"{{{W}}}t") for word in (t.text or "").split()}
    shown = document.text + " ".join(block.header for block in document.blocks)
    missing = {word for word in words if word not in shown}
    assert len(missing) == sum(loss.words for loss in document.losses) == 1
