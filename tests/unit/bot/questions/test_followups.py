import pytest

from bot.questions.followups import follow
from retrieval.text.glossary import DEFAULT_GLOSSARY, load_glossary

FORUM = "What was the China Rare Earth Forum in Baotou?"
PRICE = "What was the price of dysprosium in 2023?"


@pytest.mark.parametrize(
    ("question", "earlier", "understood"),
    [
        ("and when was it held?", [FORUM], "when was it held (China Rare Earth Forum Baotou)?"),
        ("Who replaced her?", ["Who is Marguerite Oduya?"], "Who replaced her (Marguerite Oduya)?"),
        ("when?", ["Did Lynas open a plant?"], "when (Lynas open plant)?"),
        ("And who works there?", ["What is the Halden lab?"], "who works there (Halden lab)?"),
    ],
)
def test_a_question_that_points_back_gets_its_subject(
    question: str, earlier: list[str], understood: str
) -> None:
    assert resolve(question, earlier) == understood


@pytest.mark.parametrize(
    ("question", "understood"),
    [
        ("And in 2024?", "What was the price of dysprosium in 2024?"),
        ("What about terbium?", "What was the price of terbium in 2023?"),
        ("how about Tb", "What was the price of Tb in 2023?"),
        ("and at the border?", "What was the price of dysprosium in 2023 at the border?"),
    ],
)
def test_half_a_question_takes_the_place_of_what_it_changes(question: str, understood: str) -> None:
    assert resolve(question, [PRICE]) == understood


def test_only_names_of_one_kind_stand_in_for_each_other() -> None:
    assert resolve("What about Lynas?", ["Who chairs MP Materials?"]) == "Who chairs Lynas?"
    asked = "What was the output quota in 2023?"
    assert resolve("for heavy rare earths?", [asked]) == (
        "What was the output quota in 2023 for heavy rare earths?"
    )


@pytest.mark.parametrize(
    "question",
    [
        "What is cerium used for?",
        "Is there a mine in Greenland?",
        "Does Lynas sell its oxide?",
        "Who chaired the meeting?",
        "What is the two bases policy?",
        "When was the Baotou forum held and who opened it?",
    ],
)
def test_a_question_that_stands_alone_is_left_alone(question: str) -> None:
    assert resolve(question, [PRICE]) == question


def test_a_chain_of_follow_ups_keeps_its_subject() -> None:
    assert resolve("who chaired it?", [FORUM, "and when was it held?"]) == (
        "who chaired it (China Rare Earth Forum Baotou)?"
    )


def test_small_talk_changes_nothing() -> None:
    assert resolve("And in 2024?", [PRICE, "thanks!", "good to know"]) == (
        "What was the price of dysprosium in 2024?"
    )


def test_nothing_before_means_nothing_to_add() -> None:
    assert resolve("and when was it held?", []) == "and when was it held?"


def resolve(question: str, earlier: list[str]) -> str:
    return follow(question, earlier, load_glossary(DEFAULT_GLOSSARY))
