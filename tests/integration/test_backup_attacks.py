"""A backup is input: whatever was made of one, it is refused in a line and the index stays whole."""

import json
import resource
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.wiring.installation import Installation
from retrieval.backup.backups import RestoreOptions
from retrieval.domain.access import EVERYONE, NOBODY
from retrieval.domain.errors import ConfigurationError
from tests.attacks.backups import BackupAttack, read_backup_attacks
from tests.conftest import MakeAssembly
from tests.integration.test_indexer import assert_whole, names

ATTACKS = read_backup_attacks()
QUESTION = "What does cerium oxide polish?"
KEY = "correct horse battery staple"


class Backed:
    """An installation with a good backup of it."""

    def __init__(self, installation: Installation, folder: Path, documents: Path) -> None:
        self.installation, self.folder, self.documents = installation, folder, documents
        self.file = folder / "good.backup"
        installation.backups.backup(self.file)

    def forged(self, data: bytes) -> Path:
        file = self.folder / "forged.backup"
        file.write_bytes(data)
        return file


def make_backed(installation: Installation, folder: Path) -> Backed:
    documents = folder / "documents"
    documents.mkdir()
    (documents / "cerium.txt").write_text("Cerium oxide polishes glass.")
    (documents / "dysprosium.txt").write_text("Dysprosium keeps magnets strong in the heat.")
    installation.indexer.index([documents])
    return Backed(installation, folder, documents)


@pytest.fixture(scope="module")
def unchanged(make_shared: MakeAssembly, tmp_path_factory: pytest.TempPathFactory) -> Backed:
    """One whose index no test changes."""
    folder = tmp_path_factory.mktemp("attacked")
    return make_backed(make_shared(folder / "home"), folder)


@pytest.fixture
def backed(make_assembly: MakeAssembly, tmp_path: Path) -> Backed:
    return make_backed(make_assembly(), tmp_path)


@pytest.mark.parametrize("attack", ATTACKS, ids=[one.what for one in ATTACKS])
def test_a_tampered_backup_is_refused_in_a_line(unchanged: Backed, attack: BackupAttack) -> None:
    file = unchanged.forged(attack.make(unchanged.file.read_bytes()))
    before = unchanged.installation.catalog.live_build()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ConfigurationError) as refused:
        unchanged.installation.backups.restore(file)
    told = str(refused.value)
    assert attack.told in told
    assert told.isprintable()
    assert len(told) < 600
    assert unchanged.installation.catalog.live_build() == before
    assert unchanged.installation.catalog.dead_builds() == []
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak
    assert grown < 500_000, "kilobytes"


def test_after_all_attacks_the_good_backup_is_restored(unchanged: Backed) -> None:
    assert unchanged.installation.backups.restore(unchanged.file).documents == 2
    assert names(unchanged.installation) == ["cerium.txt", "dysprosium.txt"]
    assert unchanged.installation.answerer.answer(QUESTION).answered
    assert_whole(unchanged.installation)


def changed(backed: Backed, **fields: Any) -> Path:
    return backed.forged(BackupAttack("", "", set=fields).make(backed.file.read_bytes()))


def test_documents_of_a_folder_that_nobody_named_stay_out(backed: Backed) -> None:
    victim = backed.folder / "victim"
    victim.mkdir()
    (victim / "cerium.txt").write_text("The secret of the tokens is xoxb-0815.")
    installation = backed.installation
    for root in (str(victim), "/etc", "/", str(backed.folder)):
        report = installation.backups.restore(changed(backed, root=root))
        assert report.documents == 1
        ((place, reason),) = report.left_out.items()
        assert place.endswith("cerium.txt")
        assert "--trust FOLDER" in reason
        assert names(installation) == ["dysprosium.txt"]
        installation.indexer.index([backed.documents], rebuild=True)
        assert {
            key.root
            for key in installation.catalog.live_versions(installation.catalog.live_build().id)
        } == {str(backed.documents)}
    assert (victim / "cerium.txt").exists()


