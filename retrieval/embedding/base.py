"""What the embedding models on this machine have in common: loaded on first use, unit vectors."""

from typing import Any

import numpy as np

from retrieval.embedding.embedder import Vectors


class LocalEmbeddings:
    """A model in `_model`, which is a cached property."""

    _model: Any

    def warm(self) -> None:
        """Loads the model now, so that the first question does not wait for it."""
        _ = self._model

    @property
    def is_loaded(self) -> bool:
        """Says whether the model is in memory, so that a question would not wait for it."""
        return "_model" in self.__dict__


def unit(vectors: Vectors) -> Vectors:
    """Returns each row with length 1; a row of noughts stays."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float32)
