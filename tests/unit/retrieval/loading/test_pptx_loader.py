"""Slides that the tests make: order, titles, soft breaks, charts, groups, notes, hidden slides."""

import copy
import io
from typing import Any

import pytest
from lxml import etree
from pptx import Presentation
from pptx.chart.data import CategoryChartData, XyChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches, Pt

from retrieval.domain.documents import BlockKind, Document
from retrieval.loading.registry import load_document

A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_BOX = (Inches(1), Inches(3), Inches(4), Inches(1))


def saved(deck: Any) -> Document:
    file = io.BytesIO()
    deck.save(file)
    return load_document(file.getvalue(), "deck.pptx")


def blank(deck: Any) -> Any:
    return deck.slides.add_slide(deck.slide_layouts[6])


def titled(deck: Any, title: str) -> Any:
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = title
    return slide


def box(slide: Any, text: str, top: float = 3) -> Any:
    shape = slide.shapes.add_textbox(Inches(1), Inches(top), Inches(4), Inches(1))
    shape.text_frame.text = text
    return shape


def words_of(document: Document, kind: BlockKind) -> list[str]:
    return [document.text[b.start : b.end] for b in document.blocks if b.kind is kind]


def xml(inside: str) -> Any:
    return etree.fromstring(f'<a:p xmlns:a="{A}">{inside}</a:p>')


@pytest.mark.parametrize(
    "inside",
    [
        "<a:r><a:t>terbium</a:t></a:r><a:br/><a:r><a:t>812 dollars</a:t></a:r>",
        "<a:r><a:t>terbium</a:t></a:r><a:br><a:rPr/></a:br><a:r><a:t>812 dollars</a:t></a:r>",
        (
            '<a:r><a:t>terbium </a:t></a:r><a:fld id="{1}" type="x"><a:t>812</a:t></a:fld>'
            "<a:r><a:t> dollars</a:t></a:r>"
        ),
        "<a:r><a:t>terbium\v812 dollars</a:t></a:r>".replace("\v", "&#10;"),
    ],
)
@pytest.mark.parametrize("where", ["box", "cell", "title", "notes"])
def test_soft_breaks_and_fields_glue_no_words(inside: str, where: str) -> None:
    deck = Presentation()
    slide = titled(deck, "Prices")
    if where == "cell":
        table = slide.shapes.add_table(2, 2, *_BOX).table
        table.cell(0, 0).text, table.cell(0, 1).text = "What", "Price"
        table.cell(1, 0).text = "Oxide"
        body = table.cell(1, 1)._tc.txBody
    elif where == "title":
        body = slide.shapes.title._element.txBody
    elif where == "notes":
        body = slide.notes_slide.notes_text_frame._txBody
    else:
        body = box(slide, "")._element.txBody
    body.append(xml(inside))
    assert "terbium 812 dollars" in saved(deck).text


def test_an_untitled_slide_stands_under_no_other_slides_title() -> None:
    from retrieval.splitting.splitter import Splitter

    class Words:
        max_tokens, special_tokens = 256, 2

        def count(self, texts: list[str]) -> list[int]:
            return [len(text.split()) for text in texts]

    deck = Presentation()
    box(titled(deck, "Rare earth projects"), "An overview of all of them.")
    box(titled(deck, "Vietnam: Dong Lam"), "The licence was granted in 2014.")
    box(blank(deck), "The licence of Serrano was granted in 2021.")
    deck.slides.add_slide(deck.slide_layouts[1]).placeholders[1].text = "Burma has none."
    passages = Splitter(Words()).split(saved(deck))  # type: ignore[arg-type]
    sections = {passage.text: passage.section for passage in passages}
    assert sections["The licence was granted in 2014."] == "Vietnam: Dong Lam"
    assert sections["The licence of Serrano was granted in 2021."] == ""
    assert sections["Burma has none."] == ""


def test_a_line_in_large_letters_at_the_top_titles_a_slide_without_title() -> None:
    deck = Presentation()
    slide = blank(deck)
    box(slide, "The licence was granted in 2021.", 3).text_frame.paragraphs[0].runs[
        0
    ].font.size = Pt(14)
    box(slide, "Brazil: Serrano", 1).text_frame.paragraphs[0].runs[0].font.size = Pt(36)
    document = saved(deck)
    assert words_of(document, BlockKind.HEADING) == ["Brazil: Serrano"]
    assert document.text.count("Brazil: Serrano") == 1


@pytest.mark.parametrize("many", [1, 3])
def test_shapes_that_share_an_id_with_the_title_are_read(many: int) -> None:
    deck = Presentation()
    slide = titled(deck, "Holmen mill")
    for number in range(many):
        shape = box(slide, f"Recovery {number} reached 83 percent.", 2 + number)
        shape._element.nvSpPr.cNvPr.set("id", str(slide.shapes.title.shape_id))
    text = saved(deck).text
    assert all(f"Recovery {number} reached" in text for number in range(many))


