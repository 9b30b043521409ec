"""Nobody but the user of an installation reads what is in its data folder."""

import json
import os
import stat
from pathlib import Path

import pytest

from bot.wiring.installation import Installation
from retrieval.domain.metadata import UNSAID
from retrieval.sources.uploads import Upload, Uploads
from retrieval.system.permissions import close_home, open_to_others
from tests.conftest import MakeAssembly
from tests.programs import Program


def modes_below(folder: Path) -> dict[str, int]:
    return {
        str(path.relative_to(folder)): stat.S_IMODE(path.lstat().st_mode)
        for path in (folder, *folder.rglob("*"))
        if not path.is_symlink()
    }


def assert_closed(folder: Path) -> None:
    for name, mode in modes_below(folder).items():
        allowed = 0o700 if (folder / name).is_dir() else 0o600
        assert mode & ~allowed == 0, f"{name} is {mode:o}"


@pytest.fixture
def program(tmp_path: Path) -> Program:
    program = Program(tmp_path)
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "cerium.txt").write_text("Cerium oxide polishes glass.")
    (folder / "cerium.txt").chmod(0o644)
    program.environment["MONAZITE_DOCUMENTS"] = "documents"
    program.environment["MONAZITE_DATABASE_URL"] = ""
    return program


def open_up(home: Path) -> None:
    for path in (home, *home.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def test_what_the_program_writes_is_for_its_user_alone(program: Program) -> None:
    assert program.run("index").returncode == 0
    assert program.run("ask", "What does cerium oxide polish?").returncode == 0
    assert program.run("backup", "index.backup").returncode == 0
    home = program.folder / ".monazite"
    names = modes_below(home)
    assert {"catalog.db", "chroma", "lexical"} <= names.keys()
    assert any(name.startswith("chroma/") for name in names)
    assert_closed(home)
    assert stat.S_IMODE((program.folder / "index.backup").stat().st_mode) == 0o600
    # The user's own folder is left alone.
    assert stat.S_IMODE((program.folder / "documents/cerium.txt").stat().st_mode) == 0o644


def test_what_is_open_is_closed_by_the_next_run_whichever_it_is(program: Program) -> None:
    program.run("index")
    home = program.folder / ".monazite"
    open_up(home)
    assert program.run("status").returncode == 0
    assert_closed(home)


def test_the_doctor_says_what_was_open(program: Program) -> None:
    program.run("index")
    home = program.folder / ".monazite"
    healthy = program.run("doctor")
    assert "ok    permissions: nothing in the data folder is open" in healthy.stdout
    (home / "catalog.db").chmod(0o640)
    sick = program.run("doctor")
    assert sick.returncode == 1
    assert "FAIL  permissions: catalog.db could be read by other users" in sick.stdout
    assert_closed(home)
    assert program.run("doctor").returncode == 0


def test_the_catalogs_journal_is_closed_while_it_is_there(
    make_assembly: MakeAssembly, documents: Path
) -> None:
    before = os.umask(0o077)
    try:
        installation: Installation = make_assembly()
        installation.indexer.index([documents])
        with installation.engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1 FROM versions").all()
            home = installation.settings.home
            assert {"catalog.db-wal", "catalog.db-shm"} <= modes_below(home).keys()
            assert_closed(home)
    finally:
        os.umask(before)


def test_links_and_what_is_not_ours_are_left_alone(tmp_path: Path) -> None:
    home, outside = tmp_path / "home", tmp_path / "outside"
    for folder in (home / "logs", outside):
        folder.mkdir(parents=True)
    for file in (outside / "o.txt", home / "logs" / "errors.log", home / "catalog.db"):
        file.write_text("text")
        file.chmod(0o644)
    (home / "chroma").symlink_to(outside)
    (home / "logs" / "link.log").symlink_to(outside / "o.txt")
    home.chmod(0o755)
    assert len(open_to_others(home)) == 4
    close_home(home)
    assert open_to_others(home) == []
    assert_closed(home)
    assert stat.S_IMODE((outside / "o.txt").stat().st_mode) == 0o644
    assert stat.S_IMODE(outside.stat().st_mode) & 0o055
    # Somebody's own folder that was named as the data folder by mistake.
    (home / "thesis.docx").write_text("text")
    (home / "thesis.docx").chmod(0o644)
    home.chmod(0o755)
    close_home(home)
    assert stat.S_IMODE(home.stat().st_mode) == 0o755
    assert stat.S_IMODE((home / "thesis.docx").stat().st_mode) == 0o644


def test_what_is_added_from_slack_is_closed_and_the_folder_around_it_is_not(tmp_path: Path) -> None:
    documents = tmp_path / "documents"
    documents.mkdir(mode=0o755)
    Uploads(documents).add(Upload("prices.txt", b"text", UNSAID))
    modes = modes_below(documents / "slack")
    assert modes.pop(".") == 0o700
    assert modes["prices.txt"] == modes["sources.yaml"] == 0o600
    assert stat.S_IMODE(documents.stat().st_mode) & 0o055


def test_status_names_folders_and_what_was_taken_out(program: Program) -> None:
    program.run("index")
    program.run("remove", "cerium.txt")
    found = json.loads(program.run("status", "--json").stdout)
    assert [(one["path"], one["documents"], one["there"]) for one in found["folders"]] == [
        (str(program.folder / "documents"), 0, True)
    ]
    (taken_out,) = found["taken_out"]
    assert taken_out["path"] == str(program.folder / "documents/cerium.txt")
    assert "@" in taken_out["who"]


def test_the_doctor_looks_at_the_file_of_tokens_too(program: Program) -> None:
    tokens = program.folder / ".env"
    tokens.write_text("SLACK_BOT_TOKEN=xoxb-1")
    for mode, told in ((0o644, True), (0o600, False)):
        tokens.chmod(mode)
        said = program.run("doctor").stdout
        assert ("run: chmod 600 .env" in said) is told
