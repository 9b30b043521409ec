from pathlib import Path

import pytest

from bot.answering.answerer import Inquiry
from bot.answers.answer import Answer
from bot.wiring.installation import Installation
from retrieval.loading.registry import load_document
from tests.conftest import MakeAssembly


@pytest.fixture(scope="module")
def seeded(
    make_shared: MakeAssembly, seeds: Path, tmp_path_factory: pytest.TempPathFactory
) -> Installation:
    installation = make_shared(tmp_path_factory.mktemp("seeded"))
    installation.indexer.index([seeds])
    return installation


def assert_verbatim(answer: Answer, folder: Path) -> None:
    for citation in (*answer.citations, *answer.nearest):
        path = folder / citation.document
        text = load_document(path.read_bytes(), citation.document).text
        assert text[citation.start : citation.end] == citation.quote


@pytest.mark.parametrize("home", ["seeded", "library"])
def test_both_readings_of_the_two_bases_are_shown(
    home: str, request: pytest.FixtureRequest, seeds: Path
) -> None:
    answer = request.getfixturevalue(home).answerer.answer("What is the two bases policy?")
    assert answer.answered
    first, second = (citation.quote for citation in answer.citations)
    assert first.startswith("The two critical rare earth bases in China include the Bayan Obo mine")
    assert second.startswith("China’s “two rare earth bases” policy aims to establish")
    assert answer.text.startswith("The documents give two readings:\n1. ")
    assert "[1] (as of December 2024)" in answer.text
    assert "[2] (as of December 2024)" in answer.text
    assert_verbatim(answer, seeds)


def test_an_answer_states_the_date_of_its_source_and_stays_short(
    library: Installation, corpus: Path
) -> None:
    answer = library.answerer.answer("Who took over from Marguerite Oduya?")
    assert answer.text.startswith("As of 27 February 2024: ")
    assert "Tobias Lindqvist" in answer.text
    assert len(answer.text.split()) <= 130
    assert_verbatim(answer, corpus)


def test_a_pronoun_brings_the_sentence_it_leans_on(seeded: Installation) -> None:
    answer = seeded.answerer.answer("Which output value is targeted for Baotou by 2024?")
    for citation in answer.citations:
        assert not citation.quote.startswith(("This ", "It ", "These "))


def test_different_years_are_shown_side_by_side(library: Installation) -> None:
    answer = library.answerer.answer("How much rare earth oxide did Karrabin produce?")
    assert {citation.document for citation in answer.citations} == {
        "karrabin-review-2022.txt", "karrabin-review-2023.txt",
    }  # fmt: skip
    assert "11,420 tonnes" in answer.text
    assert "12,870 tonnes" in answer.text


