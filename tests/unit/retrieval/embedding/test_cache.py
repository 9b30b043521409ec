from collections.abc import Sequence

import numpy as np

from retrieval.embedding.cache import VectorCache
from retrieval.embedding.embedder import Vectors


class Model:
    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.asked.append(list(texts))
        return np.array([[len(text), 1.0] for text in texts], dtype=np.float32).reshape(-1, 2)


def test_a_sentence_is_embedded_once() -> None:
    model = Model()
    cache = VectorCache(model.embed)
    assert cache.embed(["aa", "b", "aa"]).tolist() == [[2, 1], [1, 1], [2, 1]]
    assert cache.embed(["ccc", "b"]).tolist() == [[3, 1], [1, 1]]
    assert model.asked == [["aa", "b"], ["ccc"]]


def test_what_was_not_asked_for_longest_is_forgotten_first() -> None:
    model = Model()
    cache = VectorCache(model.embed, most=2)
    for texts in (["a"], ["bb"], ["a"], ["ccc"], ["a"], ["bb"]):
        cache.embed(texts)
    assert model.asked == [["a"], ["bb"], ["ccc"], ["bb"]]


def test_nothing_is_embedded_as_nothing() -> None:
    assert VectorCache(Model().embed).embed([]).shape == (0, 2)
