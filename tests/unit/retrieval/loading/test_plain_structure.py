import pytest

from retrieval.domain.documents import BlockKind
from retrieval.loading.plain_structure import plain_blocks


def kinds(text: str) -> list[tuple[str, str]]:
    return [(b.kind.value, text[b.start : b.end]) for b in plain_blocks(text) if b.end > b.start]


def test_a_short_line_between_paragraphs_is_a_heading() -> None:
    text = "Water rights\n\nThe mine drew water from the aquifer all year long.\n"
    assert kinds(text)[0] == ("heading", "Water rights")


def test_wrapped_lines_make_one_paragraph() -> None:
    text = (
        "The mine is in the north of the\ncountry and produces light rare\nearths for the world.\n"
    )
    assert [kind for kind, _ in kinds(text)] == ["paragraph"]


def test_bullets_are_list_items() -> None:
    text = "It makes two things:\n- oxide\n- metal\n"
    assert kinds(text)[1:] == [("list_item", "- oxide"), ("list_item", "- metal")]


@pytest.mark.parametrize(
    "line",
    [
        "Share this article", "You Might Also Like…", "500 shares", "10 min", "Tags: cerium, kiln",
        "Home / Safety", "450", "Daniel", "Next meeting Tuesday", "Page 3 of 4", "Print",
    ],
)  # fmt: skip
def test_no_line_of_a_text_is_left_out(line: str) -> None:
    text = f"The plant opened in May and runs well.\n\n{line}\n\nIt makes oxide.\n\n{line}\n"
    blocks = kinds(text)
    assert [words for _, words in blocks].count(line) == 2
    assert "residue" not in {kind for kind, _ in blocks}


@pytest.mark.parametrize(
    "text",
    [
        "The company bought, by June 28, 2023, 2.2\nmillion shares. As of January 28, 2023, $1.1\nbillion remained of the programme.\n",
        "Sales of the three mines were, in millions of dollars, 210 215 230\nand so they grew in each of the years that the report is about.\n",
        "It ran in the years 2021 2022 2023\nand was sold to a bank that had lent it the money.\n",
        "It grew in 2023.  It was hot.  It rained.\nThe mine closed.  The mill ran.  It is still open.\n",
    ],
)
def test_prose_that_ends_in_figures_is_no_row(text: str) -> None:
    assert {kind for kind, _ in kinds(text)} == {"paragraph"}


def test_rows_that_end_in_figures_stand_beside_each_other() -> None:
    text = "Burma 12,000 38,000 43,000\nUnited States 42,000 43,000 45,000\n"
    assert [kind for kind, _ in kinds(text)] == ["table_row", "table_row"]


def test_each_block_knows_its_lines() -> None:
    text = "A title\n\nOne line\nand another.\r\n\r\nThe end of it.\rMore.\n"
    places = [(b.place.first_line, b.place.last_line) for b in plain_blocks(text)]
    assert places == [(1, 1), (3, 4), (6, 7)]


def test_a_row_of_a_table_knows_the_names_of_its_columns() -> None:
    text = "Prices\n\nElement | Price | Change\nCerium | 1 | 0\nTerbium | 810 | -38\n"
    rows = [block for block in plain_blocks(text) if block.kind is BlockKind.TABLE_ROW]
    assert [row.header for row in rows[1:]] == ["Element | Price | Change"] * 2


def test_a_list_of_highlights_does_not_head_the_article_below_it() -> None:
    article = "The article itself begins here and goes on in one long line. " * 4
    text = f"Highlights\n- One thing happened.\n- Another happened.\n{article}\n{article}\n"
    blocks = plain_blocks(text)
    ends = [b for b in blocks if b.kind is BlockKind.HEADING and b.start == b.end]
    assert len(ends) == 1
    assert ends[0].start == text.index("The article")
