"""PDFs read as they are: sentences whole, figures in their columns, marks apart from numbers."""

import io
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table

from retrieval.domain.documents import BlockKind, Document
from retrieval.domain.errors import LoadError
from retrieval.loading.registry import load_document
from retrieval.text.sentences import sentence_spans
from tests.pdf_files import SETTINGS, Draw, lines, pages, report, sentences

STYLES = getSampleStyleSheet()
BODY = STYLES["BodyText"]
FILES = Path(__file__).parents[4] / "attacks"


def read(data: bytes, name: str = "a.pdf") -> Document:
    return load_document(data, name)


def texts(document: Document, kind: BlockKind | None = None) -> list[str]:
    return [document.text[b.start : b.end] for b in document.blocks if kind in (None, b.kind)]


def built(*story: Flowable) -> bytes:
    target = io.BytesIO()
    SimpleDocTemplate(target, pagesize=A4, invariant=1).build(list(story))
    return target.getvalue()


def ruled(
    rows: Sequence[Sequence[object]], *style: tuple[object, ...], widths: object = None
) -> Table:
    return Table(
        rows,
        colWidths=widths,
        style=[("GRID", (0, 0), (-1, -1), 0.5, colors.black), *style],
        repeatRows=1,
    )


def whole_sentences(document: Document) -> set[str]:
    """Returns the sentences of a document as they would be quoted, note marks and boxes apart."""
    found = set()
    for text in texts(document):
        for start, end in sentence_spans(text):
            found.add(re.sub(r" \(note [^)]*\)", "", text[start:end]).lstrip("■□o ").strip())
    return found


def test_nearly_all_sentences_of_reports_stay_whole_however_they_are_set() -> None:
    """The measure: of all sentences written, how many are read back exactly, each as one sentence."""
    shares = {}
    for seed, setting in enumerate(SETTINGS):
        written = sentences(60, seed)
        found = whole_sentences(read(report(setting, written)))
        shares[setting.name] = sum(one in found for one in written) / len(written)
    print("\n".join(f"{share:6.1%} of sentences whole: {name}" for name, share in shares.items()))
    assert sum(shares.values()) / len(shares) >= 0.97
    assert min(shares.values()) >= 0.9


# Superscripts, units, formulas.


@pytest.mark.parametrize(
    ("markup", "read_as"),
    [
        (
            "The mine produced 12,300<super>1</super> tonnes.",
            "The mine produced 12,300 (note 1) tonnes.",
        ),
        ("Sales were $320<super>2,3</super> in May.", "Sales were $320 (note 2, 3) in May."),
        (
            "Output fell in 2023.<super>4</super> It rose later.",
            "Output fell in 2023 (note 4). It rose later.",
        ),
        ("The price<super>a</super> is fixed.", "The price (note a) is fixed."),
        ("It is so (see 12<super>3</super>).", "It is so (see 12 (note 3))."),
        ("Stocks of 95*<super>5</super> units.", "Stocks of 95* (note 5) units."),
        ("It holds 4.5 x 10<super>6</super> tonnes.", "It holds 4.5 x 10^6 tonnes."),
        ("The limit is 10<super>-3</super> mol.", "The limit is 10^-3 mol."),
        (
            "An area of 40 m<super>2</super> and 3 km<super>2</super>.",
            "An area of 40 m² and 3 km².",
        ),
        (
            "The ions Nd<super>3+</super> and Ce<super>4+</super> differ.",
            "The ions Nd³⁺ and Ce⁴⁺ differ.",
        ),
        ("Make Nd<sub>2</sub>O<sub>3</sub> from CO<sub>2</sub>.", "Make Nd2O3 from CO2."),
        ("The 5<super>th</super> of May.", "The 5th of May."),
        ("A fit with R<super>2</super> of 0.9.", "A fit with R² of 0.9."),
    ],
)
def test_what_is_raised_or_lowered_is_never_glued_to_a_number(markup: str, read_as: str) -> None:
    assert texts(read(built(Paragraph(markup, BODY)))) == [read_as]


