"""Documents of any number, made of sentences of the evaluation corpus, shuffled."""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from retrieval.domain.passages import Passage, Sentence
from retrieval.domain.records import DocumentKey, NewVersion
from retrieval.embedding.embedder import Vectors
from retrieval.embedding.sentence_transformer import SentenceEmbeddings
from retrieval.loading.registry import load_document
from retrieval.text.sentences import sentence_spans


def sentences_of(corpus: Path) -> list[str]:
    found = []
    for path in sorted(corpus.iterdir()):
        text = load_document(path.read_bytes(), path.name).text
        found += [" ".join(text[start:end].split()) for start, end in sentence_spans(text)]
    return [sentence for sentence in found if len(sentence.split()) >= 6]


def write_documents(folder: Path, sentences: list[str], count: int) -> None:
    """Writes text files of ten paragraphs, each about one passage long."""
    chance = random.Random(1)
    folder.mkdir(parents=True)
    for number in range(count):
        paragraphs = [
            " ".join(f"{chance.choice(sentences)} ({number}.{place})." for place in range(5))
            for _ in range(10)
        ]
        title = f"Report number {number} of the series"
        (folder / f"report-{number:05}.txt").write_text("\n\n".join([title, *paragraphs]))


def versions(
    build_id: str, sentences: list[str], documents: int, each: int
) -> Iterator[NewVersion]:
    """Yields `documents` versions of `each` passages of about 150 words."""
    chance = random.Random(2)
    for number in range(documents):
        passages, offset = [], 0
        for ordinal in range(each):
            text = " ".join(chance.choice(sentences) for _ in range(8))
            end = offset + len(text)
            span = (Sentence(offset, end, ordinal),)
            passages.append(Passage(ordinal, offset, end, text, sentences=span))
            offset = end + 1
        whole = "\n".join(passage.text for passage in passages)
        key = DocumentKey("/bench", f"{number}.txt")
        name = f"{build_id[:20]}{number:012}"
        yield NewVersion(name, key, name, "txt", key.name, None, whole, tuple(passages))


class NearbyVectors:
    """Gives each text a real vector of the corpus, moved a little: cheap, yet like real data."""

    def __init__(self, embeddings: SentenceEmbeddings, sentences: list[str]) -> None:
        self._base = embeddings.embed(sentences)
        self._random = np.random.default_rng(3)

    def embed(self, texts: Sequence[str]) -> Vectors:
        shape = (len(texts), self._base.shape[1])
        chosen = self._base[self._random.integers(0, len(self._base), len(texts))]
        moved = chosen + self._random.normal(0, 0.04, shape)
        vectors: Vectors = moved / np.linalg.norm(moved, axis=1, keepdims=True)
        return vectors.astype(np.float32)
