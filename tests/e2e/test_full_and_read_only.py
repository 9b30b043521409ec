"""A disk that is full, and one that cannot be written: a line says so, and nothing is lost."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.programs import Program

WORDS = "Cerium oxide polishes glass, and the kiln number {} starts in May with 40 people. " * 100
QUESTION = "What does cerium oxide polish?"


def mount(*arguments: str | Path) -> None:
    subprocess.run(["mount", *arguments], check=True, capture_output=True)


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    """A working folder whose data folder is a disk of 8 MB, with one document indexed."""
    home, documents = tmp_path / "small", tmp_path / "documents"
    home.mkdir()
    documents.mkdir()
    mount("-t", "tmpfs", "-o", "size=8m", "tmpfs", home)
    (documents / "first.txt").write_text("Cerium oxide polishes glass.")
    made = Program(tmp_path)
    made.environment |= {"MONAZITE_HOME": str(home), "MONAZITE_DOCUMENTS": "documents"}
    try:
        assert made.run("index").returncode == 0
        yield made
    finally:
        subprocess.run(["umount", home], check=True)


def said_in_a_line(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode != 0
    lines = [line for line in done.stderr.splitlines() if line.startswith("monazite:")]
    assert len(lines) == 1
    assert "Traceback" not in done.stderr
    return lines[0]


def documents_of(program: Program) -> set[str]:
    status = json.loads(program.run("status", "--json").stdout)
    return {document["name"] for document in status["documents"]}


@pytest.mark.parametrize("room", [0, 300_000])
def test_a_full_disk_is_named_and_after_some_space_is_freed_all_goes_on(
    program: Program, room: int
) -> None:
    ballast = program.folder / "small/ballast"
    for number in range(10):
        text = WORDS.format(*[number] * WORDS.count("{}"))
        (program.folder / f"documents/{number:02}.txt").write_text(text)
    ballast.write_bytes(b"0" * (shutil.disk_usage(ballast.parent).free - room))
    assert "The disk is full; free some space" in said_in_a_line(program.run("index"))
    for number in range(10):
        (program.folder / f"documents/{number:02}.txt").unlink()
    (program.folder / "documents/last.txt").write_text("Terbium makes phosphors green.")
    ballast.unlink()
    assert program.run("index").returncode == 0
    assert program.run("verify").returncode == 0
    assert documents_of(program) == {"first.txt", "last.txt"}
    assert json.loads(program.run("ask", "--json", QUESTION).stdout)["answered"]


def test_a_folder_that_cannot_be_written_is_named(program: Program) -> None:
    mount("-o", "remount,ro", program.folder / "small")
    (program.folder / "documents/last.txt").write_text("Terbium makes phosphors green.")
    for arguments in (("index",), ("remove", "first.txt", "--yes")):
        assert "cannot be written" in said_in_a_line(program.run(*arguments))
    assert (program.folder / "documents/first.txt").exists()
    assert "cannot be written" in said_in_a_line(program.run("ask", QUESTION))
    mount("-o", "remount,rw", program.folder / "small")
    assert program.run("index").returncode == 0
    assert program.run("verify").returncode == 0
    assert documents_of(program) == {"first.txt", "last.txt"}
