"""How much of each document was read: stored, told after a run, shown by `monazite documents`."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import typer

from bot import document_commands
from bot.assembly import Assembly
from bot.cli import app
from bot.index_console import print_index_report
from retrieval.documents import Document
from retrieval.losses import Loss
from retrieval.reading import DocumentReader
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
def indexed(make_assembly: MakeAssembly, documents: Path, losing: None) -> Assembly:
    (documents / "old.doc").write_bytes(b"\xd0\xcf")
    (documents / "older.doc").write_bytes(b"\xd0\xcf")
    (documents / "empty.md").touch()
    assembly = make_assembly(documents=documents)
    assembly.indexer.index([documents])
    return assembly


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
    indexed: Assembly, documents: Path
) -> None:
    before = {one.name: one.ledger for one in indexed.catalog.documents()}
    assert before["cerium.txt"].losses == LOSSES["cerium.txt"]
    (documents / "cerium.txt").write_bytes(b"\0\0\0")
    indexed.indexer.index([documents], rebuild=True)
    assert {one.name: one.ledger for one in indexed.catalog.documents()} == before


def test_the_command_lists_documents_and_shows_one(
    indexed: Assembly, documents: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(document_commands, "assemble", lambda: indexed)
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
    indexed: Assembly, monkeypatch: pytest.MonkeyPatch
) -> None:
    from retrieval.errors import ConfigurationError

    monkeypatch.setattr(document_commands, "assemble", lambda: indexed)
    with pytest.raises(ConfigurationError, match=r"no document ceriun\.txt; did you mean cerium"):
        document_commands.documents("ceriun.txt")
    with pytest.raises(ConfigurationError, match="--text needs a document"):
        document_commands.documents(text=True)


def test_the_command_is_one_of_the_programs() -> None:
    group = typer.main.get_command(app)
    assert "documents" in group.commands  # type: ignore[attr-defined]
