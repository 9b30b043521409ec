"""A second machine: its own lexical index, beside a catalog and vectors that are shared."""

from pathlib import Path

import pytest

from bot.wiring.installation import Installation
from retrieval.storage.lexical_index import LexicalPassage
from tests.conftest import MakeAssembly


@pytest.fixture
def machines(
    make_shared: MakeAssembly, tmp_path: Path, documents: Path, chroma_url: str, postgres_url: str
) -> tuple[Installation, Installation]:
    """One that indexes and one that only answers."""
    shared = {"chroma_url": chroma_url, "database_url": postgres_url}
    indexing, answering = (make_shared(tmp_path / name, **shared) for name in ("one", "two"))
    indexing.indexer.index([documents])
    return indexing, answering


def held_by(installation: Installation) -> set[str]:
    build = installation.searcher.snapshot().build
    return set(installation.lexical(build.id).ids())


def test_the_other_machine_has_what_the_catalog_says(
    machines: tuple[Installation, Installation],
) -> None:
    indexing, answering = machines
    assert held_by(answering) == held_by(indexing) != set()
    assert "polishes glass" in answering.answerer.answer("What does cerium oxide polish?").text


def test_it_follows_additions_changes_and_removals(
    machines: tuple[Installation, Installation], documents: Path
) -> None:
    indexing, answering = machines
    held_by(answering)
    (documents / "cerium.txt").write_text("Cerium oxide cleans the exhaust of cars.")
    (documents / "terbium.txt").write_text("Terbium glows green in lamps.")
    (documents / "dysprosium.txt").unlink()
    indexing.indexer.index([documents])
    assert held_by(answering) == held_by(indexing)
    assert "exhaust of cars" in answering.answerer.answer("What does cerium oxide clean?").text
    assert "green" in answering.answerer.answer("How does terbium glow?").text


def test_it_follows_a_rebuild_and_drops_the_old_index(
    machines: tuple[Installation, Installation], documents: Path
) -> None:
    indexing, answering = machines
    old = answering.searcher.snapshot().build.id
    held_by(answering)
    indexing.indexer.index([documents], rebuild=True)
    build = answering.searcher.snapshot().build
    assert held_by(answering) == held_by(indexing)
    answering.lexical_replica.tidy(build)
    folders = {folder.name for folder in (answering.settings.home / "lexical").glob("*/")}
    assert folders == {build.id} != {old}


def test_no_word_of_what_was_removed_stays_in_its_files(
    machines: tuple[Installation, Installation], documents: Path
) -> None:
    indexing, answering = machines
    build = answering.searcher.snapshot().build.id

    def held() -> int:
        # tantivy counts what is deleted for as long as it is there.
        return answering.lexical(build).document_frequency("dysprosium")

    assert held() == 1
    (documents / "dysprosium.txt").unlink()
    indexing.indexer.index([documents])
    answering.lexical_replica.tidy(answering.searcher.snapshot().build)
    assert held() == 0


def test_the_machine_that_indexes_has_nothing_to_make_up_for(
    machines: tuple[Installation, Installation], monkeypatch: pytest.MonkeyPatch
) -> None:
    indexing, _ = machines
    monkeypatch.setattr(
        "retrieval.storage.lexical_index.LexicalIndex.ids", lambda _: pytest.fail("it looked")
    )
    indexing.lexical_replica.follow(indexing.searcher.snapshot().build)


def test_what_an_indexer_is_about_to_make_live_is_left_alone(
    machines: tuple[Installation, Installation],
) -> None:
    indexing, _ = machines
    build = indexing.searcher.snapshot().build
    (live, *_) = indexing.catalog.live_versions(build.id).values()
    version = indexing.catalog.version(live.version_id).with_id("f" * 32)
    indexing.catalog.stage(build.id, [version])
    indexing.lexical(build.id).mark(0)
    indexing.lexical(build.id).add(
        LexicalPassage(
            f"{version.version_id}-{one.ordinal}", version.version_id, "everyone", one.text, ""
        )
        for one in version.passages
    )
    indexing.lexical_replica.follow(build)
    assert {f"{'f' * 32}-{passage.ordinal}" for passage in version.passages} <= set(
        indexing.lexical(build.id).ids()
    )


def test_a_folder_that_cannot_be_written_is_answered_from_as_it_is(
    machines: tuple[Installation, Installation], monkeypatch: pytest.MonkeyPatch
) -> None:
    indexing, _ = machines
    build = indexing.searcher.snapshot().build
    indexing.lexical(build.id).mark(0)

    def refuse(_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("filelock.FileLock.acquire", refuse)
    indexing.lexical_replica.follow(build)
    assert indexing.lexical(build.id).generation == 0
