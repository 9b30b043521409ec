"""What an embedding model must do for the index and the answers."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class TokenCounter(Protocol):
    """Counts word pieces as the embedding model does."""

    @property
    def max_tokens(self) -> int:
        """Word pieces the model reads, its special tokens included."""
        ...

    @property
    def special_tokens(self) -> int:
        """Word pieces that the model adds to every text."""
        ...

    def count(self, texts: Sequence[str]) -> list[int]:
        """Returns the number of word pieces of each text, without special tokens."""
        ...


class Embedder(TokenCounter, Protocol):
    """An embedding model, loaded on first use. Safe to share between threads once warm.

    Vectors are unit length, so a dot product is the cosine. Methods raise `ModelError`
    when the model cannot be had.
    """

    name: str
    seconds: float

    def warm(self) -> None:
        """Loads the model now, so that the first question does not wait for it."""
        ...

    @property
    def is_loaded(self) -> bool:
        """Says whether the model is in memory, so that a question would not wait for it."""
        ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Returns one unit vector a text, shape `(len(texts), dimensions)`."""
        ...

    def embed_query(self, text: str) -> Vectors:
        """Returns the unit vector of one query, shape `(dimensions,)`."""
        ...
