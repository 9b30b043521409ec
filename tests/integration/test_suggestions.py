from pathlib import Path

from bot.wiring.installation import Installation
from tests.conftest import MakeAssembly


def test_suggestions_come_from_the_index_and_are_answered(library: Installation) -> None:
    questions = library.suggestions.questions()
    assert len(questions) == 4
    assert "What is the “two rare earth bases” policy?" in questions
    assert all(library.answerer.answer(question).answered for question in questions)
    assert all(len(question) <= 75 for question in questions)


def test_before_the_first_index_there_are_none(make_assembly: MakeAssembly) -> None:
    assert make_assembly().suggestions.questions() == ()


def test_a_changed_index_suggests_anew(make_assembly: MakeAssembly, documents: Path) -> None:
    installation = make_assembly(documents=documents)
    installation.indexer.index([documents])
    suggesting = installation.suggestions
    before = suggesting.questions()
    (documents / "plan.txt").write_text(
        "The “northern light” plan builds a separation plant in Luleå. It opens in 2027."
    )
    installation.indexer.index([documents])
    after = suggesting.questions()
    assert "What is the “northern light” plan?" in after
    assert "What is the “northern light” plan?" not in before
