"""Vectors that were damaged on disk are found before Chroma opens them, and filled in again."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bot.ops.doctor import _vectors
from bot.slack.service.mending import mend_derived_indexes
from bot.wiring.installation import Installation
from retrieval.domain.errors import IndexDamagedError
from retrieval.storage.hnsw_files import damage_in
from retrieval.storage.vector_store import VectorEntry, VectorStore
from tests.conftest import MakeAssembly
from tests.integration.test_indexer import assert_whole

QUESTION = "What does cerium oxide polish?"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of Chroma's that holds more vectors than it keeps in memory alone."""
    folder = tmp_path_factory.mktemp("sound") / "chroma"
    store = VectorStore(folder)
    vectors = np.random.default_rng(0).normal(size=(650, 24)).astype(np.float32)
    store.add("b", [VectorEntry(f"p{n}", "v", "everyone") for n in range(650)], vectors)
    assert store.damaged("b") == ""
    store._client.close()
    return folder


def segment(folder: Path) -> Path:
    return next(path.parent for path in folder.glob("*/index_metadata.pickle"))


def cut(name: str, share: float) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        file = segment(folder) / name
        with file.open("r+b") as opened:
            opened.truncate(int(file.stat().st_size * share))

    return damage


def overwrite(name: str, at: int, data: bytes) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        with (segment(folder) / name).open("r+b") as opened:
            opened.seek(at)
            opened.write(data)

    return damage


def lose(name: str) -> Callable[[Path], None]:
    return lambda folder: (segment(folder) / name).unlink()


DAMAGES = {
    "half of the vectors": cut("data_level0.bin", 0.5),
    "hardly a vector": cut("data_level0.bin", 0.01),
    "no links": cut("link_lists.bin", 0),
    "half of the links": cut("link_lists.bin", 0.5),
    "most of the links": cut("link_lists.bin", 0.99),
    "no lengths": cut("length.bin", 0),
    "half of the header": cut("header.bin", 0.5),
    "half of the names": cut("index_metadata.pickle", 0.5),
    "no names": lose("index_metadata.pickle"),
    "no header": lose("header.bin"),
    "no vectors": lose("data_level0.bin"),
    "more elements than there are": overwrite("header.bin", 20, b"\xff\xff\xff"),
    "an entry that there is not": overwrite("header.bin", 56, b"\xff\xff\x00\x00"),
    "a list of too many neighbours": overwrite("data_level0.bin", 0, b"\xff\xff"),
    "a neighbour that there is not": overwrite("data_level0.bin", 4, b"\xff\xff\xff\x7f"),
    "zeros in place of the header": overwrite("header.bin", 0, bytes(100)),
    "noise in the links": overwrite("link_lists.bin", 0, b"\xab" * 64),
}


@pytest.mark.parametrize("what", DAMAGES)
def test_damage_is_found_without_opening_what_is_damaged(
    what: str, sound: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "chroma"
    shutil.copytree(sound, folder)
    assert damage_in(folder) == ""
    DAMAGES[what](folder)
    assert damage_in(folder)
    store = VectorStore(folder)
    assert store.damaged("b")
    with pytest.raises(IndexDamagedError, match="run: monazite verify --repair"):
        store.search("b", [0.1] * 24, 3)


def test_what_is_new_or_small_or_deleted_in_part_is_sound(tmp_path: Path) -> None:
    folder = tmp_path / "chroma"
    assert damage_in(folder) == ""
    store = VectorStore(folder)
    vectors = np.random.default_rng(1).normal(size=(450, 24)).astype(np.float32)
    for first, last in ((0, 3), (3, 120), (120, 450)):
        entries = [VectorEntry(f"p{n}", f"v{n % 7}", "everyone") for n in range(first, last)]
        store.add("b", entries, vectors[first:last])
        assert (damage_in(folder), store.damaged("b")) == ("", "")
    store.delete_versions("b", ["v1", "v2", "v3"])
    store.scrub("b")
    assert (damage_in(folder), store.damaged("b")) == ("", "")
    store.drop("b")
    assert damage_in(folder) == ""


def test_the_damage_that_is_found_would_end_a_process(sound: Path, tmp_path: Path) -> None:
    """As long as this holds, the look at the files is needed; Chroma may learn to look itself."""
    folder = tmp_path / "chroma"
    shutil.copytree(sound, folder)
    DAMAGES["a neighbour that there is not"](folder)
    DAMAGES["half of the vectors"](folder)
    program = (
        "import sys, resource, chromadb; resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30));"
        "resource.setrlimit(resource.RLIMIT_CORE, (0, 0));"
        "c = chromadb.PersistentClient(sys.argv[1]).get_collection('passages-b', None);"
        "[c.query(query_embeddings=[[i / 9] * 24], n_results=100) for i in range(9)]"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(folder)], check=False, capture_output=True
    )
    assert done.returncode != 0


