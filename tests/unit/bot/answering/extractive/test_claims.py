"""What a statement says of a table's row."""

from bot.answering.extractive.claims import claims_of
from bot.answering.extractive.selection import Extract, Extraction
from retrieval.domain.passages import Passage, Sentence
from retrieval.domain.places import Place
from retrieval.domain.records import StoredPassage


def test_the_middle_of_a_wide_row_is_told_with_the_rows_label() -> None:
    text = "Nissedal west — Yttrium: 5; Terbium: 7"
    cut = text.index("Terbium")
    place = Place(sheet="Assays", row="Nissedal west")
    spans = (Sentence(0, cut - 2, 0, place), Sentence(cut, len(text), 0, place))
    passage = Passage(0, 0, len(text), text, header="Hole | Yttrium | Terbium", sentences=spans)
    stored = StoredPassage("v-0", "v", "a.xlsx", "A", None, passage)
    told = [
        claims_of(Extraction((Extract(stored, index, index, 1.0),)))[0].statement
        for index in (0, 1)
    ]
    assert told == ["Nissedal west — Yttrium: 5", "Nissedal west — Terbium: 7"]
