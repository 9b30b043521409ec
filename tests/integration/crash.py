"""Indexes a folder and dies, as if killed, at a given write; as a program, works until killed.

Vectors come from a hash, because the order of writes is what is under test and a
dozen processes would each load the model; Chroma, tantivy and SQLite are real.
"""

import hashlib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bot.wiring.installation import Installation
from bot.wiring.settings import Settings
from retrieval.embedding.embedder import Vectors

WRITES = {
    "catalog": (
        "stage_build",
        "switch_build",
        "forget_build",
        "stage",
        "commit",
        "forget",
        "scrub",
    ),
    "vectors": ("add", "delete_versions", "drop"),
    "lexical": ("add", "rewrite", "delete_versions", "drop"),
}


class HashEmbeddings:
    """Deterministic vectors and whitespace tokens, in place of the model."""

    seconds = 0.0
    max_tokens = 256
    special_tokens = 2

    def warm(self) -> None:
        return

    def count(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def embed(self, texts: Sequence[str]) -> Vectors:
        digests = b"".join(hashlib.sha256(text.encode()).digest() for text in texts)
        return np.frombuffer(digests, dtype=np.uint8).reshape(len(texts), -1) / np.float32(255)


class Mortal:
    """Passes everything on; before and after each write it may be the last breath."""

    def __init__(self, target: Any, writes: Sequence[str], breathe: Callable[[], None]) -> None:
        self._target, self._writes, self._breathe = target, writes, breathe

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._target, name)
        if name not in self._writes:
            return value

        def call(*args: Any, **kwargs: Any) -> Any:
            self._breathe()
            result = value(*args, **kwargs)
            self._breathe()
            return result

        return call


def assemble(home: Path) -> Installation:
    installation = Installation(Settings(_env_file=None, home=home))
    installation.embeddings = HashEmbeddings()
    return installation


def run(home: Path, documents: Path, breaths: int, rebuild: bool) -> None:
    """Indexes, and dies at the breath of that number."""
    left = [breaths]

    def breathe() -> None:
        left[0] -= 1
        if left[0] == 0:
            os._exit(137)

    installation = assemble(home)
    index = installation.indexer._index
    index.catalog = Mortal(index.catalog, WRITES["catalog"], breathe)
    index.vectors = Mortal(index.vectors, WRITES["vectors"], breathe)
    open_lexical = index.lexical
    index.lexical = lambda build: Mortal(open_lexical(build), WRITES["lexical"], breathe)
    installation.indexer.index([documents], rebuild=rebuild)


def work(home: Path, documents: Path, mode: str) -> None:
    """Does what `mode` says, for as long as it lives; says so when it begins."""
    installation = assemble(home)
    _ = installation.catalog, installation.indexer
    print("begun", flush=True)
    if mode == "restore":
        installation.backups.restore(home.parent / "index.backup")
    else:
        installation.indexer.index([documents], rebuild=mode == "rebuild")


if __name__ == "__main__":
    work(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