def test_a_footnote_is_named_by_its_mark() -> None:
    found = texts(read(built(Paragraph("Ore: 300<super>12</super> t.", BODY), Spacer(1, 300),
                             Paragraph("<super>12</super> Estimated from shipments.", BODY))))  # fmt: skip
    assert found == ["Ore: 300 (note 12) t.", "Note 12: Estimated from shipments."]


# Lines and words.


@pytest.mark.parametrize("leading", [13, 17, 20, 26, 33])
def test_one_paragraph_stays_one_at_every_line_spacing(leading: float) -> None:
    wrapped = ["The holder of the lease must restore the land and plant birches within two",
               "years after the last load of ore has left the pit at Gjerstad, and has to pay",
               "the yearly fee of 42,000 dollars before the last day of March, 2023, 2.2",
               "million of which go to the county."]  # fmt: skip
    assert texts(read(pages(lines(wrapped, leading=leading)))) == [" ".join(wrapped)]


@pytest.mark.parametrize(
    "end", ["by June 28, 2023, 2.2", "2021 2022 2023", "of $1.1", "1,234 5,678 9,101"]
)
def test_a_wrapped_line_that_ends_in_figures_is_prose(end: str) -> None:
    wrapped = ["During the fiscal year the company bought back shares of its own in the", ("open market, and "
               f"as it had said before it did so {end}"), "billion remained of the programme that the board had agreed to."]  # fmt: skip
    assert texts(read(pages(lines(wrapped)))) == [" ".join(wrapped)]


@pytest.mark.parametrize(
    ("above", "below", "joined"),
    [
        ("They separate heavy rare-", "earth oxides.", "rare-earth oxides"),
        ("They have a long-", "term agreement.", "long-term agreement"),
        ("The Mg-", "rich brine.", "Mg-rich brine"),
        ("It goes after treat-", "ment in a tank.", "treatment in a tank"),
        ("Von gleicher Größ-", "enordnung.", "Größenordnung"),
        ("Both Nd-", "and Pr-oxides.", "Nd- and Pr-oxides"),
        ("The word concen\u00ad", "trate.", "concentrate"),
        ("A Nd-Fe-", "B magnet.", "Nd-Fe-B magnet"),
    ],
)  # fmt: skip
def test_hyphens_at_line_ends_go_only_where_they_were_not_meant(
    above: str, below: str, joined: str
) -> None:
    pad = "The works at Orkdal say so: "
    assert joined in texts(read(pages(lines([pad + above, below]))))[0]


def test_a_compound_that_the_document_writes_with_a_hyphen_keeps_it() -> None:
    text = ["A tail-race carries the water away from the mill, as every tail-race does in the end", "and so the old tail-",
            "race stays."]  # fmt: skip
    assert texts(read(pages(lines(text))))[0].endswith("and so the old tail-race stays.")


@pytest.mark.parametrize("spacing", [0.0, 3.0])
def test_letters_placed_one_by_one_make_words(spacing: float) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 11)
        for row, text in enumerate(
            ("The Fauske kiln report was written", "in May by the second shift.")
        ):
            x = 72.0
            for letter in text:
                if letter != " ":
                    canvas.drawString(x, 700 - 20 * row, letter)
                x += canvas.stringWidth(letter, "Helvetica", 11) + spacing

    assert texts(read(pages(draw))) == [
        "The Fauske kiln report was written in May by the second shift."
    ]


def test_columns_that_were_written_line_by_line_are_read_one_by_one() -> None:
    left = ["The left column tells of the", "mine at Vikna, which opened", "in 1972 and closed in 1998", "after the price had fallen."]  # fmt: skip
    right = ["The right column tells of the", "mill at Vikna, which treats", "400 tonnes of ore a day and", "employs ninety people now."]  # fmt: skip

    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 11)
        canvas.drawString(
            72, 730, "A title that runs over both of the columns of the page, from edge to edge"
        )
        for row, pair in enumerate(zip(left, right, strict=True)):
            for x, text in zip((72, 320), pair, strict=True):
                canvas.drawString(x, 700 - 14 * row, text)

    assert texts(read(pages(draw)))[-2:] == [" ".join(left), " ".join(right)]


# Page edges.


