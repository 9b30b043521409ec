"""Backups hold an index whole, and a restored index is the one that was backed up."""

import hashlib
import json
import re
import threading
import zipfile
from pathlib import Path

import pytest

from bot.wiring.installation import Installation
from retrieval.backup.backups import RestoreOptions
from retrieval.domain.errors import ConfigurationError, IndexBusyError, IndexMissingError
from tests.conftest import MakeAssembly
from tests.integration.test_indexer import assert_whole, names

QUESTION = "What does cerium oxide polish?"


@pytest.fixture
def indexed(make_assembly: MakeAssembly, documents: Path) -> Installation:
    installation = make_assembly()
    installation.indexer.index([documents])
    return installation


def test_a_backup_brings_back_what_was_deleted_and_embeds_nothing(
    indexed: Installation, documents: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "index.backup"
    before = indexed.answerer.answer(QUESTION)
    report = indexed.backups.backup(file)
    assert (report.documents, report.passages) == (2, 2)
    (documents / "cerium.txt").unlink()
    indexed.indexer.index([documents])
    assert not indexed.answerer.answer(QUESTION).answered
    embedded: list[str] = []
    monkeypatch.setattr(indexed.index, "_embed", embedded.extend)
    indexed.backups.restore(file, options=RestoreOptions(keep_removed=True))
    assert embedded == []
    assert names(indexed) == ["cerium.txt", "dysprosium.txt"]
    after = indexed.answerer.answer(QUESTION)
    assert after.text == before.text
    assert after.citations[0].quote == before.citations[0].quote
    assert_whole(indexed)
    assert [run.kind for run in indexed.runs.history()] == ["restore", "index", "index"]


def test_a_backup_is_restored_into_an_empty_installation(
    indexed: Installation, make_shared: MakeAssembly, documents: Path, tmp_path: Path
) -> None:
    file = tmp_path / "index.backup"
    indexed.backups.backup(file)
    other = make_shared(tmp_path / "other", documents=documents)
    other.backups.restore(file)
    assert other.answerer.answer(QUESTION).answered
    assert_whole(other)
    assert other.verifier.verify().whole
    assert other.indexer.index([documents]).unchanged == 2


def test_questions_are_answered_while_it_is_restored(indexed: Installation, tmp_path: Path) -> None:
    file = tmp_path / "index.backup"
    indexed.backups.backup(file)
    indexed.answerer.answer(QUESTION)
    done, answered = threading.Event(), list[bool]()

    def ask() -> None:
        while not done.is_set():
            answered.append(indexed.answerer.answer(QUESTION).answered)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        for _ in range(3):
            indexed.backups.restore(file)
    finally:
        done.set()
        asking.join()
    assert answered
    assert all(answered)


def test_what_is_no_whole_backup_is_refused_and_nothing_changes(
    indexed: Installation, tmp_path: Path
) -> None:
    file = tmp_path / "index.backup"
    indexed.backups.backup(file)
    before = indexed.catalog.live_build()
    with zipfile.ZipFile(file) as archive:
        manifest = archive.read("manifest.json")
        lines = archive.read("documents.jsonl").replace(b"polishes", b"blackens")
    forged = tmp_path / "forged.backup"
    with zipfile.ZipFile(forged, "w") as archive:
        archive.writestr("manifest.json", manifest)
        archive.writestr("documents.jsonl", lines)
    short = tmp_path / "short.backup"
    short.write_bytes(file.read_bytes()[:-200])
    for damaged, advice in (
        (forged, "checksum does not fit"), (short, "no backup, or damaged"),
        (tmp_path / "none.backup", "no backup, or damaged"),
    ):  # fmt: skip
        with pytest.raises(ConfigurationError, match=advice):
            indexed.backups.restore(damaged)
    assert indexed.catalog.live_build() == before


def test_a_backup_of_another_model_is_refused(
    indexed: Installation, make_shared: MakeAssembly, tmp_path: Path
) -> None:
    file = tmp_path / "index.backup"
    indexed.backups.backup(file)
    other = make_shared(tmp_path / "other", passage_tokens=64)
    with pytest.raises(ConfigurationError, match="set them alike"):
        other.backups.restore(file)


def test_there_is_no_half_a_backup(
    indexed: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "index.backup"
    monkeypatch.setattr(indexed.vectors, "read", lambda *_: {})
    with pytest.raises(IndexBusyError, match="verify --repair"):
        indexed.backups.backup(file)
    assert list(tmp_path.glob("index.backup*")) == []
    with pytest.raises(ConfigurationError, match="cannot be written"):
        indexed.backups.backup(tmp_path / "nowhere" / "index.backup")


def test_nothing_is_backed_up_before_there_is_an_index(
    make_assembly: MakeAssembly, tmp_path: Path
) -> None:
    with pytest.raises(IndexMissingError):
        make_assembly().backups.backup(tmp_path / "index.backup")


def test_places_and_ledgers_come_back_as_they_were(
    make_assembly: MakeAssembly, documents: Path, tmp_path: Path
) -> None:
    rows = ["Hole," + ",".join(f"Element {n} in parts per million" for n in range(60))]
    rows += [f"Nissedal {hole}," + ",".join(f"{hole}{n}" for n in range(60)) for hole in range(3)]
    (documents / "assays.csv").write_text("\n".join(rows))
    indexed = make_assembly()
    indexed.indexer.index([documents])
    build = indexed.catalog.live_build()
    assert build
    before = {
        key: indexed.catalog.version(live.version_id)
        for key, live in indexed.catalog.live_versions(build.id).items()
    }
    assert any(passage.brief for version in before.values() for passage in version.passages)
    assert all(version.ledger.words for version in before.values())
    indexed.backups.backup(tmp_path / "index.backup")
    indexed.backups.restore(tmp_path / "index.backup")
    restored = indexed.catalog.live_build()
    assert restored
    for key, live in indexed.catalog.live_versions(restored.id).items():
        after = indexed.catalog.version(live.version_id)
        assert (after.passages, after.ledger) == (before[key].passages, before[key].ledger)
    assert indexed.indexer.index([documents]).unchanged == 3


def of_an_earlier_release(file: Path, old: Path) -> None:
    """Writes a backup as format 2 was: no places, no ledgers, an earlier pipeline."""
    lines = []
    with zipfile.ZipFile(file) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        for line in archive.read("documents.jsonl").splitlines():
            document = json.loads(line)
            del document["ledger"]
            for passage in document["passages"]:
                del passage["brief"]
                for sentence in passage["sentences"]:
                    del sentence["place"]
            lines.append(json.dumps(document).encode() + b"\n")
    data = b"".join(lines)
    manifest |= {"format": 2, "sha256": hashlib.sha256(data).hexdigest()}
    manifest["fingerprint"] = re.sub(r"pipeline \d+", "pipeline 4", manifest["fingerprint"])
    with zipfile.ZipFile(old, "w") as archive:
        archive.writestr("manifest.json", json.dumps(manifest))
        archive.writestr("documents.jsonl", data)


def test_a_backup_of_an_earlier_release_answers_and_is_read_again_by_the_next_run(
    indexed: Installation, documents: Path, tmp_path: Path
) -> None:
    indexed.backups.backup(tmp_path / "new.backup")
    of_an_earlier_release(tmp_path / "new.backup", tmp_path / "old.backup")
    assert indexed.backups.restore(tmp_path / "old.backup").documents == 2
    assert indexed.answerer.answer(QUESTION).answered
    assert {one.ledger.words for one in indexed.catalog.documents()} == {0}
    assert indexed.indexer.index([documents]).updated == 2
    assert all(one.ledger.words for one in indexed.catalog.documents())
    assert_whole(indexed)
