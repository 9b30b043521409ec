from pathlib import Path

import pytest
from filelock import FileLock

from bot.wiring.installation import Installation
from retrieval.domain.errors import ConfigurationError, IndexBusyError
from retrieval.indexing.report import IndexReport
from tests.conftest import MakeAssembly


def counts(report: IndexReport) -> tuple[int, int, int, int, int]:
    return (
        report.added, report.updated, report.removed, report.unchanged, len(report.failed),
    )  # fmt: skip


def names(installation: Installation) -> list[str]:
    return [document.name for document in installation.catalog.documents()]


def assert_whole(installation: Installation) -> None:
    """Catalog, Chroma and tantivy hold the same passages, and nothing is left over."""
    build = installation.catalog.live_build()
    assert build is not None
    expected = {stored.id for stored in installation.catalog.all_passages(build.id)}
    with installation.vectors._collection(build.id) as collection:
        vectors = collection.get(include=[])["ids"]
    assert sorted(vectors) == sorted(expected)
    assert installation.lexical(build.id).count() == len(expected)
    assert installation.catalog.leftovers(build.id) == []
    assert installation.catalog.dead_builds() == []


def test_a_second_run_changes_nothing(make_assembly: MakeAssembly, documents: Path) -> None:
    installation = make_assembly()
    assert counts(installation.indexer.index([documents])) == (2, 0, 0, 0, 0)
    first = installation.catalog.live_build()
    report = installation.indexer.index([documents])
    assert counts(report) == (0, 0, 0, 2, 0)
    assert installation.catalog.live_build() == first
    assert report.timings["embed"] == 0
    assert_whole(installation)


def test_changed_new_and_deleted_files_are_followed(
    make_assembly: MakeAssembly, documents: Path
) -> None:
    installation = make_assembly()
    installation.indexer.index([documents])
    (documents / "cerium.txt").write_text("Cerium now goes into catalysts for cars.")
    (documents / "dysprosium.txt").unlink()
    (documents / "erbium.md").write_text("# Erbium\n\nErbium amplifies light in fibres.")
    assert counts(installation.indexer.index([documents])) == (1, 1, 1, 0, 0)
    assert names(installation) == ["cerium.txt", "erbium.md"]
    texts = [hit.passage.passage.text for hit in installation.searcher.search("cerium").hits]
    assert any("catalysts" in text for text in texts)
    assert not any("polishes" in text or "Dysprosium" in text for text in texts)
    assert_whole(installation)


def test_a_bad_file_is_reported_and_the_others_go_in(
    make_assembly: MakeAssembly, documents: Path
) -> None:
    (documents / "fake.pdf").write_text("this is no PDF")
    report = make_assembly().indexer.index([documents])
    assert counts(report) == (2, 0, 0, 0, 1)
    assert report.failed[0].document == "fake.pdf"
    assert "not a PDF" in report.failed[0].error


def test_a_file_that_turns_bad_keeps_answering_as_it_was(
    make_assembly: MakeAssembly, documents: Path
) -> None:
    installation = make_assembly()
    installation.indexer.index([documents])
    (documents / "cerium.txt").write_bytes(b"\0\0\0\0")
    assert counts(installation.indexer.index([documents])) == (0, 0, 0, 1, 1)
    assert "cerium.txt" in names(installation)
    report = installation.indexer.index([documents], rebuild=True)
    assert len(report.failed) == 1
    assert "cerium.txt" in names(installation)
    assert_whole(installation)


def test_an_unreadable_file_is_reported(make_assembly: MakeAssembly, documents: Path) -> None:
    (documents / "gone.txt").symlink_to(documents / "nowhere")
    (failure,) = make_assembly().indexer.index([documents]).failed
    assert failure.document == "gone.txt"
    assert failure.error.startswith("is a link, and links are not followed")


def test_other_folders_stay_when_one_is_indexed(
    make_assembly: MakeAssembly, documents: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "lynas.txt").write_text("Lynas runs a plant in Malaysia.")
    installation = make_assembly()
    installation.indexer.index([documents])
    installation.indexer.index([other])
    assert names(installation) == ["cerium.txt", "dysprosium.txt", "lynas.txt"]


def test_a_file_of_an_indexed_folder_can_be_indexed_alone(
    make_assembly: MakeAssembly, documents: Path
) -> None:
    installation = make_assembly()
    installation.indexer.index([documents])
    (documents / "cerium.txt").write_text("Cerium is the commonest rare earth.")
    (documents / "dysprosium.txt").write_text("Changed, but not asked for.")
    assert counts(installation.indexer.index([documents / "cerium.txt"])) == (0, 1, 0, 0, 0)
    assert names(installation) == ["cerium.txt", "dysprosium.txt"]


def test_a_parent_folder_takes_over_the_folder_inside_it(
    make_assembly: MakeAssembly, documents: Path, tmp_path: Path
) -> None:
    installation = make_assembly()
    installation.indexer.index([documents])
    installation.indexer.index([tmp_path / "documents" / ".."])
    assert names(installation) == ["documents/cerium.txt", "documents/dysprosium.txt"]
    assert_whole(installation)


def test_an_emptied_folder_empties_the_index(make_assembly: MakeAssembly, documents: Path) -> None:
    installation = make_assembly()
    installation.indexer.index([documents])
    for path in documents.iterdir():
        path.unlink()
    assert counts(installation.indexer.index([documents])) == (0, 0, 2, 0, 0)
    assert_whole(installation)


def test_a_folder_that_never_held_documents_is_refused(
    make_assembly: MakeAssembly, tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(ConfigurationError, match=r"No documents in .*; add files ending in \.txt"):
        make_assembly().indexer.index([empty])


def test_a_second_indexer_is_told_to_wait(
    make_assembly: MakeAssembly, documents: Path, tmp_path: Path
) -> None:
    installation = make_assembly()
    (tmp_path / "home").mkdir()
    with FileLock(tmp_path / "home" / "index.lock"), pytest.raises(IndexBusyError, match="wait"):
        installation.indexer.index([documents])


def test_another_pipeline_rebuilds_and_says_so(
    make_assembly: MakeAssembly, documents: Path
) -> None:
    make_assembly(passage_tokens=64).indexer.index([documents])
    installation = make_assembly(passage_tokens=128)
    report = installation.indexer.index([documents])
    assert counts(report) == (0, 2, 0, 0, 0)
    assert "rebuilding it with all-MiniLM-L6-v2, 128 tokens" in report.notices[0]
    assert_whole(installation)


def test_a_rebuild_keeps_documents_whose_folder_is_gone(
    make_assembly: MakeAssembly, documents: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "lynas.txt").write_text("Lynas runs a plant in Malaysia.")
    installation = make_assembly()
    installation.indexer.index([documents, other])
    (other / "lynas.txt").unlink()
    other.rmdir()
    report = installation.indexer.index([documents], rebuild=True)
    assert counts(report) == (0, 2, 0, 1, 0)
    assert "lynas.txt" in names(installation)
    assert_whole(installation)


@pytest.mark.parametrize("lost", ["lexical", "chroma"])
def test_a_lost_derived_index_is_refilled_from_the_catalog(
    make_assembly: MakeAssembly, documents: Path, lost: str, tmp_path: Path
) -> None:
    first = make_assembly()
    first.indexer.index([documents])
    build = first.catalog.live_build()
    assert build is not None
    if lost == "lexical":
        first.lexical(build.id).drop()
    else:
        first.vectors.drop(build.id)
    again = make_assembly()
    report = again.indexer.index([documents])
    assert len(report.notices) == 1
    assert "was refilled" in report.notices[0]
    assert_whole(again)
