from pathlib import Path

import pytest

from retrieval.domain.errors import ConfigurationError
from retrieval.text.glossary import DEFAULT_GLOSSARY, Glossary, load_glossary


@pytest.fixture(scope="module")
def glossary() -> Glossary:
    return load_glossary(DEFAULT_GLOSSARY)


def test_the_default_glossary_has_at_least_sixty_entries_and_no_form_twice(
    glossary: Glossary,
) -> None:
    assert len(glossary.groups) >= 60
    forms = [form for group in glossary.groups for form in group]
    assert len(forms) == len(set(forms))


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("What does Dy cost?", "dysprosium"),
        ("dysprosium price", "Dy"),
        ("ndpr demand", "neodymium-praseodymium"),
        ("Where is Baiyun Obo?", "Bayan Obo"),
        ("白云鄂博在哪里", "Bayan Obo"),
        ("Who owns Baosteel?", "Baogang"),
        ("HREE reserves", "heavy rare earths"),
        ("NdFeB plants", "neodymium magnet"),
        ("REO output", "rare earth oxide"),
    ],
)
def test_a_question_is_expanded_by_other_names(
    glossary: Glossary, question: str, name: str
) -> None:
    assert name in glossary.expansions(question)


@pytest.mark.parametrize("question", ["no la er", "is it in eulogies", "a candy shop", "Yes, Holm"])
def test_symbols_do_not_match_ordinary_words(glossary: Glossary, question: str) -> None:
    assert glossary.mentions(question) == ()


def test_the_longest_form_wins(glossary: Glossary) -> None:
    mentions = glossary.mentions("heavy rare earths")
    assert [mention.form for mention in mentions] == ["heavy rare earths"]


def test_symbols_are_spelled_out_for_the_embedding_model(glossary: Glossary) -> None:
    assert glossary.spell_out("Is Dy dear?") == "Is Dy (dysprosium) dear?"
    assert glossary.spell_out("Is dysprosium dear?") == "Is dysprosium dear?"


def test_a_team_can_bring_its_own_glossary(tmp_path: Path) -> None:
    path = tmp_path / "ours.txt"
    path.write_text("# ours\nProject Osprey | PO7 # the new mine\n\n")
    assert load_glossary(path).expansions("When does PO7 start?") == ["Project Osprey"]


@pytest.mark.parametrize("line", ["alone", "a | ", "| b"])
def test_a_wrong_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "ours.txt"
    path.write_text(f"x | y\n{line}\n")
    with pytest.raises(ConfigurationError, match="line 2"):
        load_glossary(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="MONAZITE_GLOSSARY"):
        load_glossary(tmp_path / "none.txt")
