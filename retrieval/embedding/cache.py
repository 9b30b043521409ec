"""Remembers the vectors of sentences: most questions are about passages that others asked about."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence

import numpy as np

from retrieval.embedding.embedder import Vectors

# At 384 dimensions 20,000 sentences take 30 MB.
_SENTENCES = 20_000


class VectorCache:
    """Calls `embed` for texts that it has not seen lately. Safe to share between threads."""

    def __init__(self, embed: Callable[[Sequence[str]], Vectors], most: int = _SENTENCES) -> None:
        self._embed = embed
        self._most = most
        self._lock = threading.Lock()
        self._known: OrderedDict[str, Vectors] = OrderedDict()

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Returns one unit vector a text, as the model does."""
        with self._lock:
            found = {text: self._known[text] for text in texts if text in self._known}
            for text in found:
                self._known.move_to_end(text)
        new = list(dict.fromkeys(text for text in texts if text not in found))
        if new:
            found.update(zip(new, self._embed(new), strict=True))
            self._remember({text: found[text] for text in new})
        return np.stack([found[text] for text in texts]) if texts else self._embed(texts)

    def _remember(self, vectors: dict[str, Vectors]) -> None:
        with self._lock:
            self._known.update(vectors)
            while len(self._known) > self._most:
                self._known.popitem(last=False)
