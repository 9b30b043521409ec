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


def test_a_backup_brings_back_what_was_deleted_once_that_is_said(program: Program) -> None:
    done = program.run("backup", "index.backup")
    assert done.stdout.startswith("Backed up 1 documents with 1 passages")
    again = program.run("backup", "index.backup")
    assert (again.returncode, "--force" in again.stderr) == (2, True)
    assert program.run("backup", "index.backup", "--force").returncode == 0
    (program.folder / "documents/cerium.txt").unlink()
    program.run("index")
    question = "What does cerium oxide polish?"
    assert not json.loads(program.run("ask", "--json", question).stdout)["answered"]
    refused = program.run("restore", "index.backup")
    assert refused.returncode == 2
    assert "Nothing of the backup comes back" in refused.stderr
    assert "--keep-removed" in refused.stderr
    restored = program.run("restore", "index.backup", "--keep-removed")
    assert restored.stdout.startswith("Restored 1 documents")
    assert json.loads(program.run("ask", "--json", question).stdout)["answered"]


def test_what_is_encrypted_is_read_with_its_key_alone(program: Program) -> None:
    wrong = program.run("backup", "--encrypt", "a.backup")
    assert (wrong.returncode, "MONAZITE_BACKUP_KEY" in wrong.stderr) == (2, True)
    short = program.run("backup", "a.backup", backup_key="short")
    assert (short.returncode, "at least 16 characters" in short.stderr) == (2, True)
    (program.folder / "key").write_text("correct horse battery staple\n")
    assert program.run("backup", "--encrypt", "a.backup", backup_key_file="key").returncode == 0
    file = program.folder / "a.backup"
    assert file.stat().st_mode & 0o777 == 0o600
    assert b"Cerium" not in file.read_bytes()
    assert [one.name for one in program.folder.glob(".a.backup*")] == []
    for settings, advice in (
        ({}, "is encrypted; set MONAZITE_BACKUP_KEY"),
        ({"backup_key": "another horse battery"}, "made with another key, or is damaged"),
    ):
        refused = program.run("restore", "a.backup", **settings)
        assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1)
        assert advice in refused.stderr
    key = {"backup_key": "correct horse battery staple"}
    assert program.run("restore", "a.backup", **key).stdout.startswith("Restored 1 documents")
    assert program.run("backup", "clear.backup").returncode == 0
    refused = program.run("restore", "clear.backup", **key)
    assert (refused.returncode, "is not encrypted" in refused.stderr) == (2, True)
    assert program.run("restore", "clear.backup", "--unencrypted", **key).returncode == 0


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


def test_a_document_is_closed_by_a_list(program: Program) -> None:
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


def documents_of(program: Program) -> list[str]:
    found = json.loads(program.run("status", "--json").stdout)
    return [document["name"] for document in found["documents"]]


def test_a_document_is_taken_out_and_stays_out_until_it_is_named(program: Program) -> None:
    wrong = program.run("remove", "cerium.pdf")
    assert (wrong.returncode, "did you mean cerium.txt?" in wrong.stderr) == (2, True)
    removed = program.run("remove", "cerium.txt")
    assert removed.returncode == 0
    file = program.folder / "documents/cerium.txt"
    assert f"its file stays at {file}" in removed.stderr
    assert f"until: monazite index {file}" in removed.stderr
    assert file.exists()
    assert documents_of(program) == []
    assert f"Taken out    {file}" in program.run("status").stdout
    for again in (["index"], ["index", "documents"], ["index", "--rebuild"]):
        assert "stay out" in program.run(*again).stderr
        assert documents_of(program) == []
    assert "was taken out" in program.run("remove", "cerium.txt").stderr
    assert "1 added" in program.run("index", "documents/cerium.txt").stdout
    assert documents_of(program) == ["cerium.txt"]
    assert "1 unchanged" in program.run("index").stdout


def test_a_document_is_deleted_after_asking(program: Program) -> None:
    file = program.folder / "documents/cerium.txt"
    assert program.run("delete", "cerium.txt").returncode == 1
    assert program.run("delete", "cerium.txt", stdin="n\n").returncode == 1
    assert file.exists()
    deleted = program.run("delete", "cerium.txt", "--yes")
    assert (deleted.returncode, deleted.stderr) == (0, f"Deleted cerium.txt, its file {file}\n")
    assert not file.exists()
    assert documents_of(program) == []
    file.write_text("Cerium again polishes glass.")
    assert "1 added" in program.run("index").stdout


def test_a_folder_is_forgotten_with_its_documents_and_the_files_stay(program: Program) -> None:
    other = program.folder / "other"
    other.mkdir()
    (other / "erbium.txt").write_text("Erbium amplifies light in glass fibres.")
    assert "1 added" in program.run("index", "other").stdout
    status = json.loads(program.run("status", "--json").stdout)
    assert [(one["path"], one["documents"]) for one in status["folders"]] == [
        (str(program.folder / "documents"), 1), (str(other), 1),
    ]  # fmt: skip
    done = program.run("forget", "other")
    assert f"Forgot {other} with 1 documents; the files stay" in done.stderr
    assert (other / "erbium.txt").exists()
    assert documents_of(program) == ["cerium.txt"]
    program.run("index", "--rebuild")
    assert documents_of(program) == ["cerium.txt"]
    nothing = program.run("forget", "nowhere")
    assert (nothing.returncode, "Nothing of" in nothing.stderr) == (2, True)
    assert "1 added" in program.run("index", "other").stdout
    program.run("forget", "documents")
    assert "1 added" not in program.run("index").stdout
    assert documents_of(program) == ["erbium.txt"]


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
