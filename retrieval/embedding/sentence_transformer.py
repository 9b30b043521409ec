"""The embedding model: sentence-transformers behind LangChain's `Embeddings`."""

from collections.abc import Sequence
from functools import cached_property
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from retrieval.domain.errors import ModelError, first_line
from retrieval.embedding.base import LocalEmbeddings, unit
from retrieval.embedding.embedder import Vectors
from retrieval.embedding.fixed_shapes import TOGETHER, FixedShapeEncoder
from retrieval.embedding.model_files import Precision, locate_model

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_BATCH = 32


class SentenceEmbeddings(LocalEmbeddings):
    """Embeds texts with the sentence-transformers model `name`, loaded on first use.

    Vectors are unit length, so a dot product is the cosine. Raises `ModelError`
    when the model cannot be had.
    """

    def __init__(self, name: str, precision: Precision = "auto") -> None:
        self.name = name
        self._precision = precision
        self.seconds = 0.0

    @cached_property
    def _model(self) -> "SentenceTransformer":
        location = locate_model(self.name)
        import transformers
        from sentence_transformers import SentenceTransformer

        transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            model = SentenceTransformer(location, device="cpu")
        except (OSError, ValueError) as error:
            reason = first_line(error)[:200]
            raise ModelError(
                f"The embedding model {self.name!r} cannot be loaded ({reason}); "
                "check MONAZITE_EMBEDDING_MODEL"
            ) from error
        return model.bfloat16() if _in_halves(self._precision) else model

    @cached_property
    def _halves(self) -> FixedShapeEncoder | None:
        if not _in_halves(self._precision):
            return None
        return FixedShapeEncoder(self._model, self._tokenizer, self.max_tokens)

    @property
    def max_tokens(self) -> int:
        """Word pieces the model reads, special tokens included."""
        return int(self._model.max_seq_length or 512)

    @property
    def special_tokens(self) -> int:
        """Word pieces that the model adds to every text."""
        return len(self._tokenizer("", add_special_tokens=True)["input_ids"])

    def count(self, texts: Sequence[str]) -> list[int]:
        """Returns the number of word pieces of each text, without special tokens."""
        if not texts:
            return []
        # The backend is called directly: the wrapper would warn about every long text.
        encodings = self._tokenizer.backend_tokenizer.encode_batch(
            list(texts), add_special_tokens=False
        )
        return [len(encoding.ids) for encoding in encodings]

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Returns one unit vector a text, shape `(len(texts), dimensions)`."""
        return self._unit(texts) if texts else np.empty((0, 0), dtype=np.float32)

    def _unit(self, texts: Sequence[str], together: int = TOGETHER) -> Vectors:
        began = perf_counter()
        vectors = self._encode(texts, together)
        self.seconds += perf_counter() - began
        # Half precision leaves lengths a thousandth off; they are made whole in full precision.
        return unit(vectors)

    def _encode(self, texts: Sequence[str], together: int) -> Vectors:
        if self._halves is not None:
            return self._halves.encode(texts, together)
        vectors: Vectors = self._model.encode(
            list(texts), batch_size=_BATCH, show_progress_bar=False
        )
        return vectors

    def embed_query(self, text: str) -> Vectors:
        """Returns the unit vector of one query, shape `(dimensions,)`."""
        vector: Vectors = self._unit([text], together=1)[0]
        return vector

    @cached_property
    def _tokenizer(self) -> Any:
        # Padding and truncation belong to encode(), which keeps a tokenizer of its own state;
        # a copy that neither pads nor cuts can count.
        import copy

        tokenizer = copy.deepcopy(self._model.tokenizer)
        tokenizer.backend_tokenizer.no_truncation()
        tokenizer.backend_tokenizer.no_padding()
        return tokenizer


def _in_halves(precision: Precision) -> bool:
    """Says whether to compute in bfloat16: where told to, or where the processor is made for it.

    Elsewhere it would be slower than single precision. What it costs in quality: docs/quality.md.
    """
    import torch

    if precision != "auto":
        return precision == "bfloat16"
    return bool(torch.cpu._is_avx512_bf16_supported())