def test_a_folder_is_taken_once_it_is_named(backed: Backed) -> None:
    other = backed.folder / "other"
    other.mkdir()
    (other / "cerium.txt").write_text("Cerium oxide polishes glass.")
    file = changed(backed, root=str(other))
    report = backed.installation.backups.restore(file, options=RestoreOptions(trust=(other,)))
    assert (report.documents, report.left_out) == (2, {})
    assert other in backed.installation.roots.known()


def test_a_folder_that_a_link_leads_to_is_another_one(backed: Backed) -> None:
    outside = backed.folder / "outside"
    outside.mkdir()
    (backed.documents / "link").symlink_to(outside)
    report = backed.installation.backups.restore(
        changed(backed, root=str(backed.documents / "link"))
    )
    assert "is not indexed here" in next(iter(report.left_out.values()))


def labels(installation: Installation) -> dict[str, str]:
    return {one.name: one.access for one in installation.catalog.documents()}


@pytest.mark.parametrize("indexed_since", [True, False])
def test_an_older_backup_opens_nothing_that_a_list_has_closed_since(
    backed: Backed, indexed_since: bool
) -> None:
    (backed.documents / "sources.yaml").write_text(
        "documents: [{path: cerium.txt, access: C0LEGAL}]"
    )
    if indexed_since:
        backed.installation.indexer.index([backed.documents])
    report = backed.installation.backups.restore(backed.file)
    assert report.closed == 1
    assert labels(backed.installation) == {"cerium.txt": "C0LEGAL", "dysprosium.txt": EVERYONE}
    assert not backed.installation.answerer.answer(QUESTION).answered
    # What the backup lacks of it is made up for.
    assert backed.installation.indexer.index([backed.documents]).updated == 1
    assert labels(backed.installation)["cerium.txt"] == "C0LEGAL"


def test_front_matter_that_closed_a_document_since_counts_too(backed: Backed) -> None:
    (backed.documents / "cerium.txt").write_text(
        "---\naccess: C0LEGAL\n---\nCerium oxide polishes glass."
    )
    backed.installation.backups.restore(backed.file)
    assert labels(backed.installation)["cerium.txt"] == "C0LEGAL"
    (backed.documents / "cerium.txt").write_text(
        "---\naccess: legal\n---\nCerium oxide polishes glass."
    )
    backed.installation.backups.restore(backed.file)
    assert labels(backed.installation).get("cerium.txt", NOBODY) == NOBODY


def test_a_document_that_was_opened_since_is_opened_by_the_next_run(backed: Backed) -> None:
    source = backed.documents / "sources.yaml"
    source.write_text("documents: [{path: cerium.txt, access: C0LEGAL}]")
    backed.installation.indexer.index([backed.documents])
    backed.installation.backups.backup(backed.folder / "closed.backup")
    source.unlink()
    backed.installation.indexer.index([backed.documents])
    assert labels(backed.installation)["cerium.txt"] == EVERYONE
    backed.installation.backups.restore(backed.folder / "closed.backup")
    assert labels(backed.installation)["cerium.txt"] == "C0LEGAL"
    backed.installation.indexer.index([backed.documents])
    assert labels(backed.installation)["cerium.txt"] == EVERYONE


@pytest.mark.parametrize("how", ["remove", "delete", "unlink", "exclude", "link", "forget"])
def test_what_was_taken_away_since_does_not_come_back(backed: Backed, how: str) -> None:
    file, remover = backed.documents / "cerium.txt", backed.installation.remover
    match how:
        case "remove" | "delete":
            getattr(remover, how)("cerium.txt")
        case "unlink":
            file.unlink()
        case "exclude":
            discovery = backed.installation.discovery
            discovery._selection = replace(discovery._selection, exclude=("cerium*",))
        case "link":
            file.rename(backed.folder / "elsewhere.txt")
            file.symlink_to(backed.folder / "elsewhere.txt")
        case "forget":
            (backed.documents / "sub").mkdir()
            file.rename(backed.documents / "sub" / "cerium.txt")
            backed.installation.indexer.index([backed.documents])
            backed.installation.backups.backup(backed.file, force=True)
            remover.forget(backed.documents / "sub")
    report = backed.installation.backups.restore(backed.file)
    assert names(backed.installation) == ["dysprosium.txt"]
    assert ["--keep-removed" in reason for reason in report.left_out.values()] == [True]
    assert backed.installation.indexer.index([backed.documents]).added == 0
    kept = backed.installation.backups.restore(
        backed.file, options=RestoreOptions(keep_removed=True)
    )
    assert (kept.documents, kept.left_out) == (2, {})


