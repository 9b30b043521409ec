import pytest

from retrieval.search.query_terms import QueryTerm, QueryTermReader, coverage
from retrieval.text.glossary import load_glossary
from retrieval.text.terms import stems


def read(question: str) -> dict[str, QueryTerm]:
    reader = QueryTermReader(load_glossary(), lambda _stem: 1, lambda: 100)
    return {query_term.term: query_term for query_term in reader.read(question)}


def test_stop_words_are_no_concepts() -> None:
    assert list(read("What is the price of it?")) == ["price"]


@pytest.mark.parametrize("text", ["Dy rose", "dysprosium rose"])
def test_any_name_of_an_element_covers_it(text: str) -> None:
    query_term = read("Did Dy rise?")["dysprosium"]
    assert query_term.covered_by(set(stems(text)))


@pytest.mark.parametrize(
    ("question", "binding"),
    [
        ("What did Karrabin earn in 2023?", {"karrabin", "2023"}),
        ("What is the three bases policy?", {"three"}),
        ("Who signs for three million euros?", set()),
        ("How much holmium is needed in June?", {"holmium", "june"}),
        ("How are magnets made?", set()),
    ],
)
def test_names_elements_dates_and_counts_are_binding(question: str, binding: set[str]) -> None:
    assert {term for term, query_term in read(question).items() if query_term.binding} == binding


def test_coverage_weighs_rare_words_more() -> None:
    common = QueryTerm("mine", (frozenset({"mine"}),), 1.0)
    rare = QueryTerm("kiln", (frozenset({"kiln"}),), 3.0)
    assert coverage([common, rare], {"kiln"}) == pytest.approx(0.75)
    assert coverage([], {"kiln"}) == 0.0


@pytest.mark.parametrize("text", ["Report for the first quarter of 2023", "Results, Q1 2023"])
def test_a_quarter_is_covered_by_any_name_of_it(text: str) -> None:
    query_term = read("What was the output in Q1 2023?")["first quarter of 2023"]
    assert (query_term.binding, query_term.period) == (True, True)
    assert query_term.covered_by(set(stems(text)))


def test_chinese_is_read_in_pairs_of_characters_without_its_question_words() -> None:
    assert set(read("开采多少钇？")) == {"开采", "yttrium"}
    assert read("含钍废渣")["thorium"].covered_by(set(stems("废渣含钍量")))
