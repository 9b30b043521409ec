from pathlib import Path

import pytest

from bot.wiring.settings import Settings, read_settings
from retrieval.domain.errors import ConfigurationError


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_defaults_need_no_configuration() -> None:
    settings = read_settings()
    assert settings.documents == Path("seeds")
    assert settings.database.startswith("sqlite:///")


def test_the_environment_and_a_file_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("MONAZITE_PASSAGES=5\nMONAZITE_MIN_CONFIDENCE=0.7\n")
    monkeypatch.setenv("MONAZITE_PASSAGES", "6")
    settings = read_settings()
    assert (settings.passages, settings.min_confidence) == (6, 0.7)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PASSAGES", "0"),
        ("MIN_CONFIDENCE", "high"),
        ("MAX_ANSWER_WORDS", "1"),
        ("EMBEDDING_MODEL", ""),
    ],
)
def test_a_wrong_value_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"MONAZITE_{name}", value)
    with pytest.raises(ConfigurationError, match=f"MONAZITE_{name} is not usable"):
        read_settings()


def test_the_password_of_the_database_is_not_shown() -> None:
    settings = Settings(_env_file=None, database_url="postgresql://u:geheim@host/db")
    assert "geheim" not in repr(settings)
    assert "geheim" in settings.database


@pytest.mark.parametrize(("word", "number"), [("careful", 0.8), ("Eager", 0.5), ("0.25", 0.25)])
def test_how_sure_it_must_be_is_said_in_a_word_or_a_number(
    monkeypatch: pytest.MonkeyPatch, word: str, number: float
) -> None:
    monkeypatch.setenv("MONAZITE_MIN_CONFIDENCE", word)
    assert read_settings().min_confidence == number
