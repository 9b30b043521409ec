"""Nothing outside of an indexed folder is read, written or deleted, whatever stands in the folder."""

import multiprocessing
import os
import threading
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from bot.wiring.installation import Installation
from retrieval.domain.errors import ConfigurationError, LoadError
from retrieval.domain.metadata import UNSAID
from retrieval.sources.scopes import Scope, walk
from retrieval.sources.uploads import Upload, Uploads
from retrieval.system.containment import check_name, delete_file, open_file, read_file, write_file
from tests.attacks.paths import SECRET, PathAttack, read_path_attacks
from tests.conftest import MakeAssembly
from tests.integration.test_indexer import assert_whole, names

ATTACKS = read_path_attacks()


@pytest.fixture(scope="module")
def installation(
    make_shared: MakeAssembly, tmp_path_factory: pytest.TempPathFactory
) -> Installation:
    return make_shared(tmp_path_factory.mktemp("paths") / "home")


@pytest.mark.parametrize("attack", ATTACKS, ids=[one.what for one in ATTACKS])
def test_what_is_no_plain_file_of_the_folder_is_named_and_the_others_go_in(
    installation: Installation, documents: Path, attack: PathAttack
) -> None:
    if attack.not_as_root and os.geteuid() == 0:
        pytest.skip("nothing is closed to root")
    attack.put_into(documents)
    report = installation.indexer.index([documents])
    failed = {failure.document: failure.error for failure in report.failed}
    if attack.fails_with:
        assert [attack.fails_with in error for error in failed.values()] == [True]
    else:
        assert sorted(failed) == sorted(attack.fails)
    assert all(";" in error or "cannot be read" in error for error in failed.values())
    mine = [key.name for key in live(installation) if key.root == str(documents)]
    assert sorted(mine) == sorted(["cerium.txt", "dysprosium.txt", *attack.adds])
    assert SECRET not in "".join(one.passage.text for one in all_passages(installation))
    preview = installation.indexer.preview([documents])
    assert (preview.added, preview.updated, preview.unchanged) == ((), (), 2 + len(attack.adds))
    assert [failure.document for failure in preview.failed] == list(failed)


def live(installation: Installation) -> list:
    return list(installation.catalog.live_versions(installation.catalog.live_build().id))


def all_passages(installation: Installation) -> list:
    return list(installation.catalog.all_passages(installation.catalog.live_build().id))


def test_what_was_read_through_a_link_before_leaves_the_index(
    make_assembly: MakeAssembly, documents: Path
) -> None:
    installation = make_assembly()
    (documents / "notes.txt").write_text(SECRET)
    installation.indexer.index([documents])
    assert "notes.txt" in names(installation)
    (documents / "notes.txt").rename(documents.parent / "notes.txt")
    (documents / "notes.txt").symlink_to("../notes.txt")
    report = installation.indexer.index([documents])
    assert (report.removed, [one.document for one in report.failed]) == (1, ["notes.txt"])
    assert names(installation) == ["cerium.txt", "dysprosium.txt"]
    assert_whole(installation)


@pytest.mark.parametrize("kind", ["link", "pipe", "nowhere"])
def test_a_file_named_itself_is_held_to_the_same(
    make_assembly: MakeAssembly, documents: Path, kind: str
) -> None:
    (documents.parent / "secret.txt").write_text(SECRET)
    file = documents / "named.txt"
    if kind == "pipe":
        os.mkfifo(file)
    else:
        file.symlink_to("../secret.txt" if kind == "link" else "../nowhere.txt")
    report = make_assembly().indexer.index([file])
    assert [one.document for one in report.failed] == ["named.txt"]
    assert report.added == 0


def test_a_folder_that_is_a_link_may_be_named(make_assembly: MakeAssembly, documents: Path) -> None:
    link = documents.parent / "link"
    link.symlink_to(documents)
    installation = make_assembly()
    assert installation.indexer.index([link]).added == 2
    assert {key.root for key in live(installation)} == {str(documents)}


def test_a_file_named_alone_brings_none_beside_it_into_a_rebuild(
    make_assembly: MakeAssembly, documents: Path
) -> None:
    installation = make_assembly()
    installation.indexer.index([documents / "cerium.txt"])
    other = documents.parent / "other"
    other.mkdir()
    (other / "erbium.txt").write_text("Erbium amplifies light.")
    installation.indexer.index([other], rebuild=True)
    assert names(installation) == ["cerium.txt", "erbium.txt"]