def _paged(
    foot: str, body: str = "A sentence of page {n} that says enough to be one."
) -> list[Draw]:
    def draw(number: int) -> Draw:
        def on(canvas: Canvas) -> None:
            lines([body.format(n="ABCDEFGH"[number])])(canvas)
            lines([foot.format(n=number + 4)], y=40, x=290)(canvas)

        return on

    return [draw(number) for number in range(5)]


@pytest.mark.parametrize(
    ("foot", "label"),
    [("{n}", "4"), ("Page {n} of 9", "4"), ("Annual report 2023 | {n}", "4"), ("– {n} –", "4")],
)
def test_numbers_that_count_up_with_the_pages_are_page_numbers(foot: str, label: str) -> None:
    document = read(pages(*_paged(foot)))
    assert len(document.blocks) == 5
    assert (document.blocks[0].place.page, document.blocks[0].place.page_label) == (1, label)
    assert [loss.what for loss in document.losses] == ["running headers and footers"]


@pytest.mark.parametrize("foot", ["450", "1987"])
def test_a_number_alone_at_the_foot_of_one_page_stays(foot: str) -> None:
    assert (
        foot in read(pages(lines(["Tonnes sold in all:"]), lines(["x"]), lines([foot], y=40))).text
    )


def test_figures_in_large_type_keep_their_labels() -> None:
    def draw(canvas: Canvas) -> None:
        for row, (label, figure) in enumerate(
            (("Oxides made at Sandnes, tonnes", "5240"), ("Staff at Sandnes", "318"))
        ):
            lines([label], y=760 - 72 * row, size=12)(canvas)
            lines([figure], y=736 - 72 * row, size=24)(canvas)

    assert texts(read(pages(draw))) == [
        "Oxides made at Sandnes, tonnes — 5240",
        "Staff at Sandnes — 318",
    ]


# Tables.


def rows_of(data: bytes) -> list[str]:
    return texts(read(data), BlockKind.TABLE_ROW)


QUARTERS = [["Oxide", "Q1 2023", "Q2 2023", "Q3 2023"], ["Neodymium", "71", "68", "64"],
            ["Terbium", "812", "", "799"], ["Dysprosium", "", "351", ""]]  # fmt: skip


@pytest.mark.parametrize("style", ["GRID", "INNERGRID", "none", "lines below"])
def test_empty_cells_keep_their_column(style: str) -> None:
    rules = {"GRID": [("GRID", (0, 0), (-1, -1), 0.5, colors.black)],
             "INNERGRID": [("INNERGRID", (0, 0), (-1, -1), 0.5, colors.black)], "none": [],
             "lines below": [("LINEBELOW", (0, 0), (-1, -1), 0.5, colors.black)]}  # fmt: skip
    found = rows_of(
        built(
            Paragraph("Prices by quarter", BODY), Table(QUARTERS, colWidths=90, style=rules[style])
        )
    )
    assert found == [
        "Neodymium — Q1 2023: 71; Q2 2023: 68; Q3 2023: 64",
        "Terbium — Q1 2023: 812; Q3 2023: 799",
        "Dysprosium — Q2 2023: 351",
    ]


def test_cells_of_several_lines_stay_cells_and_date_nothing() -> None:
    cells = [["Site", "Permit", "Valid until"],
             *[[Paragraph(cell, BODY) for cell in row] for row in (
                 ("Leka pit and waste dump", "Extraction permit with conditions on dust and water", "June 2036"),
                 ("Leka mill", "Discharge permit only, no extraction is allowed before the survey ends", "May 2031"))]]  # fmt: skip
    document = read(built(Paragraph("Permits by site", BODY), ruled(cells, widths=[80, 110, 80])))
    assert texts(document, BlockKind.TABLE_ROW)[0] == (
        "Leka pit and waste dump — Permit: Extraction permit with conditions on dust and water; Valid until: June 2036"
    )
    assert document.date is None


def test_headings_over_several_columns_head_each_of_them() -> None:
    cells = [["", "Mine production", "", "Reserves"], ["", "2023", "2024", ""],
             ["Vietnam", "300", "310", "3,500,000"], ["Burma", "43,000", "31,000", "NA"]]  # fmt: skip
    merged = [("SPAN", (1, 0), (2, 0)), ("SPAN", (3, 0), (3, 1)), ("SPAN", (0, 0), (0, 1))]
    assert rows_of(built(ruled(cells, *merged)))[0] == (
        "Vietnam — Mine production › 2023: 300; Mine production › 2024: 310; Reserves: 3,500,000"
    )


