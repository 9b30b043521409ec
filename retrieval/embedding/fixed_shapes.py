"""Half precision whose vectors depend on their own text alone, whatever is embedded beside it.

In bfloat16 the order of additions shows in the third digit, and that order depends on how many
texts of what length are multiplied at once. A document that a reader may not see must not show
even there: every batch has one of few shapes, filled up where there are too few texts.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from retrieval.embedding.embedder import Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# Measured on two cores (docs/quality.md): more texts at once are no quicker, and cost a question
# of few sentences more; a finer step in length costs more than it saves.
TOGETHER = 8
_STEP = 32


class FixedShapeEncoder:
    """Encodes with a sentence-transformers model in shapes of `TOGETHER` texts, or of one.

    `tokenizer` neither cuts nor pads: its state is shared between threads.
    """

    def __init__(self, model: "SentenceTransformer", tokenizer: Any, max_tokens: int) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._max_tokens = max_tokens

    def encode(self, texts: Sequence[str], together: int = TOGETHER) -> Vectors:
        """Returns one vector a text, of about unit length, `together` at a time."""
        encodings = self._tokenizer.backend_tokenizer.encode_batch(
            list(texts), add_special_tokens=True
        )
        ids = [self._cut(encoding.ids) for encoding in encodings]
        vectors: list[Vectors] = [np.empty(0, dtype=np.float32)] * len(texts)
        for length, places in batches([len(one) for one in ids], together):
            filled = [ids[place] for place in places] + [ids[places[0]]] * (together - len(places))
            for place, vector in zip(places, self._forward(filled, length), strict=False):
                vectors[place] = vector
        return np.stack(vectors)

    def _cut(self, ids: list[int]) -> list[int]:
        """What the model can read, with the mark that ends a text."""
        return ids if len(ids) <= self._max_tokens else [*ids[: self._max_tokens - 1], ids[-1]]

    def _forward(self, ids: list[list[int]], length: int) -> Vectors:
        import torch

        length = min(length, self._max_tokens)
        padded = self._tokenizer.pad(
            {"input_ids": ids}, padding="max_length", max_length=length, return_tensors="pt"
        )
        with torch.inference_mode():
            found = self._model.forward(dict(padded))["sentence_embedding"]
        vectors: Vectors = found.float().numpy()
        return vectors


def batches(lengths: Sequence[int], together: int) -> Iterator[tuple[int, list[int]]]:
    """Yields `(padded length, places)`: texts of about one length, at most `together` of them."""
    steps: dict[int, list[int]] = {}
    for place, length in enumerate(lengths):
        steps.setdefault(-(-max(1, length) // _STEP), []).append(place)
    for step, places in sorted(steps.items()):
        for start in range(0, len(places), together):
            yield step * _STEP, places[start : start + together]
