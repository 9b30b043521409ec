from retrieval.documents import BlockKind
from retrieval.plain_structure import plain_blocks


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


def test_share_links_and_teasers_are_residue() -> None:
    text = (
        "The plant opened in May and runs well.\n\nShare this article\nFacebook | Twitter\n"
        "You Might Also Like…\nLithium tumbles\nFive graphite stocks\n"
    )
    assert {kind for kind, _ in kinds(text)[1:]} == {"residue"}


def test_a_row_of_a_table_knows_the_names_of_its_columns() -> None:
    text = "Prices\n\nElement | Price | Change\nCerium | 1 | 0\nTerbium | 810 | -38\n"
    rows = [block for block in plain_blocks(text) if block.kind is BlockKind.TABLE_ROW]
    assert [row.header for row in rows[1:]] == ["Element | Price | Change"] * 2


def test_a_name_that_signs_the_article_off_is_residue() -> None:
    text = "First paragraph of the text.\n\nSecond paragraph of the text.\n\nDaniel\n"
    assert kinds(text)[-1] == ("residue", "Daniel")


def test_a_list_of_highlights_does_not_head_the_article_below_it() -> None:
    article = "The article itself begins here and goes on in one long line. " * 4
    text = f"Highlights\n- One thing happened.\n- Another happened.\n{article}\n{article}\n"
    blocks = plain_blocks(text)
    ends = [b for b in blocks if b.kind is BlockKind.HEADING and b.start == b.end]
    assert len(ends) == 1
    assert ends[0].start == text.index("The article")