def test_a_folder_that_is_swapped_for_a_link_while_it_is_read_leads_nowhere(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    for folder in (root / "sub", outside):
        folder.mkdir(parents=True)
    (root / "sub" / "a.txt").write_text("harmless")
    (outside / "a.txt").write_text(SECRET)
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            (root / "sub").rename(root / "away")
            (root / "sub").symlink_to(outside)
            (root / "sub").unlink()
            (root / "away").rename(root / "sub")

    swapping = threading.Thread(target=swap)
    swapping.start()
    try:
        read = set()
        for _ in range(3000):
            try:
                read.add(read_file(root, "sub/a.txt", 1))
            except (LoadError, OSError):
                read.add(b"")
            walk(Scope(root))
    finally:
        stop.set()
        swapping.join()
    assert read_file(root, "sub/a.txt", 1) == b"harmless"
    assert SECRET.encode() not in read


def test_a_file_that_grows_or_says_that_it_is_empty_is_read_no_further_than_allowed(
    tmp_path: Path,
) -> None:
    # Has no size, and no end that is worth reading to.
    with pytest.raises(LoadError, match="more than the 1 MB allowed"):
        read_file("/proc/self", "pagemap", 1)
    (tmp_path / "large.txt").write_bytes(b"x" * (1024 * 1024 + 1))
    with pytest.raises(LoadError, match="MONAZITE_MAX_FILE_MB"):
        read_file(tmp_path, "large.txt", 1)
    (tmp_path / "fits.txt").write_bytes(b"x" * 1024 * 1024)
    assert len(read_file(tmp_path, "fits.txt", 1)) == 1024 * 1024


OUTSIDE = [
    "../secret.txt", "sub/../../secret.txt", "/etc/hostname", "..", ".", "", "sub//a.txt", "a\0.txt",
    "./secret.txt", "sub/..", "sub/", "/",
]  # fmt: skip


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_name_that_leads_out_reads_writes_and_deletes_nothing(tmp_path: Path, name: str) -> None:
    root = tmp_path / "root"
    root.mkdir()
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET)
    for attempt in (
        lambda: check_name(name),
        lambda: open_file(root, name),
        lambda: delete_file(root, name),
        lambda: write_file(root, name, b"forged"),
    ):
        with pytest.raises(LoadError):
            attempt()
    assert secret.read_text() == SECRET
    assert list(root.iterdir()) == []


def test_what_is_written_replaces_a_link_and_does_not_follow_it(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET)
    root = tmp_path / "root"
    root.mkdir()
    (root / "list.yaml").symlink_to(secret)
    (root / ".list.yaml.part").symlink_to(secret)
    write_file(root, "list.yaml", b"new")
    assert secret.read_text() == SECRET
    assert not (root / "list.yaml").is_symlink()
    assert (root / "list.yaml").read_bytes() == b"new"
    assert (root / "list.yaml").stat().st_mode & 0o777 == 0o600


def test_uploads_are_written_through_no_link_and_wait_for_no_pipe(tmp_path: Path) -> None:
    documents, outside = tmp_path / "documents", tmp_path / "outside"
    outside.mkdir()
    (documents / "slack").mkdir(parents=True)
    os.mkfifo(documents / "slack" / "a.txt")
    (documents / "slack" / "a-2.txt").symlink_to("/dev/zero")
    assert Uploads(documents).add(Upload("a.txt", b"text", UNSAID)) == "slack/a-3.txt"
    for path in (documents / "slack").iterdir():
        path.unlink()
    (documents / "slack").rmdir()
    (documents / "slack").symlink_to(outside)
    with pytest.raises(ConfigurationError, match="is a link"):
        Uploads(documents).add(Upload("a.txt", b"text", UNSAID))
    assert list(outside.iterdir()) == []


TAMPERED = [
    ("root", "/etc", "hostname"), ("parent", None, "../secret.txt"), ("absolute", None, "{secret}"),
    ("elsewhere", "{elsewhere}", "victim.txt"), ("deep", None, "sub/../../secret.txt"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "root", "name"), TAMPERED, ids=[one[0] for one in TAMPERED])