@pytest.fixture(scope="module")
def filed(make_shared: MakeAssembly, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Documents of one kind, told apart by what opens them, and decisions that were changed."""
    folder = tmp_path_factory.mktemp("filed")
    for place, fault in (("Kestrel Gap", "burrows of rabbits"), ("Upper Weir", "a torn fence")):
        (folder / f"{place}.txt").write_text(
            f"INSPECTION OF A TAILINGS FACILITY\n\nFacility: {place}\nInspector: I. Demir\n\n"
            f"Findings\nThe inspector noted {fault} in the northern embankment.\n"
        )
    for date, decision in (
        ("2025-01-16", "spend 4.2 million euros on the second calciner"),
        ("2025-04-24", "put the second calciner off by a year"),
    ):
        (folder / f"minutes-{date}.md").write_text(
            f"---\ndate: {date}\n---\n# Minutes of {date}\n\nThe group decided to {decision}.\n"
        )
    (folder / "signing.txt").write_text(
        "Contracts of up to two million euros are signed by the head of purchasing. "
        "Above that, two members of the board sign."
    )
    (folder / "quota.md").write_text("# 稀土开采指标\n\n2025年第一批开采指标是13.5万吨。\n")
    installation = make_shared(tmp_path_factory.mktemp("filed-home"))
    installation.indexer.index([folder])
    return installation


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What did the inspector find at Kestrel Gap?", "burrows of rabbits"),
        ("What did the inspector find at Upper Weir?", "a torn fence"),
        ("What has the group most recently decided on the second calciner?", "off by a year"),
        ("Who signs contracts for three million euros?", "two members of the board"),
        ("What happened to the second calciener?", "calciner"),
        ("2025年第一批开采指标是多少？", "13.5万吨"),
    ],
)
def test_like_documents_are_told_apart(filed: Installation, question: str, answer: str) -> None:
    assert answer in filed.answerer.answer(question).text


def test_the_year_asked_for_decides_between_near_misses(library: Installation) -> None:
    answer = library.answerer.answer("How much rare earth oxide did Karrabin produce in 2022?")
    assert [citation.document for citation in answer.citations] == ["karrabin-review-2022.txt"]
    assert "11,420 tonnes" in answer.text


def test_a_row_of_a_table_is_cited_with_its_page_and_columns(
    library: Installation, corpus: Path
) -> None:
    answer = library.answerer.answer("How much yttrium oxide may the defence stockpile buy?")
    (citation,) = answer.citations
    assert (citation.quote, citation.page) == (
        "Yttrium oxide — Inventory t: 25; Buy up to t: 600",
        1,
    )
    assert "Yttrium oxide — Inventory t: 25; Buy up to t: 600 [1]" in answer.text
    assert_verbatim(answer, corpus)


@pytest.mark.parametrize(
    "question",
    [
        "What is the capital of France?",
        "How do I reset my password?",
        "What is the price of lutetium oxide?",
        "What is the three bases policy?",
        "How large was the mining quota in 2019?",
        "xyzzy plugh",
    ],
)
def test_what_the_documents_do_not_hold_is_not_known(
    library: Installation, corpus: Path, question: str
) -> None:
    answer = library.answerer.answer(question)
    assert not answer.answered
    assert answer.text.startswith("I don't know")
    assert answer.citations == ()
    assert 1 <= len(answer.nearest) <= 3
    assert_verbatim(answer, corpus)


@pytest.mark.xfail(
    strict=True,
    reason="text files are read whole now; rules cannot tell a teaser from an answer, the reader will",
)
def test_what_stands_around_an_article_is_never_an_answer(seeded: Installation) -> None:
    for question in ("What might I also like?", "Who is Daniel?", "What opens in a new tab?"):
        answer = seeded.answerer.answer(question)
        quotes = [citation.quote for citation in answer.citations]
        assert not any("You Might Also" in quote or quote == "Daniel" for quote in quotes)


def test_every_marker_has_its_citation(library: Installation) -> None:
    for question in ("What is solvent extraction?", "Why did plants give up ammonia?"):
        answer = library.answerer.answer(question)
        numbers = [citation.number for citation in answer.citations]
        assert numbers == list(range(1, len(numbers) + 1))
        assert all(f"[{number}]" in answer.text for number in numbers)


def test_the_threshold_is_a_setting(make_assembly: MakeAssembly, documents: Path) -> None:
    make_assembly().indexer.index([documents])
    question = "What does cerium oxide polish?"
    assert make_assembly(min_confidence=0.0).answerer.answer(question).answered
    assert not make_assembly(min_confidence=1.0).answerer.answer(question).answered


def test_an_answer_that_may_not_be_one_comes_with_a_warning(
    make_assembly: MakeAssembly, documents: Path
) -> None:
    make_assembly().indexer.index([documents])
    bold = make_assembly(min_confidence=0.0).answerer
    sure, unsure = "What does cerium oxide polish?", "Who sells terbium to the navy?"
    assert bold.answer(sure).note == ""
    assert bold.answer(unsure).note == (
        "I am not quite sure. Please check that the quote answers what you asked."
    )
    assert bold.answer(f"{sure} {unsure}").note == (
        f"I am not quite sure. Please check that the quotes answer: {unsure}"
    )


def test_several_questions_are_answered_one_by_one_and_what_is_not_known_is_named(
    library: Installation, corpus: Path
) -> None:
    answer = library.answerer.answer(
        "Who took over from Marguerite Oduya? What is the capital of France?"
    )
    assert "Tobias Lindqvist" in answer.text
    assert answer.note == ("The documents don't seem to answer: What is the capital of France?")
    assert_verbatim(answer, corpus)


def test_the_sides_of_a_comparison_stand_side_by_side(library: Installation, corpus: Path) -> None:
    answer = library.answerer.answer(
        "How much rare earth oxide did Karrabin produce in 2023 compared to 2022?"
    )
    assert answer.text.startswith("How much rare earth oxide did Karrabin produce in 2023?\n")
    assert "12,870 tonnes" in answer.text
    assert "11,420 tonnes" in answer.text
    numbers = [citation.number for citation in answer.citations]
    assert numbers == list(range(1, len(numbers) + 1))
    assert_verbatim(answer, corpus)


def test_a_follow_up_leans_on_what_was_asked_before(library: Installation) -> None:
    earlier = ["How much rare earth oxide did Karrabin produce in 2022?"]
    answer = library.answerer.answer(Inquiry("and in 2023?", earlier))
    assert answer.question == "How much rare earth oxide did Karrabin produce in 2023?"
    assert "12,870 tonnes" in answer.text
