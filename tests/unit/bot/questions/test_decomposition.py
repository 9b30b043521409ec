import pytest

from bot.questions.decomposition import parts_of
from retrieval.text.glossary import load_glossary

GLOSSARY = load_glossary()


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (
            "Who replaced Marguerite Oduya, and when was that?",
            ("Who replaced Marguerite Oduya?", "when was that (replaced Marguerite Oduya)?"),
        ),
        (
            "What is the two bases policy? Who announced it?",
            ("What is the two bases policy?", "Who announced it (two bases policy)?"),
        ),
        ("What is monazite and where is it mined?", ("What is monazite?", "where is it mined (monazite)?")),
        (
            "Compare Karrabin's output in 2022 and 2023",
            ("Karrabin's output in 2022?", "Karrabin's output in 2023?"),
        ),
        (
            "How much did Karrabin produce in 2023 compared to 2022?",
            ("How much did Karrabin produce in 2023?", "How much did Karrabin produce in 2022?"),
        ),
        (
            "How does neodymium compare with dysprosium in price?",
            ("neodymium in price?", "dysprosium in price?"),
        ),
        (
            "What is the difference between Sable Ridge and Nordfjell in recovery?",
            ("Sable Ridge in recovery?", "Nordfjell in recovery?"),
        ),
    ],
)  # fmt: skip
def test_a_question_that_asks_several_things_is_taken_apart(
    question: str, parts: tuple[str, ...]
) -> None:
    assert parts_of(question, GLOSSARY) == parts


@pytest.mark.parametrize(
    "question",
    [
        "What is the two bases policy?",
        "What do supply and demand depend on?",
        "What are the pros and cons of HPGR?",
        "How much REO did Karrabin make in 2022 and 2023?",
        "Who chaired the meeting of Baotou and Beijing?",
        "What is more expensive?",
        "",
    ],
)
def test_a_single_question_stays_whole(question: str) -> None:
    assert parts_of(question, GLOSSARY) == ()