@pytest.mark.parametrize("again", [True, False])
def test_a_table_goes_on_over_pages(again: bool) -> None:
    cells = [
        ["Sample", "Nd ppm", "Remark"],
        *[[f"S{n}", str(100 + n), f"remark {n}"] for n in range(90)],
    ]
    table = ruled(cells, ("FONTNAME", (0, 0), (-1, 0), "Helvetica-Bold"))
    table.repeatRows = 1 if again else 0
    document = read(built(Paragraph("Assays", STYLES["Heading2"]), table))
    rows = [b for b in document.blocks if b.kind is BlockKind.TABLE_ROW]
    shown = texts(document, BlockKind.TABLE_ROW)
    assert shown == [f"S{n} — Nd ppm: {100 + n}; Remark: remark {n}" for n in range(90)]
    assert (rows[0].place.page, rows[-1].place.page) == (1, 3)
    assert {row.header for row in rows} == {"Assays Sample | Nd ppm | Remark"}


def _sheet(canvas: Canvas) -> None:
    """Draws a data sheet as the U.S. Geological Survey sets it: no rules, groups by indent, raised marks."""
    size, top = 10, 720.0
    columns = (300, 360, 420, 480)

    def words(
        x: float, y: float, text: str, *, mark: str = "", bold: bool = False, right: bool = False
    ) -> None:
        font = "Times-Bold" if bold else "Times-Roman"
        width = canvas.stringWidth(text, font, size)
        raised = canvas.stringWidth(mark, "Times-Roman", 6.5)
        start = x - width if right else x
        canvas.setFont(font, size)
        canvas.drawString(start, y, text)
        if mark:
            canvas.setFont("Times-Roman", 6.5)
            canvas.drawString(start - raised if right else start + width, y + 3.4, mark)

    words(60, top, "Salient Statistics:", bold=True)
    for x, year in zip(columns, ("2021", "2022", "2023", "2024"), strict=True):
        words(x, top, year, right=True, bold=True)
    canvas.setFont("Times-Roman", 6.5)
    canvas.drawString(columns[-1], top + 3.4, "e")
    rows = (
        (60, "Production:", "e", ()), (68, "Mineral concentrates", "2", ("42,400", "42,500", "41,600", "45,000")),
        (68, "Compounds and metals", "", ("120", "95", "250", "1,300")), (60, "Imports:", "e, 4", ()),
        (68, "Compounds", "", ("7,690", "10,700", "8,920", "8,000")), (68, "Metals:", "", ()),
        (76, "Ferrocerium, alloys", "", ("330", "395", "259", "220")),
        (76, "Rare-earth metals, scandium, and yttrium", "", ("580", "487", "476", "90")), (60, "Exports:", "", ()),
        (68, "Metals:", "", ()), (76, "Ferrocerium, alloys", "", ("825", "1,520", "—", "1,100")),
        (60, "Consumption, apparent", "5", ("7,900", "NA", "10,100", "W")),
    )  # fmt: skip
    for line, (x, label, mark, cells) in enumerate(rows, start=1):
        words(x, top - 11 * line, label, mark=mark)
        for right, cell in zip(columns, cells, strict=False):
            words(right, top - 11 * line, cell, right=True)
    words(60, 560, "World Mine Production and Reserves:", bold=True)
    words(230, 560, "Reserves for Russia and Vietnam were revised on company reports.")
    words(262, 540, "Mine production", bold=True, mark="e")
    words(432, 540, "Reserves", bold=True, mark="11")
    for x, year in ((300, "2023"), (360, "2024")):
        words(x, 529, year, right=True, bold=True)
    world = (("United States", "", "41,600", "", "45,000", "", "1,900,000"), ("Burma", "12", "43,000", "12", "31,000", "", "NA"),
             ("Australia", "12", "16,000", "12", "13,000", "13", "5,700,000"), ("Canada", "", "—", "", "—", "", "830,000"),
             ("Vietnam", "12", "300", "12", "300", "", "3,500,000"))  # fmt: skip
    for line, row in enumerate(world, start=1):
        words(60, 529 - 11 * line, row[0])
        for right, mark, cell in zip((300, 360, 480), row[1::2], row[2::2], strict=True):
            words(right, 529 - 11 * line, cell, mark=mark, right=True)
    notes = (("e", "Estimated. NA Not available. W Withheld. — Zero."), ("2", "Excludes monazite concentrates."),
             ("12", "Estimated based on reported import data for China."), ("13", "Reserves by code were 3.3 million tons."))  # fmt: skip
    for line, (mark, note) in enumerate(notes):
        canvas.setFont("Times-Roman", 5.5)
        canvas.drawString(60, 200 - 11 * line + 2.6, mark)
        canvas.setFont("Times-Roman", 8)
        canvas.drawString(60 + canvas.stringWidth(mark, "Times-Roman", 5.5), 200 - 11 * line, note)


