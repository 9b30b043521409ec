import pytest

from bot.questions.question import QuestionError, read_question


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
        ("How much did it cost?", ("number", "money")),
        ("How many people work there?", ("number",)),
        ("How long does it take?", ("number", "duration")),
        ("How often is it tested?", ("number", "frequency")),
        ("Where is it built?", ("place",)),
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


@pytest.mark.parametrize(
    ("question", "fitting", "other"),
    [
        ("Who inspected it?", "Inspector: I. Demir", "The pond was full."),
        ("How long does it take?", "It takes three to six months.", "It takes 40 people."),
        ("How often is it tested?", "It is tested twice a year.", "It has 40 people."),
        ("What share is lost?", "A tenth is lost.", "40 tonnes are lost."),
    ],
)
def test_each_kind_of_answer_is_known_by_how_it_is_written(
    question: str, fitting: str, other: str
) -> None:
    asked = read_question(question)
    assert asked.fit(fitting) > asked.fit(other)


@pytest.mark.parametrize(
    "text", ["What is the newest plan?", "Is it still running?", "最新价格是多少"]
)
def test_a_question_for_the_newest_is_known(text: str) -> None:
    assert read_question(text).latest
    assert not read_question("What is the plan?").latest
