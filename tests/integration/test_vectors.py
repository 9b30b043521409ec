"""Vectors in Chroma, used by several threads at once."""

import threading
from pathlib import Path

import numpy as np

from retrieval.storage.vector_store import VectorEntry, VectorStore


def test_the_vectors_are_read_again_once_no_thread_uses_them(tmp_path: Path) -> None:
    store = VectorStore(tmp_path)
    store.add("b1", [VectorEntry("p1", "v1", "all")], [[1.0, 0.0]])
    reading_again = threading.Thread(target=store.reopen)
    with store._collection("b1") as collection:
        reading_again.start()
        reading_again.join(0.3)
        assert reading_again.is_alive()
        assert collection.count() == 1
    reading_again.join(20)
    assert not reading_again.is_alive()
    assert store.search("b1", [1.0, 0.0], 1)[0].passage_id == "p1"


def test_questions_are_answered_while_deleted_vectors_are_cleaned_away(tmp_path: Path) -> None:
    """Chroma's SQLite file is rewritten under its hands, which Python's own library would damage."""
    store = VectorStore(tmp_path)
    vectors = np.random.default_rng(1).normal(size=(500, 16)).tolist()
    entries = [VectorEntry(f"p{number}", f"v{number}", "all") for number in range(500)]
    store.add("b1", entries, vectors)
    done, found = threading.Event(), list[int]()

    def ask() -> None:
        while not done.is_set():
            found.append(len(store.search("b1", vectors[499], 5)))

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        for number in range(8):
            store.delete_versions("b1", [f"v{number}"])
            store.scrub("b1")
            store.add("b1", entries[number : number + 1], [vectors[number]])
    finally:
        done.set()
        asking.join()
    assert found
    assert set(found) == {5}
    assert store.ids("b1") == {entry.passage_id for entry in entries}
