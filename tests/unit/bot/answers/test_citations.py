from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answers.citations import Claim, Quote, find_folded, verify
from retrieval.domain.passages import Passage, Sentence
from retrieval.domain.places import Place
from retrieval.domain.records import StoredPassage

TEXT = "The pit\nis  deep. It cost 1.5 tonnes of gold; 15 tonnes in all. The end."


@dataclass
class StoredText:
    """Stands in for the catalog: one version, one text."""

    text: str

    def excerpt(self, version_id: str, start: int, end: int) -> str | None:
        return self.text[start:end] if version_id == "v" else None


def stored(start: int = 0, end: int = len(TEXT), version: str = "v") -> StoredPassage:
    passage = Passage(0, start, end, TEXT[start:end])
    return StoredPassage(f"{version}-0", version, "a.txt", "A", "2024", passage)


def claim(statement: str, quote: str, passage: StoredPassage) -> Claim:
    return Claim(statement, (Quote(quote, passage),))


def check(*claims: Claim) -> list[tuple[int, str]]:
    found = verify(claims, StoredText(TEXT))
    return [(cited.source.number, cited.source.quote) for cited in found]


def test_a_quote_is_found_whatever_its_white_space_and_given_back_verbatim() -> None:
    assert check(claim("s", "The pit is deep.", stored())) == [(1, "The pit\nis  deep.")]


@pytest.mark.parametrize(
    "quote",
    [
        "The pit is shallow.",
        "",
        "  ",
        "pit deep",
        "5 tonnes of gold",
        "15 tonnes of",
        "he end",
        "5 tonnes in",
    ],
)
def test_a_quote_that_does_not_stand_there_is_dropped(quote: str) -> None:
    assert check(claim("s", quote, stored())) == []


def test_a_quote_outside_its_own_passage_is_dropped() -> None:
    assert check(claim("s", "The end.", stored(end=20))) == []


def test_a_claim_on_a_version_that_is_gone_is_dropped() -> None:
    assert check(claim("s", "The end.", stored(version="gone"))) == []


def test_numbers_run_without_gaps_and_a_quote_keeps_its_number() -> None:
    claims = [claim("a", "The end.", stored()), claim("b", "no", stored()),
              claim("c", "It cost", stored()), claim("d", "The end.", stored())]  # fmt: skip
    assert [number for number, _ in check(*claims)] == [1, 2, 1]


def test_a_statement_with_two_quotes_has_two_citations_or_none() -> None:
    both = Claim("a", (Quote("The end.", stored()), Quote("It cost", stored())))
    half = Claim("b", (Quote("It cost", stored()), Quote("no such words", stored())))
    (cited,) = verify([half, both], StoredText(TEXT))
    assert [(one.number, one.quote) for one in cited.citations] == [(1, "The end."), (2, "It cost")]


@given(st.text(min_size=1, max_size=60), st.data())
def test_whatever_is_cited_stands_at_its_offsets(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    passage = StoredPassage("v-0", "v", "a", "A", None, Passage(0, start, end, text[start:end]))
    quote = data.draw(st.one_of(st.just(text[start:end]), st.text(max_size=10)))
    for cited in verify([claim("s", quote, passage)], StoredText(text)):
        citation = cited.source
        assert start <= citation.start < citation.end <= end
        assert text[citation.start : citation.end] == citation.quote
        assert citation.quote.split() == quote.split()


@given(
    st.lists(st.sampled_from(["ore", "12", "3.5", "稀土", "(a)", "end."]), min_size=1, max_size=8)
)
def test_any_run_of_whole_words_is_found(words: list[str]) -> None:
    assert find_folded("  ".join(words), "start " + "\n".join(words) + " stop") is not None


def test_quotation_marks_and_dashes_of_any_kind_are_one() -> None:
    text = "It’s the “two bases” policy — since 2019–2020."
    start, end = find_folded('the "two bases" policy - since 2019-2020', text) or (0, 0)
    assert text[start:end] == "the “two bases” policy — since 2019–2020"


def test_a_citation_names_the_place_of_its_quote() -> None:
    # Sentences of lines 3 and 4; the second one goes on.
    spans = (
        Sentence(0, 18, 0, Place(first_line=3, last_line=4)),
        Sentence(19, len(TEXT), 0, Place(first_line=4, last_line=4)),
    )
    passage = replace(stored(), passage=Passage(0, 0, len(TEXT), TEXT, sentences=spans))
    claims = [
        claim("a", "pit", passage), claim("b", "deep.", passage), claim("c", "The end.", passage),
        claim("d", "is deep. It cost", passage), claim("e", "pit is", passage),
    ]  # fmt: skip
    cited = verify(claims, StoredText(TEXT))
    told = [one.source.place for one in cited]
    assert told == ["line 3", "line 4", "line 4", "line 4", "lines 3–4"]
