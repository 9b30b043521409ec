"""What is wrong with an index is found, named and mended."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.wiring.installation import Installation
from retrieval.storage.tables import PassageRow
from retrieval.storage.vector_store import VectorEntry
from tests.conftest import MakeAssembly
from tests.integration.test_indexer import assert_whole


def make_indexed(make_assembly: MakeAssembly, documents: Path) -> Installation:
    installation = make_assembly()
    installation.indexer.index([documents])
    return installation


@pytest.fixture
def indexed(make_assembly: MakeAssembly, documents: Path) -> Installation:
    return make_indexed(make_assembly, documents)


def build_of(installation: Installation) -> str:
    build = installation.catalog.live_build()
    assert build is not None
    return build.id


def first_id(installation: Installation) -> str:
    return min(stored.id for stored in installation.catalog.all_passages(build_of(installation)))


def lose_a_vector(installation: Installation) -> None:
    with installation.vectors._collection(build_of(installation)) as collection:
        collection.delete(ids=[first_id(installation)])


def swap_a_vector(installation: Installation) -> None:
    lose_a_vector(installation)
    entry = VectorEntry("stranger-0", "stranger", "everyone")
    installation.vectors.add(build_of(installation), [entry], [[0.1] * 384])


def lose_words(installation: Installation) -> None:
    version = first_id(installation).rpartition("-")[0]
    installation.lexical(build_of(installation)).delete_versions([version])


@pytest.mark.parametrize(
    ("damage", "problem", "mended"),
    [
        (lose_a_vector, "Chroma lacks 1 of 2 passages", "refilled the vector store"),
        (swap_a_vector, "Chroma holds too many: 1 of 2", "refilled the vector store"),
        (lose_words, "the lexical index lacks 1 of 2", "refilled the lexical index"),
    ],
)
def test_what_is_wrong_is_named_and_mended(
    indexed: Installation, damage: Callable[[Installation], None], problem: str, mended: str
) -> None:
    assert indexed.verifier.verify().whole
    damage(indexed)
    found = indexed.verifier.verify()
    assert not found.whole
    assert any(problem in line for line in found.problems)
    repaired = indexed.verifier.verify(repair=True)
    assert repaired.whole
    assert mended in repaired.mended
    assert_whole(indexed)


def test_what_a_killed_run_left_is_no_damage_and_is_deleted(indexed: Installation) -> None:
    indexed.catalog.stage_build("another")
    found = indexed.verifier.verify()
    assert (found.whole, found.leftovers) == (True, 1)
    repaired = indexed.verifier.verify(repair=True)
    assert (repaired.whole, repaired.leftovers) == (True, 0)
    assert_whole(indexed)


def test_a_text_that_was_changed_in_the_catalog_is_found(indexed: Installation) -> None:
    with indexed.engine.begin() as connection:
        change = update(PassageRow).where(PassageRow.id == first_id(indexed))
        connection.execute(change.values(text="Something else."))
    found = indexed.verifier.verify(repair=True)
    assert not found.whole
    assert "does not stand in its text; index it again" in found.problems[0]


def cut_chroma_off(installation: Installation) -> None:
    """What a full disk leaves of the file that Chroma keeps beside its vectors."""
    folder = installation.settings.home / "chroma"
    (index,) = [path for path in folder.iterdir() if path.is_dir()]
    installation.vectors.reopen()
    (index / "index_metadata.pickle").write_bytes(b"")


def cut_tantivy_off(installation: Installation) -> None:
    (folder,) = (installation.settings.home / "lexical").glob("*/")
    (folder / "meta.json").write_text('{"index_settings"')


@pytest.mark.parametrize(
    ("damage", "name"), [(cut_chroma_off, "Chroma"), (cut_tantivy_off, "the lexical index")]
)
@pytest.mark.parametrize("by", ["repair", "index"])
def test_an_index_that_cannot_even_be_opened_is_named_and_filled_again(
    make_assembly: MakeAssembly, documents: Path, damage: Callable[[Installation], None], name: str,
    by: str,
) -> None:  # fmt: skip
    damage(make_indexed(make_assembly, documents))
    installation = make_assembly()
    (problem,) = installation.verifier.verify().problems
    assert problem.startswith(f"{name} cannot be read (")
    if by == "repair":
        assert installation.verifier.verify(repair=True).whole
    else:
        installation.indexer.index([documents])
    assert_whole(installation)