def test_two_titles_are_both_read() -> None:
    deck = Presentation()
    slide = titled(deck, "First")
    second = copy.deepcopy(slide.shapes.title._element)
    second.txBody.p_lst[0].r_lst[0].text = "Second"
    slide.shapes._spTree.append(second)
    assert {"First", "Second"} <= set(saved(deck).text.split())


def test_a_chart_is_a_table_of_its_values_as_they_are_shown() -> None:
    deck = Presentation()
    data = CategoryChartData(number_format="0.0%")
    data.categories = ["Nd", "Ce"]
    data.add_series("2023", (0.255, 0.1))
    data.add_series("2024", (0.3, None))
    chart = (
        titled(deck, "Recovery").shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *_BOX, data).chart
    )
    chart.has_title, chart.chart_title.text_frame.text = True, "Recovery by element"
    points = XyChartData()
    series = points.add_series("Grade")
    series.add_data_point(1.5, 3.25)
    titled(deck, "Grades").shapes.add_chart(XL_CHART_TYPE.XY_SCATTER, *_BOX, points)
    document = saved(deck)
    assert words_of(document, BlockKind.TABLE_ROW) == [
        "Nd — 2023: 25.5%; 2024: 30.0%", "Ce — 2023: 10.0%", "1.5 — Grade: 3.25",
    ]  # fmt: skip
    assert "Chart: Recovery by element" in document.text


def test_a_table_with_merged_cells_names_every_value() -> None:
    deck = Presentation()
    table = titled(deck, "Output").shapes.add_table(4, 3, *_BOX).table
    rows = [["Mine", "2023", ""], ["", "La", "Nd"], ["Solberg", "10", "20"], ["", "11", "21"]]
    for line, row in enumerate(rows):
        for column, text in enumerate(row):
            table.cell(line, column).text = text
    table.cell(0, 1).merge(table.cell(0, 2))
    table.cell(0, 0).merge(table.cell(1, 0))
    table.cell(2, 0).merge(table.cell(3, 0))
    document = saved(deck)
    assert words_of(document, BlockKind.TABLE_ROW) == [
        "Solberg — 2023 › La: 10; 2023 › Nd: 20", "Solberg — 2023 › La: 11; 2023 › Nd: 21",
    ]  # fmt: skip
    assert next(str(b.place) for b in document.blocks if b.header) == "slide 1, row Solberg"


def test_groups_notes_and_hidden_slides_are_read_and_told() -> None:
    deck = Presentation()
    slide = titled(deck, "Plan")
    group = slide.shapes.add_group_shape()
    inner = group.shapes.add_group_shape().shapes.add_textbox(*_BOX)
    inner.text_frame.text = "Deep in two groups."
    slide.notes_slide.notes_text_frame.text = "Say it slowly."
    slide._element.set("show", "0")
    document = saved(deck)
    assert "Deep in two groups." in document.text
    notes = next(b for b in document.blocks if document.text[b.start : b.end] == "Say it slowly.")
    assert (notes.place.part, notes.place.slide) == ("notes", 1)
    assert [loss.what for loss in document.losses] == ["hidden slide"]


def test_a_raised_mark_is_no_digit_of_the_number() -> None:
    deck = Presentation()
    slide = titled(deck, "Output")
    frame = box(slide, "").text_frame
    for text, raised in (
        ("It made 12,300", False),
        ("1", True),
        (" tonnes on 4 km", False),
        ("2", True),
    ):
        run = frame.paragraphs[0].add_run()
        run.text = text
        if raised:
            run._r.get_or_add_rPr().set("baseline", "30000")
    assert "It made 12,300 (note 1) tonnes on 4 km²" in saved(deck).text


def test_shapes_are_read_from_top_to_bottom() -> None:
    deck = Presentation()
    slide = titled(deck, "Order")
    for top, text in ((5, "Third."), (3, "First."), (4, "Second.")):
        box(slide, text, top)
    assert words_of(saved(deck), BlockKind.PARAGRAPH) == ["First.", "Second.", "Third."]


def test_every_text_run_of_the_file_is_in_the_text_or_told_of() -> None:
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = "One"
    slide.placeholders[1].text = "two\nthree"
    box(slide, "four", 6)
    slide.shapes.add_table(1, 2, *_BOX).table.cell(0, 1).text = "five"
    file = io.BytesIO()
    deck.save(file)
    text = load_document(file.getvalue(), "a.pptx").text
    runs = [t.text for s in deck.slides for t in s._element.iter(f"{{{A}}}t") if t.text]
    assert len(runs) == 5
    assert all(run in text for run in runs)