def test_under_a_list_that_is_broken_nobody_sees_what_is_restored(backed: Backed) -> None:
    (backed.documents / "sources.yaml").write_text("documents: [")
    report = backed.installation.backups.restore(backed.file)
    build = backed.installation.catalog.live_build()
    assert build is not None
    live = backed.installation.catalog.live_versions(build.id)
    assert {version.access for version in live.values()} == {NOBODY}
    assert report.closed == len(live)


def test_a_backup_replaces_no_file_unless_told_to(backed: Backed) -> None:
    other = backed.folder / "thesis.docx"
    other.write_text("two years of work")
    (backed.folder / "link").symlink_to(other)
    for file in (other, backed.folder / "link", backed.documents, backed.file):
        with pytest.raises(ConfigurationError, match="is there already"):
            backed.installation.backups.backup(file)
    assert other.read_text() == "two years of work"
    backed.installation.backups.backup(backed.folder / "link", force=True)
    assert other.read_text() == "two years of work"
    assert not (backed.folder / "link").is_symlink()
    assert backed.file.stat().st_mode & 0o777 == 0o600
    assert sorted(one.name for one in backed.folder.iterdir() if one.name.startswith(".")) == []


def test_an_encrypted_backup_shows_nothing_and_cannot_be_changed(
    backed: Backed, make_shared: MakeAssembly
) -> None:
    file = backed.folder / "secret.backup"
    keyed = make_shared(backed.folder / "home", backup_key=KEY)
    keyed.backups.backup(file, encrypted=True)
    data = file.read_bytes()
    for word in (b"Cerium", b"cerium.txt", b"documents", KEY.encode()):
        assert word not in data
    assert keyed.backups.restore(file).documents == 2
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    other = backed.folder / "other.backup"
    keyed.backups.backup(other)
    with zipfile.ZipFile(other) as archive:
        foreign = archive.read("backup.age")
    sealed = parts["backup.age"]
    for forged in (
        sealed[:-1], sealed[: len(sealed) // 2], sealed + b"x", b"", foreign,
        sealed[:-50] + bytes([sealed[-50] ^ 1]) + sealed[-49:],
    ):  # fmt: skip
        with zipfile.ZipFile(other, "w") as archive:
            archive.writestr("key.age", parts["key.age"])
            archive.writestr("backup.age", forged)
        with pytest.raises(ConfigurationError, match="another key, or is damaged"):
            keyed.backups.restore(other)
    with pytest.raises(ConfigurationError, match="is not encrypted"):
        keyed.backups.restore(backed.file)
    with pytest.raises(ConfigurationError, match="is encrypted; set MONAZITE_BACKUP_KEY"):
        backed.installation.backups.restore(file)


def test_a_document_that_repeats_itself_is_backed_up_so_that_it_can_be_restored(
    make_assembly: MakeAssembly, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever packs as well as a bomb is not packed."""
    installation = make_assembly()
    folder = tmp_path / "documents"
    folder.mkdir()
    rows = "".join(
        "Terbium costs 812 dollars per kilogram in Karlsruhe. " * 8 + "\n\n" for _ in range(150)
    )
    (folder / "same.txt").write_text(rows)
    installation.indexer.index([folder])
    monkeypatch.setattr("retrieval.backup.archive._ALWAYS_ALLOWED", 1)
    monkeypatch.setattr("retrieval.backup.archive._MAX_RATIO", 2)
    installation.backups.backup(tmp_path / "same.backup")
    with zipfile.ZipFile(tmp_path / "same.backup") as archive:
        documents = archive.getinfo("documents.jsonl")
        assert json.loads(archive.read("manifest.json"))["documents"] == 1
    assert documents.compress_size == documents.file_size
    assert installation.backups.restore(tmp_path / "same.backup").documents == 1
