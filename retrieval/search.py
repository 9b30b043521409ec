"""Search: dense and lexical hits, fused, checked against the catalog, duplicates folded."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from retrieval import near_duplicates
from retrieval.catalog import Catalog
from retrieval.embedding import SentenceEmbeddings, Vectors
from retrieval.errors import IndexMismatchError, IndexMissingError
from retrieval.fusion import fuse
from retrieval.glossary import Glossary
from retrieval.lexical import LexicalIndex
from retrieval.records import BuildInfo, StoredPassage
from retrieval.vectors import VectorStore

# How many hits each ranking gives to the fusion.
_CANDIDATES = 50


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found, with where it came from.

    `score` is the fused score; ranks count from 1 and are None where a ranking
    did not have the passage; `cosine` is -1 to 1, `bm25` greater than 0.
    `repeats` are other passages that say the same in nearly the same words.
    """

    passage: StoredPassage
    score: float
    dense_rank: int | None = None
    cosine: float | None = None
    lexical_rank: int | None = None
    bm25: float | None = None
    repeats: tuple[StoredPassage, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Hits, best first, and the unit vector of the question. Times in seconds."""

    hits: tuple[Hit, ...]
    query_vector: Vectors
    embed_seconds: float
    search_seconds: float


class Searcher:
    """Searches the live build. Safe to share between threads once warm."""

    def __init__(
        self,
        catalog: Catalog,
        vectors: VectorStore,
        lexical: Callable[[str], LexicalIndex],
        embeddings: SentenceEmbeddings,
        glossary: Glossary,
        fingerprint: str,
    ) -> None:
        self._catalog = catalog
        self._vectors = vectors
        self._open_lexical = lexical
        self._embeddings = embeddings
        self._glossary = glossary
        self._fingerprint = fingerprint
        self._seen: BuildInfo | None = None
        self._lexical: LexicalIndex | None = None

    def search(self, question: str, count: int = 8) -> SearchResult:
        """Returns the `count` best passages for `question`.

        Raises `IndexMissingError` before anything was indexed, `IndexMismatchError`
        when the index was made with another model or pipeline.
        """
        build = self.ready()
        began = perf_counter()
        vector = self._embeddings.embed_query(self._glossary.spell_out(question))
        embedded = perf_counter()
        hits = self._find(build, question, vector)
        return SearchResult(
            tuple(_fold(hits)[:count]),
            np.asarray(vector, dtype=np.float32),
            embedded - began,
            perf_counter() - embedded,
        )

    def ready(self) -> BuildInfo:
        """Returns the build that would answer now; raises as `search` does."""
        build = self._catalog.live_build()
        if build is None or build.generation == 0:
            raise IndexMissingError("There is no index yet; run: monazite index")
        if build.fingerprint != self._fingerprint:
            raise IndexMismatchError(
                f"The index was made with {build.fingerprint}, but the settings say "
                f"{self._fingerprint}; run: monazite index --rebuild"
            )
        self._follow(build)
        return build

    def _follow(self, build: BuildInfo) -> None:
        """Sees what an indexer in another process has committed since the last question."""
        seen = self._seen
        if seen is None or seen.id != build.id:
            self._lexical = self._open_lexical(build.id)
        if seen is not None and (seen.id, seen.generation) != (build.id, build.generation):
            self._vectors.reopen()
            if self._lexical:
                self._lexical.reload()
        self._seen = build

    def _find(self, build: BuildInfo, question: str, vector: list[float]) -> list[Hit]:
        dense = self._vectors.search(build.id, vector, _CANDIDATES)
        expansions = self._glossary.expansions(question)
        lexical = self._lexical.search(question, expansions, _CANDIDATES) if self._lexical else []
        cosines = {hit.passage_id: hit.score for hit in dense}
        scores = {hit.passage_id: hit.score for hit in lexical}
        live = self._catalog.live_passages(list(cosines | scores))
        dense_ranking = [identifier for identifier in cosines if identifier in live]
        lexical_ranking = [identifier for identifier in scores if identifier in live]
        dense_rank = {identifier: rank for rank, identifier in enumerate(dense_ranking, start=1)}
        lexical_rank = {found: rank for rank, found in enumerate(lexical_ranking, start=1)}
        return [
            Hit(
                live[identifier],
                score,
                dense_rank.get(identifier),
                cosines.get(identifier),
                lexical_rank.get(identifier),
                scores.get(identifier),
            )
            for identifier, score in fuse([dense_ranking, lexical_ranking])
        ]


def _fold(hits: list[Hit]) -> list[Hit]:
    """Folds near-duplicates into the best hit that says the same."""
    folded = near_duplicates.fold([hit.passage.passage.text for hit in hits])
    repeats: dict[int, list[StoredPassage]] = {}
    for hit, twin in zip(hits, folded, strict=True):
        if twin is not None:
            repeats.setdefault(twin, []).append(hit.passage)
    return [
        replace(hit, repeats=tuple(repeats.get(index, ())))
        for index, (hit, twin) in enumerate(zip(hits, folded, strict=True))
        if twin is None
    ]
