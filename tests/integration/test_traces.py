"""A deleted document leaves nothing of itself behind; looked for in the files themselves."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from bot.wiring.installation import Installation
from retrieval.embedding.embedder import Vectors
from tests.conftest import MakeAssembly
from tests.integration.test_indexer import assert_whole

# Words, stems, names and titles that stand in the document alone.
MARKS = [b"karlsruhe", b"zwickau", b"offtake", b"quarterly-secrets", b"wolfgang"]
TEXT = """---
title: Quarterly-secrets of Karlsruhe
author: Wolfgang
---
The Zwickau offtake is 40 tonnes. The Zwickau offtake is secret.
"""


def traces(home: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(home.rglob("*")):
        if path.is_file():
            data = path.read_bytes().lower()
            yield from ((path.relative_to(home).as_posix(), mark) for mark in MARKS if mark in data)


@pytest.fixture
def indexed(make_assembly: MakeAssembly, documents: Path) -> Installation:
    (documents / "quarterly-secrets.md").write_text(TEXT)
    for number in range(20):
        (documents / f"filler-{number}.txt").write_text(f"Filler number {number} on lanthanum.")
    installation = make_assembly()
    installation.indexer.index([documents])
    return installation


def test_a_deleted_document_leaves_no_word_in_any_file(
    indexed: Installation, documents: Path
) -> None:
    home = indexed.settings.home
    assert {mark for _, mark in traces(home)} == set(MARKS)
    assert in_dictionary(indexed) == 1
    assert indexed.searcher.search("Zwickau").hits
    (documents / "quarterly-secrets.md").unlink()
    indexed.indexer.index([documents])
    assert list(traces(home)) == []
    assert in_dictionary(indexed) == 0
    assert_whole(indexed)


def vectors_of(installation: Installation, document: str) -> list[Vectors]:
    build = installation.catalog.live_build()
    assert build
    ids = [
        one.id for one in installation.catalog.all_passages(build.id) if one.document == document
    ]
    return list(installation.vectors.read(build.id, ids).values())


def files_with(home: Path, vector: Vectors) -> list[str]:
    """The files in which a vector stands; Chroma's index changes the last digit of its numbers."""
    start = np.array(vector[:8], dtype=np.float32)
    return [
        path.relative_to(home).as_posix()
        for path in sorted(home.rglob("*"))
        if path.is_file() and any(_holds(path.read_bytes()[shift:], start) for shift in range(4))
    ]


def _holds(data: bytes, start: npt.NDArray[np.float32]) -> bool:
    numbers = np.frombuffer(data, dtype=np.float32, count=len(data) // 4)
    places = len(numbers) - len(start)
    if places <= 0:
        return False
    with np.errstate(invalid="ignore", over="ignore"):
        near = [np.abs(numbers[at : at + places] - start[at]) < 1e-6 for at in range(len(start))]
    return bool(np.logical_and.reduce(near).any())


@pytest.mark.parametrize("fillers", [0, 150])
def test_a_deleted_document_leaves_no_vector_in_any_file(
    indexed: Installation, documents: Path, fillers: int
) -> None:
    """Few changes stand in Chroma's SQLite file, many in its index; what was replaced counts too."""
    for number in range(fillers):
        (documents / f"more-{number}.txt").write_text(f"More of number {number} on cerium.")
    indexed.indexer.index([documents])
    home, secret = indexed.settings.home, documents / "quarterly-secrets.md"
    vectors = vectors_of(indexed, secret.name)
    secret.write_text(f"{TEXT} And 50 tonnes of Karlsruhe's own.")
    indexed.indexer.index([documents])
    vectors += vectors_of(indexed, secret.name)
    assert len(vectors) == 2
    assert all(files_with(home, vector) for vector in vectors)
    secret.unlink()
    indexed.indexer.index([documents])
    assert [files_with(home, vector) for vector in vectors] == [[], []]
    assert_whole(indexed)


def test_an_index_that_was_rebuilt_leaves_nothing_of_the_old_one(
    indexed: Installation, documents: Path
) -> None:
    for number in range(150):
        (documents / f"more-{number}.txt").write_text(f"More of number {number} on cerium.")
    indexed.indexer.index([documents])
    chroma = indexed.settings.home / "chroma"
    (before,) = [path for path in chroma.iterdir() if path.is_dir()]
    indexed.indexer.index([documents], rebuild=True)
    assert not before.exists()
    assert_whole(indexed)


def in_dictionary(installation: Installation) -> int:
    """How often a word of the document stands in tantivy's files, which keep words packed.

    Passages that are only marked as deleted count too.
    """
    build = installation.catalog.live_build()
    assert build
    return installation.lexical(build.id).document_frequency("zwickau")


def test_a_document_deleted_by_a_run_that_died_leaves_none_after_the_next(
    indexed: Installation, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (documents / "quarterly-secrets.md").unlink()
    with monkeypatch.context() as patch:
        patch.setattr(indexed.index.vectors, "delete_versions", _die)
        with pytest.raises(SystemExit):
            indexed.indexer.index([documents])
    indexed.indexer.index([documents])
    assert list(traces(indexed.settings.home)) == []
    assert in_dictionary(indexed) == 0
    assert_whole(indexed)


def _die(*_: object) -> None:
    raise SystemExit


def test_chroma_is_given_no_words_at_all(indexed: Installation) -> None:
    in_chroma = [file for file, _ in traces(indexed.settings.home) if file.startswith("chroma")]
    assert in_chroma == []


def test_words_that_stood_in_memory_are_not_written_with_the_vectors(tmp_path: Path) -> None:
    """Chroma writes memory that it never filled; in a process of its own, so that much is dirty."""
    program = [sys.executable, "-c", _DIRTY, str(tmp_path)]
    subprocess.run(program, check=True, timeout=60)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.name == "data_level0.bin" for path in files)
    assert [path.name for path in files if b"karlsruhe" in path.read_bytes()] == []


# Threads that end leave their heaps to the next ones: Chroma's.
_DIRTY = """
import ctypes, sys, threading
from pathlib import Path
from retrieval.storage.vector_store import VectorEntry, VectorStore

def leave_words():
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    libc.malloc.argtypes, libc.free.argtypes = [ctypes.c_size_t], [ctypes.c_void_p]
    libc.free(libc.malloc(30_000_000))  # from now on blocks of this size are used again
    blocks = [libc.malloc(8_000_000) for _ in range(3)]
    libc.malloc(100)
    for block in blocks:
        ctypes.memmove(block, b"karlsruhe " * 800_000, 8_000_000)
        libc.free(block)

threads = [threading.Thread(target=leave_words) for _ in range(12)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
store = VectorStore(Path(sys.argv[1]))
store.add("build", [VectorEntry("one", "version", "")], [[1.0] + [0.0] * 383])
store.search("build", [1.0] + [0.0] * 383, 1)
"""
