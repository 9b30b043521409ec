"""A second look at the best hits by a model that reads question and passage together. Off by default."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from retrieval.domain.errors import ModelError, first_line

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

_BATCH = 16


class Reranker(Protocol):
    """Judges how well each of some texts answers a question."""

    def judge(self, question: str, texts: Sequence[str]) -> list[float]:
        """Returns 0 to 1 for each text."""
        ...


class CrossEncoderReranker:
    """A sentence-transformers cross-encoder with one output, loaded on first use.

    `name` is a folder or a name on a model hub; no package on PyPI is known to hold the
    weights of one, so none is set. Raises `ModelError` when it cannot be had.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    @cached_property
    def _model(self) -> "CrossEncoder":
        from sentence_transformers import CrossEncoder

        try:
            model: CrossEncoder = CrossEncoder(self._name, device="cpu", num_labels=1)
        except (OSError, ValueError) as error:
            reason = first_line(error)[:200]
            raise ModelError(
                f"The reranker {self._name!r} cannot be loaded ({reason}); "
                "check MONAZITE_RERANKER_MODEL"
            ) from error
        return model

    def judge(self, question: str, texts: Sequence[str]) -> list[float]:
        """Returns the probability, 0 to 1, that each text answers the question."""
        from torch.nn import Sigmoid

        if not texts:
            return []
        pairs = [(question, text) for text in texts]
        judged = self._model.predict(
            pairs, batch_size=_BATCH, activation_fn=Sigmoid(), show_progress_bar=False
        )
        return [float(value) for value in judged]