SHEET = (
    "Production (note e) › Mineral concentrates (note 2) — 2021: 42,400; 2022: 42,500; 2023: 41,600; 2024 (note e): 45,000",
    "Production (note e) › Compounds and metals — 2021: 120; 2022: 95; 2023: 250; 2024 (note e): 1,300",
    "Imports (note e, 4) › Compounds — 2021: 7,690; 2022: 10,700; 2023: 8,920; 2024 (note e): 8,000",
    "Imports (note e, 4) › Metals › Ferrocerium, alloys — 2021: 330; 2022: 395; 2023: 259; 2024 (note e): 220",
    "Imports (note e, 4) › Metals › Rare-earth metals, scandium, and yttrium — 2021: 580; 2022: 487; 2023: 476; 2024 (note e): 90",
    "Exports › Metals › Ferrocerium, alloys — 2021: 825; 2022: 1,520; 2023: — (Zero); 2024 (note e): 1,100",
    "Consumption, apparent (note 5) — 2021: 7,900; 2022: NA (Not available); 2023: 10,100; 2024 (note e): W (Withheld)",
    "United States — Mine production (note e) › 2023: 41,600; Mine production (note e) › 2024: 45,000; Reserves (note 11): 1,900,000",
    ("Burma — Mine production (note e) › 2023: 43,000 (note 12); Mine production (note e) › 2024: 31,000 (note 12); "
    "Reserves (note 11): NA (Not available)"),
    ("Australia — Mine production (note e) › 2023: 16,000 (note 12); Mine production (note e) › 2024: 13,000 (note 12); "
    "Reserves (note 11): 5,700,000 (note 13)"),
    "Canada — Mine production (note e) › 2023: — (Zero); Mine production (note e) › 2024: — (Zero); Reserves (note 11): 830,000",
    ("Vietnam — Mine production (note e) › 2023: 300 (note 12); Mine production (note e) › 2024: 300 (note 12); "
    "Reserves (note 11): 3,500,000"),
)  # fmt: skip


def test_a_data_sheet_without_rules_is_read_cell_by_cell() -> None:
    document = read(pages(_sheet))
    assert tuple(texts(document, BlockKind.TABLE_ROW)) == SHEET
    world = [b for b in document.blocks if b.kind is BlockKind.TABLE_ROW][-1]
    assert world.header.startswith("World Mine Production and Reserves ")
    assert world.place.row == "Vietnam"
    assert "Note 12: Estimated based on reported import data for China." in texts(document)


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_table_on_a_turned_page_is_read_as_it_is_seen(turn: int) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setPageRotation(turn)
        canvas.translate(*{90: (0, 0), 180: (595, 842), 270: (0, 0)}[turn])
        canvas.rotate(turn)
        canvas.translate(*{90: (0, -595), 180: (0, 0), 270: (-842, 0)}[turn])
        canvas.scale(0.8, 0.8)
        _sheet(canvas)

    assert tuple(texts(read(pages(draw)), BlockKind.TABLE_ROW)) == SHEET


