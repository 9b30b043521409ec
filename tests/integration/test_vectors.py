"""Vectors in Chroma, used by several threads at once."""

import threading
from pathlib import Path

from retrieval.vectors import VectorEntry, VectorStore


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