def _large(documents: Path) -> None:
    """Enough passages for Chroma to write its files."""
    for number in range(150):
        text = f"Mine {number} was opened in {1800 + number} and gave {number * 7} tonnes of ore."
        (documents / f"mine-{number}.txt").write_text(text)


@pytest.mark.parametrize("what", ["half of the vectors", "no names", "half of the header"])
def test_a_damaged_index_says_so_and_is_filled_in_again(
    what: str, make_assembly: MakeAssembly, documents: Path, tmp_path: Path
) -> None:
    _large(documents)
    first: Installation = make_assembly()
    first.indexer.index([documents])
    first.vectors._client.close()
    DAMAGES[what](tmp_path / "home" / "chroma")

    broken = make_assembly()
    with pytest.raises(IndexDamagedError, match="verify --repair"):
        broken.searcher.search("cerium")
    with pytest.raises(IndexDamagedError):
        _vectors(broken)
    found = broken.verifier.verify()
    assert not found.whole
    assert "Chroma cannot be read" in found.problems[0]
    mended = broken.verifier.verify(repair=True)
    assert mended.whole
    assert "refilled the vector store" in mended.mended
    assert broken.answerer.answer(QUESTION).answered
    assert_whole(broken)


def test_a_run_fills_a_damaged_index_in_again(
    make_assembly: MakeAssembly, documents: Path, tmp_path: Path
) -> None:
    _large(documents)
    first = make_assembly()
    first.indexer.index([documents])
    first.vectors._client.close()
    DAMAGES["most of the links"](tmp_path / "home" / "chroma")
    again = make_assembly()
    report = again.indexer.index([documents])
    assert any("vector store" in notice for notice in report.notices)
    assert again.answerer.answer(QUESTION).answered
    assert_whole(again)


def test_a_bot_that_starts_after_a_crash_fills_a_damaged_index_in_again(
    make_assembly: MakeAssembly, documents: Path, tmp_path: Path
) -> None:
    _large(documents)
    first = make_assembly()
    first.indexer.index([documents])
    first.vectors._client.close()
    DAMAGES["half of the vectors"](tmp_path / "home" / "chroma")
    failures: list[Exception] = []

    def report(error: Exception, request_id: str) -> None:
        failures.append(error)

    again = make_assembly()
    mend_derived_indexes(again, report, "r1")
    assert again.answerer.answer(QUESTION).answered
    assert_whole(again)
    assert [run.kind for run in again.runs.history()] == ["verify", "index"]
    mend_derived_indexes(again, report, "r2")
    assert len(again.runs.history()) == 2
    assert failures == []


def test_what_keeps_it_from_being_looked_at_is_reported_and_the_bot_starts(
    make_assembly: MakeAssembly, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation = make_assembly()
    installation.indexer.index([documents])
    failures: list[str] = []
    monkeypatch.setattr(installation.index, "damages", lambda _: 1 / 0)
    mend_derived_indexes(installation, lambda error, at: failures.append(f"{error} {at}"), "r1")
    assert failures == ["division by zero r1"]
