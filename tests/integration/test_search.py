from pathlib import Path

import numpy as np
import pytest

from bot.wiring.installation import Installation
from retrieval.domain.errors import IndexMismatchError, IndexMissingError
from retrieval.search.searcher import Snapshot
from tests.conftest import MakeAssembly


def test_hits_say_where_they_come_from(library: Installation) -> None:
    found = library.searcher.search("price of NdPr oxide in March 2024", 5)
    best = found.hits[0]
    assert best.passage.document == "ndpr-note-2024-03.txt"
    assert best.dense_rank is not None
    assert best.lexical_rank is not None
    assert best.cosine is not None
    assert 0 < best.cosine <= 1
    assert best.bm25 is not None
    assert best.fused <= 2 / 61
    assert [hit.score for hit in found.hits] == sorted((h.score for h in found.hits), reverse=True)
    assert np.linalg.norm(found.query_vector) == pytest.approx(1, abs=1e-5)


def test_a_symbol_finds_the_element(library: Installation) -> None:
    lexical = library.lexical(library.searcher.snapshot().build.id)
    expansions = library.searcher._glossary.expansions("Dy")
    assert lexical.search("Dy", [], 5) == []
    assert lexical.search("Dy", expansions, 5)


def test_query_syntax_is_only_words(library: Installation) -> None:
    for question in ('"unbalanced', "a AND (b OR", "text:*", "+-!(){}[]^~?\\/", "*" * 50):
        library.searcher.search(f"{question} cerium")


def test_a_repeated_passage_is_folded(make_assembly: MakeAssembly, documents: Path) -> None:
    (documents / "copy.txt").write_text((documents / "cerium.txt").read_text())
    installation = make_assembly()
    installation.indexer.index([documents])
    hits = installation.searcher.search("Who needs cerium oxide?").hits
    assert len(hits) == 2
    folded = next(hit for hit in hits if hit.repeats)
    assert {folded.passage.document, folded.repeats[0].document} == {"cerium.txt", "copy.txt"}


def test_a_searcher_sees_what_another_process_indexed(
    make_assembly: MakeAssembly, documents: Path
) -> None:
    reader, writer = make_assembly(), make_assembly()
    writer.indexer.index([documents])
    assert reader.searcher.search("erbium").hits
    (documents / "erbium.txt").write_text("Erbium amplifies light in glass fibres under the sea.")
    writer.indexer.index([documents])
    best = reader.searcher.search("What amplifies light?").hits[0]
    assert best.passage.document == "erbium.txt"
    assert best.dense_rank == 1
    writer.indexer.index([documents], rebuild=True)
    assert reader.searcher.search("What amplifies light?").hits[0].dense_rank == 1


def test_before_the_first_run_there_is_nothing_to_search(make_assembly: MakeAssembly) -> None:
    with pytest.raises(IndexMissingError, match="run: monazite index"):
        make_assembly().searcher.search("anything")


def test_an_index_of_another_model_is_not_searched(
    make_assembly: MakeAssembly, documents: Path
) -> None:
    make_assembly().indexer.index([documents])
    other = make_assembly(embedding_model="some-other-model")
    with pytest.raises(IndexMismatchError, match="monazite index --rebuild"):
        other.searcher.search("anything")


def changes_under(
    installation: Installation, documents: Path, times: int, failing: bool
) -> list[int]:
    """The generations that an attempt was given whose index changes under it so many times."""
    seen: list[int] = []

    def attempt(snapshot: Snapshot) -> int:
        seen.append(snapshot.build.generation)
        if len(seen) <= times:
            (documents / f"note-{len(seen)}.txt").write_text("The kiln holds 40 tonnes of oxide.")
            installation.indexer.index([documents])
            if failing:
                raise LookupError("taken away under its hands")
        return seen[-1]

    assert installation.searcher.on_one_snapshot(attempt) == seen[-1]
    return seen


@pytest.fixture
def kiln(make_assembly: MakeAssembly, tmp_path: Path) -> tuple[Installation, Path]:
    documents = tmp_path / "kiln"
    documents.mkdir()
    (documents / "kiln.txt").write_text("The kiln is fired at 900 degrees.")
    installation = make_assembly()
    installation.indexer.index([documents])
    return installation, documents


@pytest.mark.parametrize("failing", [False, True])
def test_an_answer_is_made_anew_when_the_index_changed_meanwhile(
    kiln: tuple[Installation, Path], failing: bool
) -> None:
    seen = changes_under(*kiln, times=2, failing=failing)
    assert len(seen) == 3
    assert seen == sorted(set(seen))


def test_an_index_that_never_stands_still_is_answered_from_all_the_same(
    kiln: tuple[Installation, Path],
) -> None:
    assert len(changes_under(*kiln, times=100, failing=False)) == 4


def test_an_error_that_no_change_explains_is_raised_at_once(
    kiln: tuple[Installation, Path],
) -> None:
    asked = []

    def attempt(snapshot: Snapshot) -> None:
        asked.append(snapshot)
        raise LookupError("a fault of ours")

    with pytest.raises(LookupError):
        kiln[0].searcher.on_one_snapshot(attempt)
    assert len(asked) == 1