def test_a_document_that_a_tampered_catalog_names_is_neither_read_nor_deleted(
    make_assembly: MakeAssembly, documents: Path, what: str, root: str | None, name: str
) -> None:
    secret, elsewhere = documents.parent / "secret.txt", documents.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "victim.txt").write_text(SECRET)
    secret.write_text(SECRET)
    (documents / "sub").mkdir()
    installation = make_assembly(documents=documents)
    installation.indexer.index([documents])
    root = (root or str(documents)).format(elsewhere=elsewhere)
    name = name.format(secret=secret)
    with installation.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE versions SET root = ?, name = ? WHERE name = 'cerium.txt'", (root, name)
        )
    assert installation.remover.find(name).file is None
    with pytest.raises(ConfigurationError, match="not deleted"):
        installation.remover.delete(name)
    installation.indexer.index([documents], rebuild=True)
    texts = "".join(one.passage.text for one in all_passages(installation))
    assert SECRET not in texts
    if name in [key.name for key in live(installation)]:
        installation.remover.remove(name)
    assert secret.read_text() == SECRET
    assert (elsewhere / "victim.txt").read_text() == SECRET
    assert name not in [key.name for key in live(installation)]


def test_a_build_that_a_tampered_catalog_names_drops_no_folder(
    make_assembly: MakeAssembly, documents: Path
) -> None:
    installation = make_assembly()
    with pytest.raises(LoadError):
        installation.lexical("../../documents")
    assert (documents / "cerium.txt").exists()


def test_a_pipe_in_place_of_a_list_or_a_backup_holds_nothing_up(
    make_assembly: MakeAssembly, documents: Path
) -> None:
    installation = make_assembly()
    installation.indexer.index([documents])
    os.mkfifo(documents.parent / "pipe.backup")
    for file in (documents.parent / "pipe.backup", Path("/dev/zero"), documents):
        with pytest.raises(ConfigurationError, match="no regular file"):
            installation.backups.restore(file)
    os.mkfifo(documents / "sources.yaml")
    report = installation.indexer.index([documents])
    assert "no regular file" in "".join(one.error for one in report.failed)
    assert not installation.answerer.answer("What does cerium oxide polish?").answered


@pytest.mark.skipif(os.geteuid() != 0, reason="gives up root's rights to be held by permissions")
def test_an_unreadable_folder_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    (folder / "closed").mkdir(parents=True)
    (folder / "half").mkdir()
    for file in ("closed/c.txt", "half/h.txt", "open.txt"):
        (folder / file).write_text("text")
    (folder / "closed").chmod(0)
    (folder / "half").chmod(0o744)
    for path in (folder, *folder.parents):
        if path.stat().st_mode & 0o005 != 0o005:
            path.chmod(0o755)
    told, said = multiprocessing.get_context("fork").Pipe(duplex=False)
    asked = multiprocessing.get_context("fork").Process(target=_walk_as_nobody, args=(folder, said))
    asked.start()
    found = told.recv()
    asked.join()
    # What can be listed but not entered fails file by file, when it is read.
    assert found.names == ("open.txt", "half/h.txt")
    assert found.unreadable == ("closed",)
    (failure,) = [one for one in found.failures if one.document == "closed"]
    assert failure.error == "cannot be read (Permission denied); check its permissions"


def _walk_as_nobody(folder: Path, said: Connection) -> None:
    os.setgid(65534)
    os.setuid(65534)
    said.send(walk(Scope(folder)))


def test_what_was_indexed_of_a_folder_that_cannot_be_read_now_stays(
    make_assembly: MakeAssembly, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (documents / "sub").mkdir()
    (documents / "sub" / "erbium.txt").write_text("Erbium amplifies light in glass fibres.")
    installation = make_assembly()
    installation.indexer.index([documents])

    def refuse(folder: int | str) -> Iterator[os.DirEntry[str]]:
        if isinstance(folder, int) and Path(f"/proc/self/fd/{folder}").readlink().name == "sub":
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    scandir = os.scandir
    monkeypatch.setattr("retrieval.sources.scopes.os.scandir", refuse)
    for rebuild in (False, True):
        report = installation.indexer.index([documents], rebuild=rebuild)
        assert "sub" in [one.document for one in report.failed]
        assert report.removed == 0
        assert "sub/erbium.txt" in names(installation)
    monkeypatch.undo()
    assert installation.indexer.index([documents]).unchanged == 3


def test_a_data_folder_among_the_documents_is_none_of_them(
    make_shared: MakeAssembly, documents: Path
) -> None:
    home = documents / "data"
    installation = make_shared(home)
    (home / "fetched").mkdir(parents=True)
    (home / "fetched" / "0123.html").write_text("<p>A page that only the board may see.</p>")
    assert installation.indexer.index([documents]).added == 2
    assert names(installation) == ["cerium.txt", "dysprosium.txt"]
