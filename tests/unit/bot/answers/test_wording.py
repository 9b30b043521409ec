import pytest

from bot.answers.wording import passage_place, place_of, readable_date, readable_quote
from retrieval.domain.passages import Passage, Sentence
from retrieval.domain.places import Place
from retrieval.domain.records import StoredPassage


@pytest.mark.parametrize(
    ("iso", "words"),
    [("2024", "2024"), ("2024-12", "December 2024"), ("2024-12-03", "3 December 2024")],
)
def test_dates_are_worded_as_precisely_as_they_are_known(iso: str, words: str) -> None:
    assert readable_date(iso) == words


def test_lines_of_prose_are_joined_and_items_of_a_list_are_not() -> None:
    assert readable_quote("Two\nthings:\n- one\n  more\n- two") == "Two things:\n- one more\n- two"


@pytest.mark.parametrize(
    ("document", "page", "place", "words"),
    [
        ("a.pdf", 4, "page 4 (printed 2), row Vietnam", "page 4 (printed 2), row Vietnam"),
        ("a.pdf", 4, "", "page 4"), ("a.pptx", 3, "", "slide 3"), ("a.xlsx", 2, "", "sheet 2"),
        ("a.txt", None, "line 14", "line 14"), ("a.txt", None, "", ""),
    ],
)  # fmt: skip
def test_a_place_is_told_or_the_page_alone_where_no_more_is_known(
    document: str, page: int | None, place: str, words: str
) -> None:
    assert place_of(document, page, place) == words


def test_a_passage_reaches_from_its_first_place_to_its_last() -> None:
    spans = tuple(
        Sentence(9 * at, 9 * at + 8, at, Place(sheet="Sales", cells=f"A{at}:F{at}"))
        for at in range(3)
    )
    passage = Passage(0, 0, 26, "Oslo: 50\n" * 2 + "Oslo: 50", sentences=spans)
    stored = StoredPassage("v-0", "v", "a.xlsx", "A", None, passage)
    assert passage_place(stored) == "sheet Sales, A0:F2"