def test_a_table_inside_one_of_two_columns_keeps_both_columns_apart() -> None:
    left = ["The left column tells of the mine", "at Vikna, which opened in 1972", "and closed in 1998 after the",
            "price had fallen to a low.", "Table 1. Output", "Year", "2021", "2022", "After the table the text of the",
            "left column goes on for a while", "and ends here in the end."]  # fmt: skip
    right = ["The right column tells of the mill", "at Vikna, which treats 400 tonnes", "of ore a day and employs ninety",
             "people now, of whom forty are", "women and eleven apprentices in", "the first year of their training,",
             "and it sells what it makes to the", "works in Narva, which has agreed", "to pay a yearly fee for that, as",
             "was told in the report of 2022", "that the board has signed."]  # fmt: skip
    figures = {5: ("Tonnes", "Staff"), 6: ("1,200", "90"), 7: ("1,400", "95")}

    def draw(canvas: Canvas) -> None:
        lines(left, y=700, size=10, leading=13)(canvas)
        lines(right, x=320, y=700, size=10, leading=13)(canvas)
        for row, cells in figures.items():
            for x, cell in zip((200, 260), cells, strict=True):
                canvas.drawRightString(x, 700 - 13 * row, cell)

    found = texts(read(pages(draw)))
    assert "2022 — Tonnes: 1,400; Staff: 95" in found
    assert " ".join(left[8:]) in found
    assert found[-1] == " ".join(right)


def test_names_and_what_they_are_have_no_heading_above_them() -> None:
    pairs = [["Issued", "12 May 2024"], ["Valid until", "June 2036"], ["Holder", "Leka AS"]]
    told = ["Issued — 12 May 2024", "Valid until — June 2036", "Holder — Leka AS"]
    assert rows_of(built(ruled(pairs))) == rows_of(built(Table(pairs, colWidths=120))) == told


def test_rows_that_only_name_a_group_name_the_rows_under_them() -> None:
    cells = [
        ["Item", "2023", "2024"],
        ["Imports", "", ""],
        ["Metals", "1", "2"],
        ["Exports", "", ""],
        ["Metals", "5", "6"],
    ]
    merged = [("SPAN", (0, row), (2, row)) for row in (1, 3)]
    assert rows_of(built(ruled(cells, *merged))) == [
        "Imports › Metals — 2023: 1; 2024: 2",
        "Exports › Metals — 2023: 5; 2024: 6",
    ]


def test_a_page_of_nothing_but_repeated_lines_keeps_them() -> None:
    document = read(
        pages(*[lines(["Total of the year", str(number)], y=800) for number in (1, 2, 3)])
    )
    assert {block.page for block in document.blocks} == {1, 2, 3}


# What cannot be read.


def locked(user: str) -> bytes:
    """Returns a file that asks for the password `user`, by RC4: the AES of pypdf wants a library more."""
    target = io.BytesIO()
    canvas = Canvas(
        target, encrypt=StandardEncryption(user, "owner", canPrint=0, strength=128), invariant=1
    )
    lines(["The Aukra mill treats 410 tonnes of ore a day."])(canvas)
    canvas.save()
    return target.getvalue()


@pytest.mark.parametrize("kind", ["RC4-128", "AES-128", "AES-256"])
def test_files_that_only_forbid_printing_are_read(kind: str) -> None:
    data = (
        locked("")
        if kind == "RC4-128"
        else (FILES / f"print-protected-{kind.lower()}.pdf").read_bytes()
    )
    assert texts(read(data)) == ["The Aukra mill treats 410 tonnes of ore a day."]


def test_a_file_that_asks_for_a_password_is_named() -> None:
    with pytest.raises(LoadError, match="password; add a version without one"):
        read(locked("secret"))


def test_pages_without_text_beside_pages_with_text_are_told() -> None:
    from PIL import Image

    def picture(canvas: Canvas) -> None:
        canvas.drawInlineImage(Image.new("RGB", (80, 100), "grey"), 0, 0, 595, 842)

    cover = lines(["Environmental permit of the Tingvoll pit."])
    document = read(pages(cover, picture, picture, cover, picture, lambda _: None))
    loss = next(loss for loss in document.losses if loss.what == "pages without text")
    assert (loss.count, loss.where, loss.why) == (
        3,
        "pages 2 to 3, 5 of 6",
        "OCR is off: set MONAZITE_OCR",
    )
