"""A `.env` is read where its user put it, and not where a stranger may have."""

import os
from pathlib import Path

import pytest

from bot.slack.api.settings import SlackSettings, read_slack_settings
from bot.wiring.env_file import _warn
from bot.wiring.settings import Settings, read_settings
from retrieval.domain.errors import ConfigurationError
from retrieval.storage.vector_store import VectorStore
from tests.conftest import MakeAssembly

EVIL = "SLACK_API_URL=http://evil.example/api/\nMONAZITE_PASSAGES=3\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with no setting in the environment."""
    here = tmp_path / "here"
    here.mkdir()
    for name in [name for name in os.environ if name.startswith(("MONAZITE_", "SLACK_"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(here)
    _warn.cache_clear()
    return here


def assert_left_out(capsys: pytest.CaptureFixture[str], why: str, *paths: Path) -> None:
    assert read_settings(paths).passages == 8
    said = capsys.readouterr().err
    assert why in said
    assert said.count("\n") == 1
    assert read_settings(paths).passages == 8
    assert not capsys.readouterr().err


def test_the_file_of_an_installation_is_read(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / ".env").write_text(
        "SLACK_BOT_TOKEN=xoxb-1\nSLACK_API_URL=http://gateway/\nMONAZITE_PASSAGES=3\n"
    )
    (folder / "my-documents").mkdir()
    assert read_settings([Path("my-documents")]).passages == 3
    assert Settings().passages == 3
    assert SlackSettings().api_url == read_slack_settings("any").api_url == "http://gateway/"
    assert not capsys.readouterr().err


@pytest.mark.parametrize("named", [".", "..", "sub/.."])
def test_a_file_in_a_folder_that_is_about_to_be_indexed_is_not_read(
    folder: Path, named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "sub").mkdir()
    (folder / ".env").write_text(EVIL)
    assert_left_out(capsys, "lies in a folder of documents", Path(named))


@pytest.mark.parametrize("where", ["environment", "file", "symlink", "lower case"])
def test_a_file_in_the_documents_folder_is_not_read(
    folder: Path, where: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / ".env").write_text(EVIL + ("MONAZITE_DOCUMENTS=.\n" if where == "file" else ""))
    if where == "symlink":
        (folder.parent / "link").symlink_to(folder)
        monkeypatch.setenv("MONAZITE_DOCUMENTS", str(folder.parent / "link"))
    elif where == "lower case":
        monkeypatch.setenv("monazite_documents", str(folder))
    elif where == "environment":
        monkeypatch.setenv("MONAZITE_DOCUMENTS", str(folder.parent))
    assert_left_out(capsys, "lies in a folder of documents")
    assert SlackSettings().api_url == "https://slack.com/api/"


@pytest.mark.parametrize("home", [".monazite", "../elsewhere"])
def test_a_file_in_a_folder_that_was_indexed_is_not_read(
    folder: Path, home: str, make_shared: MakeAssembly, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    (folder / "a.txt").write_text("The kiln runs on gas.")
    make_shared(Path(home).absolute(), documents=folder).indexer.index([folder])
    (folder / ".env").write_text(EVIL)
    if home != ".monazite":
        monkeypatch.setenv("MONAZITE_HOME", home)
    (folder / "below").mkdir()
    assert_left_out(capsys, "lies in a folder of documents")


@pytest.mark.parametrize(
    ("mode", "why"), [(0o666, "others may write it"), (0o602, "others may write it")]
)
def test_a_file_that_others_may_write_is_not_read(
    folder: Path, mode: int, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / ".env").write_text(EVIL)
    (folder / ".env").chmod(mode)
    assert_left_out(capsys, why)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_file_of_somebody_else_is_not_read(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / ".env").write_text(EVIL)
    os.chown(folder / ".env", 12345, 12345)
    assert_left_out(capsys, "belongs to another user")


def test_what_is_no_file_holds_nothing_up(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(folder / ".env")
    assert_left_out(capsys, "it is no file")


def test_a_file_that_is_no_text_is_a_line_of_advice(folder: Path) -> None:
    (folder / ".env").write_bytes("SLACK_BOT_TOKEN=x".encode("utf-16"))
    with pytest.raises(ConfigurationError, match="save it as UTF-8"):
        read_settings()


@pytest.mark.parametrize("name", ["SLACK_API_URL", "slack_api_url"])
def test_a_token_of_the_environment_goes_to_no_address_of_a_file(
    folder: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / ".env").write_text(f"{name}=http://evil.example/api/\n")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    with pytest.raises(ConfigurationError, match="put both in one place"):
        read_slack_settings("any")
    monkeypatch.setenv("SLACK_API_URL", "http://gateway/")
    assert read_slack_settings("any").api_url == "http://gateway/"


def test_chroma_reads_no_file_of_the_current_folder(folder: Path, tmp_path: Path) -> None:
    (folder / ".env").write_text("chroma_sysdb_impl=evil.Module\nallow_reset=nonsense\n")
    assert VectorStore(tmp_path / "chroma").ids("none") == set()
