"""The commands that look after the index, run as a person or a script runs them."""

import json
import signal
import subprocess
from pathlib import Path

import pytest

from tests.programs import MONAZITE, Program
from tests.slack.server import wait_for


def make_program(folder: Path) -> Program:
    """A working folder with two documents, one of them bad, indexed by the program itself."""
    documents = folder / "documents"
    documents.mkdir()
    (documents / "cerium.txt").write_text("Cerium oxide polishes glass.")
    (documents / "bad.pdf").write_bytes(b"no pdf")
    program = Program(folder)
    program.environment["MONAZITE_DOCUMENTS"] = "documents"
    assert program.run("index").returncode == 1
    return program


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return make_program(tmp_path)


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """One for tests that leave the index as it is."""
    return make_program(tmp_path_factory.mktemp("unchanged"))


def test_the_history_tells_who_ran_what_and_what_failed(unchanged: Program) -> None:
    (run,) = [json.loads(line) for line in unchanged.run("history", "--json").stdout.splitlines()]
    assert (run["kind"], run["outcome"]) == ("index", "done")
    assert "@" in run["who"]
    assert run["report"]["documents"]["failed"][0]["document"] == "bad.pdf"
    assert "1 added, 0 updated, 0 removed, 0 unchanged, 1 failed" in unchanged.run("history").stdout


def test_a_dry_run_lists_what_would_change_and_changes_nothing(unchanged: Program) -> None:
    (unchanged.folder / "documents/cerium.txt").write_text("Cerium goes into catalysts.")
    (unchanged.folder / "documents/erbium.txt").write_text("Erbium amplifies light.")
    done = unchanged.run("index", "--dry-run")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines == [
        "added    bad.pdf", "added    erbium.txt", "updated  cerium.txt",
        "0 unchanged; nothing was changed",
    ]  # fmt: skip
    report = json.loads(unchanged.run("index", "--dry-run", "--json").stdout)
    assert report["updated"] == ["cerium.txt"]
    assert len(unchanged.run("history", "--json").stdout.splitlines()) == 1


def test_an_index_is_proved_whole_and_mended(program: Program) -> None:
    done = program.run("verify")
    assert done.returncode == 0
    assert "1 documents, 1 passages" in done.stdout
    assert done.stdout.strip().endswith("the index is whole")
    (lexical,) = (program.folder / ".monazite/lexical").glob("*/")
    for file in lexical.iterdir():
        file.unlink()
    broken = program.run("verify")
    assert broken.returncode == 1
    assert "Wrong: the lexical index lacks 1 of 1 passages" in broken.stderr
    assert "run: monazite verify --repair" in broken.stdout
    mended = program.run("verify", "--repair", "--json")
    assert mended.returncode == 0
    assert json.loads(mended.stdout)["mended"][-1] == "refilled the lexical index"


def test_a_backup_brings_back_what_was_deleted(program: Program) -> None:
    done = program.run("backup", "index.backup")
    assert done.stdout.startswith("Backed up 1 documents with 1 passages")
    (program.folder / "documents/cerium.txt").unlink()
    program.run("index")
    question = "What does cerium oxide polish?"
    assert not json.loads(program.run("ask", "--json", question).stdout)["answered"]
    assert program.run("restore", "index.backup").stdout.startswith("Restored 1 documents")
    assert json.loads(program.run("ask", "--json", question).stdout)["answered"]


def test_what_cannot_be_done_is_said_in_a_line(unchanged: Program) -> None:
    (unchanged.folder / "junk").write_text("junk")
    for arguments, code, advice in (
        (("restore", "junk"), 2, "is no backup, or damaged"),
        (("restore", "nothing"), 2, "is no backup, or damaged"),
        (("backup", "no/such/folder/file"), 2, "cannot be written"),
        (("cancel",), 1, "No run is at work"),
    ):
        done = unchanged.run(*arguments)
        assert done.returncode == code
        assert advice in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_a_document_is_closed_by_a_list_and_removed_for_good(program: Program) -> None:
    (program.folder / "documents/sources.yaml").write_text(
        "documents: [{path: cerium.txt, access: C0LEGAL, author: Ana}]"
    )
    assert "1 updated" in program.run("index").stdout
    (status,) = json.loads(program.run("status", "--json").stdout)["documents"]
    assert (status["access"], status["author"]) == ("C0LEGAL", "Ana")
    question = "What does cerium oxide polish?"
    for reader, answered in (("everyone", False), ("C0LEGAL,S1", True)):
        done = program.run("ask", "--json", "--as-seen-by", reader, question)
        assert json.loads(done.stdout)["answered"] is answered
    refused = program.run("ask", "--as-seen-by", "legal", question)
    assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1)
    wrong = program.run("remove", "cerium.pdf", "--yes")
    assert (wrong.returncode, "did you mean cerium.txt?" in wrong.stderr) == (2, True)
    assert program.run("remove", "cerium.txt").returncode == 1
    assert (program.folder / "documents/cerium.txt").exists()
    assert program.run("remove", "cerium.txt", "--yes").stderr == "Removed cerium.txt\n"
    assert not (program.folder / "documents/cerium.txt").exists()
    assert json.loads(program.run("status", "--json").stdout)["documents"] == []


def test_what_is_excluded_leaves_the_index(program: Program) -> None:
    done = program.run("index", exclude="cerium*, *.pdf", include="*")
    assert done.returncode == 0
    assert "1 removed" in done.stdout


def test_watching_follows_the_documents(program: Program) -> None:
    output = program.folder / "output.txt"

    def told(words: str) -> None:
        wait_for(lambda: words in output.read_text(), 40)

    with output.open("w") as file:
        watching = subprocess.Popen(
            [MONAZITE, "watch"], cwd=program.folder, env=program.environment, stdout=file,
            stderr=file,
        )  # fmt: skip
    try:
        told("Watching")
        told("1 unchanged")
        (program.folder / "documents/erbium.txt").write_text("Erbium amplifies light in fibres.")
        told("1 added")
        (program.folder / "documents/erbium.txt").unlink()
        told("1 removed")
        watching.send_signal(signal.SIGTERM)
        assert watching.wait(30) == 0
    finally:
        watching.kill()
