"""Search: dense and lexical hits, fused, checked against the catalog, reranked, folded."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from retrieval import near_duplicates
from retrieval.catalog import Catalog
from retrieval.concepts import Concept, ConceptReader
from retrieval.embedding import SentenceEmbeddings, Vectors
from retrieval.errors import IndexMismatchError, IndexMissingError
from retrieval.fusion import fuse
from retrieval.glossary import Glossary
from retrieval.lexical import LexicalIndex
from retrieval.records import BuildInfo, StoredPassage
from retrieval.rerank import relevance
from retrieval.vectors import VectorStore

# How many hits each ranking gives to the fusion, and how many of the fused are reranked.
_CANDIDATES = 50
_RERANKED = 30


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found, with where it came from.

    `score` orders the hits; `fused` is the score of the rank fusion before it. Ranks
    count from 1 and are None where a ranking did not have the passage; `cosine` is -1
    to 1, `bm25` greater than 0, `coverage` (of the question's terms) 0 to 1. `repeats`
    are other passages that say the same in nearly the same words.
    """

    passage: StoredPassage
    score: float
    fused: float
    coverage: float
    dense_rank: int | None = None
    cosine: float | None = None
    lexical_rank: int | None = None
    bm25: float | None = None
    repeats: tuple[StoredPassage, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Hits, best first, with the question's concepts and unit vector. Times in seconds."""

    hits: tuple[Hit, ...]
    concepts: tuple[Concept, ...]
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
        self._lexical = lexical("")

    def search(self, question: str, count: int = 8) -> SearchResult:
        """Returns the `count` best passages for `question`.

        Raises `IndexMissingError` before anything was indexed, `IndexMismatchError`
        when the index was made with another model or pipeline.
        """
        build = self.ready()
        began = perf_counter()
        vector = self._embeddings.embed_query(self._glossary.spell_out(question))
        embedded = perf_counter()
        concepts = ConceptReader(
            self._glossary, self._lexical.document_frequency, self._lexical.count
        ).read(question)
        hits = self._find(build, question, vector, concepts)
        return SearchResult(
            tuple(_fold(hits)[:count]),
            concepts,
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
            self._lexical.reload()
        self._seen = build

    def stems_in_document(self, version_id: str, stems: Collection[str]) -> frozenset[str]:
        """Returns those of `stems` that occur anywhere in a document of the live build."""
        return frozenset(stem for stem in stems if self._lexical.has(version_id, stem))

    def _find(
        self, build: BuildInfo, question: str, vector: list[float], concepts: Sequence[Concept]
    ) -> list[Hit]:
        dense = self._vectors.search(build.id, vector, _CANDIDATES)
        expansions = self._glossary.expansions(question)
        lexical = self._lexical.search(question, expansions, _CANDIDATES)
        cosines = {hit.passage_id: hit.score for hit in dense}
        scores = {hit.passage_id: hit.score for hit in lexical}
        live = self._catalog.live_passages(list(cosines | scores))
        rankings = [[found for found in ranking if found in live] for ranking in (cosines, scores)]
        ranks = [{found: rank for rank, found in enumerate(r, start=1)} for r in rankings]
        # A passage that only the lexical index found is further away than all of the dense hits.
        furthest = min(cosines.values(), default=0.0)
        hits = []
        for identifier, fused in fuse(rankings)[:_RERANKED]:
            stored = live[identifier]
            found = relevance(concepts, stored, cosines.get(identifier, furthest))
            hits.append(
                Hit(
                    stored,
                    found.score,
                    fused,
                    found.coverage,
                    ranks[0].get(identifier),
                    cosines.get(identifier),
                    ranks[1].get(identifier),
                    scores.get(identifier),
                )
            )
        return sorted(hits, key=lambda hit: -hit.score)


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
