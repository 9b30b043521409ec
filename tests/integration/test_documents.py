"""How much of each document was read: stored, told after a run, shown by `monazite documents`."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer

from bot.cli import document_commands
from bot.cli.console import describe_source
from bot.cli.index_console import print_index_report
from bot.cli.main import app
from bot.wiring.installation import Installation
from retrieval.domain.documents import Document
from retrieval.domain.errors import ConfigurationError, LoadError
from retrieval.domain.losses import Loss
from retrieval.loading.document_reader import DocumentReader
from tests.conftest import MakeAssembly

LOSSES = {
    "cerium.txt": (Loss("hidden sheet", "it is hidden", 2, 500, "Costs, Plan"),),
    "dysprosium.txt": (Loss("image", "pictures are not read", 1),),
}


@pytest.fixture
def losing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has the reader leave something out, as the loaders of formats with hidden parts do."""
    read = DocumentReader.read

    def reading(self: DocumentReader, data: bytes, name: str) -> Document:
        return replace(read(self, data, name), losses=LOSSES.get(name, ()))

    monkeypatch.setattr(DocumentReader, "read", reading)


@pytest.fixture
def indexed(make_assembly: MakeAssembly, documents: Path, losing: None) -> Installation:
    (documents / "old.doc").write_bytes(b"\xd0\xcf")
    (documents / "older.doc").write_bytes(b"\xd0\xcf")
    (documents / "empty.md").touch()
    installation = make_assembly(documents=documents)
    installation.indexer.index([documents])
    return installation


def test_a_run_tells_what_it_did_not_read(
    make_assembly: MakeAssembly, documents: Path, losing: None, capsys: pytest.CaptureFixture[str]
) -> None:
    (documents / "old.doc").write_bytes(b"\xd0\xcf")
    (documents / "empty.md").touch()
    report = make_assembly().indexer.index([documents])
    print_index_report(report)
    said = capsys.readouterr().err
    assert "Failed: empty.md: is empty; remove it, or copy it here again\n" in said
    assert "Not whole: cerium.txt: 9" in said
    assert "hidden sheet × 2, 500 words (Costs, Plan): it is hidden" in said
    assert "dysprosium.txt" not in said
    assert "Not read: .doc, 1 file: convert to .docx\n" in said
    told = json.loads(json.dumps(report.as_json()))
    assert [one["document"] for one in told["incomplete"]] == ["cerium.txt"]
    assert told["skipped"] == [{"kind": ".doc", "files": 1, "remedy": "convert to .docx"}]


def test_a_ledger_outlives_a_rebuild_that_cannot_read_the_document(
    indexed: Installation, documents: Path
) -> None:
    before = {one.name: one.ledger for one in indexed.catalog.documents()}
    assert before["cerium.txt"].losses == LOSSES["cerium.txt"]
    (documents / "cerium.txt").write_bytes(b"\0\0\0")
    indexed.indexer.index([documents], rebuild=True)
    assert {one.name: one.ledger for one in indexed.catalog.documents()} == before


def test_the_command_lists_documents_and_shows_one(
    indexed: Installation, documents: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(document_commands, "open_installation", lambda: indexed)
    document_commands.documents()
    listed = capsys.readouterr().out
    assert "cerium.txt" in listed
    assert "dysprosium.txt" in listed
    for name in ("cerium.txt", str(documents / "cerium.txt")):
        document_commands.documents(name, text=True)
        said = capsys.readouterr().out
        assert "Left out  hidden sheet × 2, 500 words (Costs, Plan): it is hidden" in said
        assert said.rstrip().endswith((documents / "cerium.txt").read_text().strip())
    document_commands.documents("cerium.txt", json=True)
    found = json.loads(capsys.readouterr().out)
    assert (found["name"], found["losses"][0]["words"]) == ("cerium.txt", 500)
    assert found["words"] > 0


def test_a_document_that_there_is_not_is_named_with_one_alike(
    indexed: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(document_commands, "open_installation", lambda: indexed)
    with pytest.raises(ConfigurationError, match=r"no document ceriun\.txt; did you mean cerium"):
        document_commands.documents("ceriun.txt")
    with pytest.raises(ConfigurationError, match="--text needs a document"):
        document_commands.documents(text=True)


def test_the_command_is_one_of_the_programs() -> None:
    group = typer.main.get_command(app)
    assert "documents" in group.commands  # type: ignore[attr-defined]


QUESTION = "What does cerium oxide polish?"


def test_what_a_replaced_file_said_before_is_not_quoted_as_if_it_were_current(
    make_assembly: MakeAssembly, documents: Path
) -> None:
    installation = make_assembly()
    installation.indexer.index([documents])
    good = (documents / "cerium.txt").read_bytes()
    assert not installation.answerer.answer(QUESTION).note
    today = datetime.now(UTC).date()
    (documents / "cerium.txt").write_bytes(b"\0\0\0")
    for rebuild in (False, True, False):
        installation.indexer.index([documents], rebuild=rebuild)
        answer = installation.answerer.answer(QUESTION)
        assert answer.answered
        assert answer.citations[0].outdated == today.isoformat()
        told = f"cerium.txt has changed and cannot be read any more, as was seen on {today.day} "
        assert told in answer.note
        assert "outdated by" in describe_source(answer.citations[0])
    (documents / "cerium.txt").write_bytes(good)
    assert installation.indexer.index([documents]).unchanged == 2
    answer = installation.answerer.answer(QUESTION)
    assert (answer.note, answer.citations[0].outdated) == ("", None)


def test_a_file_that_is_mended_or_an_empty_one_in_its_place_is_told_of(
    make_assembly: MakeAssembly, documents: Path
) -> None:
    installation = make_assembly()
    installation.indexer.index([documents])
    (documents / "cerium.txt").write_bytes(b"")
    installation.indexer.index([documents])
    (known,) = (one for one in installation.catalog.documents() if one.name == "cerium.txt")
    assert known.outdated_since
    (documents / "cerium.txt").write_text("Cerium oxide polishes lenses and mirrors.")
    assert installation.indexer.index([documents]).updated == 1
    answer = installation.answerer.answer(QUESTION)
    assert (answer.note, answer.citations[0].outdated) == ("", None)


def test_a_document_whose_folder_is_away_or_that_a_rebuild_cannot_read_is_not_said_to_have_changed(
    make_assembly: MakeAssembly, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation = make_assembly()
    installation.indexer.index([documents])

    def refuse(*_: object) -> Document:
        raise LoadError("needs what is not installed")

    monkeypatch.setattr(DocumentReader, "read", refuse)
    report = installation.indexer.index([documents], rebuild=True)
    assert len(report.failed) == 2
    assert [one.outdated_since for one in installation.catalog.documents()] == [None, None]
