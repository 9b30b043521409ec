"""Which embedding model a name means."""

from retrieval.embedding.embedder import Embedder
from retrieval.embedding.model_files import MULTILINGUAL_MODEL, Precision


def open_embedder(name: str, precision: Precision = "auto") -> Embedder:
    """Returns the embedding model called `name`; nothing is loaded yet.

    `precision` is what a sentence-transformers model computes in; "auto" is bfloat16 where the
    processor has it.
    """
    if name == MULTILINGUAL_MODEL:
        from retrieval.embedding.multilingual_e5 import MultilingualEmbeddings

        return MultilingualEmbeddings()
    from retrieval.embedding.sentence_transformer import SentenceEmbeddings

    return SentenceEmbeddings(name, precision)
