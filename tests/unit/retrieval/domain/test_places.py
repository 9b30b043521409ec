"""Where something stands, as people are told it."""

from retrieval.domain.documents import Block, BlockKind, Document
from retrieval.domain.passages import Sentence, labelled
from retrieval.domain.places import Place, Region, bounded, place_of, spanning
from retrieval.splitting.splitter import Splitter
from tests.unit.retrieval.splitting.test_splitter import Words


def test_a_place_comes_back_as_it_was_stored_and_what_is_not_known_of_it_is_passed_over() -> None:
    place = Place(page=12, page_label="4", row="Vietnam")
    assert place_of(place.as_json()) == place
    assert place_of({**place.as_json(), "paragraph": 3}) == place


def test_a_part_of_a_text_stands_in_its_own_lines() -> None:
    region = Region(Place(first_line=10, last_line=12), "One two.\nThree four.\nFive.")
    assert str(region.part(0, 3)) == "line 10"
    assert str(region.part(9, 14)) == "line 11"
    assert str(region.part(4, 24)) == "lines 10–12"


def test_lines_are_left_as_they_are_where_the_text_is_not_that_of_the_file() -> None:
    region = Region(Place(first_line=10, last_line=12), "One two. Three four. Five.")
    assert str(region.part(0, 3)) == "lines 10–12"


def test_a_region_finds_its_lines_in_one_pass() -> None:
    text = "A line.\n" * 200_000 + "The end."
    region = Region(Place(first_line=1, last_line=200_001), text)
    assert all(region.part(at * 8, at * 8 + 4).first_line == at + 1 for at in range(200_000))


def test_places_of_several_rows_become_a_range() -> None:
    first = Place(sheet="Sales", cells="A4:F4", row="Oslo")
    last = Place(sheet="Sales", cells="A6:F6", row="Bergen")
    assert str(spanning([first, last])) == "sheet Sales, A4:F6, row Oslo to Bergen"
    assert str(spanning([first, Place(sheet="Costs", cells="A1:B1", row="Oslo")])) == (
        "sheet Sales, row Oslo"
    )


def test_places_of_several_lines_become_a_range() -> None:
    assert str(spanning([Place(first_line=3, last_line=3), Place(first_line=5, last_line=6)])) == (
        "lines 3–6"
    )


def test_a_passage_says_of_each_sentence_where_it_stands() -> None:
    text = "The kiln is old.\nIt was built in 1931. It burns\ngas today."
    place = Place(first_line=7, last_line=9)
    block = Block(BlockKind.PARAGRAPH, 0, len(text), place=place)
    document = Document("a.txt", "txt", text, "A", None, (block,))
    (passage,) = Splitter(Words(), 100).split(document)
    told = [str(one.place) for one in passage.sentences]
    assert told == ["line 7", "line 8", "lines 8–9"]
    today = text.index("gas")
    assert str(passage.place(today, today + 3)) == "line 9"
    assert str(passage.place(0, len(text))) == "lines 7–9"


def test_a_loader_that_knows_pages_alone_still_gives_places() -> None:
    for kind, words in (("pdf", "page 3"), ("pptx", "slide 3"), ("xlsx", "sheet 3")):
        block = Block(BlockKind.PARAGRAPH, 0, 10, page=3)
        document = Document(f"a.{kind}", kind, "Some text.", "A", None, (block,))
        (passage,) = Splitter(Words(), 100).split(document)
        assert str(passage.place(0, 10)) == words


def test_a_place_without_end_or_measure_is_bounded() -> None:
    place = Place(page=-1, slide=10**30, first_line=0, last_line=7, sheet="s" * 9999, row="Oslo")
    found = bounded(place)
    assert (found.page, found.slide, found.first_line, found.last_line) == (None, None, None, 7)
    assert (len(found.sheet), found.row) == (300, "Oslo")
    assert bounded(found) is found


def test_a_label_that_was_cut_is_known_again_in_its_row() -> None:
    text = "long " * 100 + "— Tonnes: 5"
    place = bounded(Place(row="long " * 100))
    assert labelled(Sentence(0, len(text), 0, place), text) == text
    assert labelled(Sentence(0, 9, 0, place), "Tonnes: 5").startswith("long long")
