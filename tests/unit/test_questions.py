import pytest

from bot.questions import QuestionError, read_question


@pytest.mark.parametrize("text", ["", "   ", "?!", "\n\t"])
def test_an_empty_question_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(QuestionError, match="empty; ask something like"):
        read_question(text)


def test_a_question_of_fifty_thousand_characters_is_refused() -> None:
    with pytest.raises(QuestionError, match="50,000 characters; shorten it to 2,000"):
        read_question("x" * 50_000)


@pytest.mark.parametrize(
    ("text", "expects"),
    [
        ("How much did it cost?", ("number",)),
        ("Who chaired it?", ("person",)),
        ("When does it open?", ("time",)),
        ("Why did it stop?", ("cause",)),
        ("What is monazite?", ()),
    ],
)
def test_the_kind_of_answer_is_read_from_the_question(text: str, expects: tuple[str, ...]) -> None:
    assert read_question(text).expects == expects


@pytest.mark.parametrize(
    ("text", "defines"),
    [
        ("What is the two bases policy?", True),
        ("What does NdPr mean?", True),
        ("Explain ion-adsorption clay", True),
        ("What is the price of cerium?", False),
        ("What is the cut-off grade at Fensmark?", False),
        ("Who is Li?", False),
    ],
)
def test_definitions_are_told_from_properties(text: str, *, defines: bool) -> None:
    assert read_question(text).defines is defines


@pytest.mark.parametrize(
    ("text", "focus"),
    [
        ("What is the market share of Lynas?", ("market", "share")),
        ("How many trucks does it own?", ("trucks",)),
        ("Which bank lends?", ("bank",)),
        ("Is it true?", ()),
    ],
)
def test_the_focus_is_the_thing_asked_for(text: str, focus: tuple[str, ...]) -> None:
    assert read_question(text).focus == focus


def test_a_sentence_fits_when_it_holds_what_is_asked() -> None:
    question = read_question("How many tonnes?")
    assert question.fit("It made 500 tonnes.") == 1
    assert question.fit("It made many tonnes.") == -1
    assert read_question("Why?").fit("No marker here.") == 0
