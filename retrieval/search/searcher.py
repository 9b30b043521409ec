"""Search: dense and lexical hits, fused, checked against the catalog, reranked, folded."""

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import TypeVar

from retrieval.domain.access import PUBLIC, Reader
from retrieval.domain.errors import IndexMismatchError, IndexMissingError
from retrieval.domain.passages import in_context
from retrieval.domain.records import BuildInfo, StoredPassage
from retrieval.embedding.embedder import Embedder, Vectors
from retrieval.search import near_duplicates
from retrieval.search.cross_encoder import Reranker
from retrieval.search.fusion import fuse
from retrieval.search.query_terms import QueryTerm, QueryTermReader, open_stems, stems_around
from retrieval.search.rerank import PassageStems, relevance
from retrieval.storage.catalog import Catalog
from retrieval.storage.lexical_index import LexicalHit, LexicalIndex
from retrieval.storage.lexical_replica import LexicalReplica
from retrieval.storage.vector_store import VectorHit, VectorStore
from retrieval.text.glossary import Glossary
from retrieval.text.periods import periods_in, spell_periods
from retrieval.text.spelling import corrected
from retrieval.text.terms import stems, words

# How many hits each ranking gives to the fusion, and how many of the fused are reranked.
_CANDIDATES = 50
_RERANKED = 16
# Of a cross-encoder's 0 to 1, against a cosine of weight 1. Not fitted: no weights are to be had here.
_JUDGED_WEIGHT = 1.0
# An index that is changed more often than this during one answer is answered from as it is.
_TRIES = 4
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The live build as it stood at one moment: what one answer is made from.

    `labels` are all access labels of its documents. Rows of the build may go while it is used;
    `Searcher.is_current` tells.
    """

    build: BuildInfo
    lexical: LexicalIndex
    labels: frozenset[str]

    def visible_to(self, reader: Reader) -> frozenset[str] | None:
        """Returns the access labels that let a reader in; None where all there are do."""
        visible = frozenset(label for label in self.labels if reader.may_see(label))
        return None if visible == self.labels else visible

    def stems_in_document(self, version_id: str, stems: Collection[str]) -> frozenset[str]:
        """Returns those of `stems` that occur anywhere in a document."""
        return frozenset(stem for stem in stems if self.lexical.has(version_id, stem))


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found, with where it came from.

    `score` orders the hits; `fused` is the score of the rank fusion before it. Ranks
    count from 1 and are None where a ranking did not have the passage; `cosine` is -1
    to 1, `bm25` greater than 0, `coverage` (of the question's terms) 0 to 1. `repeats`
    are other passages that say the same in nearly the same words. `document_stems` are the
    stems of the passage, of what stands above it, and those of the question's that occur
    anywhere in its document.
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
    document_stems: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Hits, best first, with the question's terms and unit vector. Times in seconds.

    `question` is what was searched for: the one asked, misspelt words read as what was meant.
    """

    question: str
    hits: tuple[Hit, ...]
    query_terms: tuple[QueryTerm, ...]
    query_vector: Vectors
    embed_seconds: float
    search_seconds: float


@dataclass(frozen=True, slots=True)
class Models:
    """What finds passages by meaning, and what looks at the best of them again, if anything."""

    embeddings: Embedder
    reranker: Reranker | None = None


class Searcher:
    """Searches the live build. Safe to share between threads once warm."""

    def __init__(
        self,
        catalog: Catalog,
        vectors: VectorStore,
        lexical_replica: LexicalReplica,
        models: Models,
        glossary: Glossary,
        fingerprint: str,
    ) -> None:
        self._reranker = models.reranker
        self._catalog = catalog
        self._vectors = vectors
        self._lexical_replica = lexical_replica
        self._embeddings = models.embeddings
        self._glossary = glossary
        self._fingerprint = fingerprint
        # Of many questions after a change, one looks what changed.
        self._following = threading.Lock()
        self._snapshot: Snapshot | None = None

    def search(self, question: str, count: int = 8, reader: Reader = PUBLIC) -> SearchResult:
        """Returns the `count` best passages for `question` that `reader` may see.

        What the reader may not see is neither found nor counted. Raises as `snapshot` does.
        """
        return self.on_one_snapshot(
            lambda snapshot: self.search_in(snapshot, question, count, reader)
        )

    def on_one_snapshot(self, attempt: Callable[[Snapshot], _Result]) -> _Result:
        """Returns what `attempt` makes of a snapshot; it is asked again while the index changes under it."""
        for left in reversed(range(_TRIES)):
            snapshot = self.snapshot()
            try:
                result = attempt(snapshot)
            except Exception:
                # What it was reading may have been taken away under its hands.
                if not left or self.is_current(snapshot):
                    raise
            else:
                if not left or self.is_current(snapshot):
                    break
        return result

    def search_in(
        self, snapshot: Snapshot, question: str, count: int = 8, reader: Reader = PUBLIC
    ) -> SearchResult:
        """Searches one snapshot; misspelt words are read as what was meant."""
        found = self._search(snapshot, question, count, reader)
        unknown = [query_term.term for query_term in found.query_terms if not query_term.known]
        if not unknown:
            return found
        passages = [hit.passage.passage for hit in found.hits]
        nearby = words(" ".join(f"{one.context} {one.text}" for one in passages))
        meant = corrected(question, unknown, self._glossary.words.union(nearby))
        return found if meant == question else self._search(snapshot, meant, count, reader)

    def _search(
        self, snapshot: Snapshot, question: str, count: int, reader: Reader
    ) -> SearchResult:
        began = perf_counter()
        spelled = spell_periods(self._glossary.spell_out(question))
        vector = self._embeddings.embed_query(spelled)
        embedded = perf_counter()
        labels = snapshot.visible_to(reader)
        dense = self._vectors.search(snapshot.build.id, vector, _CANDIDATES, labels)
        lexical, query_terms = self._read(snapshot.lexical, question, labels)
        hits = self._look_again(question, self._rank(snapshot, dense, lexical, query_terms, reader))
        return SearchResult(
            question,
            _fold(hits, count),
            query_terms,
            vector,
            embedded - began,
            perf_counter() - embedded,
        )

    @property
    def glossary(self) -> Glossary:
        """Returns the names that this searcher takes to mean the same."""
        return self._glossary

    def snapshot(self) -> Snapshot:
        """Returns what would be answered from now.

        Raises `IndexMissingError` before anything was indexed, `IndexMismatchError`
        when the index was made with another model or pipeline.
        """
        build = self._catalog.live_build()
        if build is None or build.generation == 0:
            raise IndexMissingError("There is no index yet; run: monazite index")
        if build.fingerprint != self._fingerprint:
            raise IndexMismatchError(
                f"The index was made with {build.fingerprint}, but the settings say "
                f"{self._fingerprint}; run: monazite index --rebuild"
            )
        return self._follow(build)

    def is_current(self, snapshot: Snapshot) -> bool:
        """Says whether the index is still as it was."""
        return self._catalog.live_build() == snapshot.build

    def _follow(self, build: BuildInfo) -> Snapshot:
        """Sees what an indexer in another process has committed since the last question."""
        seen = self._snapshot
        if seen is not None and seen.build == build:
            return seen
        with self._following:
            seen = self._snapshot
            if seen is not None and seen.build == build:
                return seen
            self._lexical_replica.follow(build)
            if seen is None or seen.build.id != build.id:
                lexical = self._lexical_replica.open(build.id)
            else:
                lexical = seen.lexical
            before = seen and (seen.build.id, seen.build.generation)
            if before not in (None, (build.id, build.generation)):
                self._vectors.reopen()
                lexical.reload()
            self._snapshot = Snapshot(build, lexical, self._catalog.access_labels())
            return self._snapshot

    def _read(
        self, lexical: LexicalIndex, question: str, labels: frozenset[str] | None
    ) -> tuple[list[LexicalHit], tuple[QueryTerm, ...]]:
        """The lexical hits of a question, and its terms."""
        expansions = self._glossary.expansions(question)
        expansions += [name for period in periods_in(question) for name in period.names]
        query_terms = QueryTermReader(
            self._glossary,
            lambda stem: lexical.document_frequency(stem, labels),
            lambda: lexical.count(labels),
        )
        hits = lexical.search(question, expansions, _CANDIDATES, labels)
        return hits, query_terms.read(question)

    def _rank(
        self,
        snapshot: Snapshot,
        dense: Sequence[VectorHit],
        lexical: Sequence[LexicalHit],
        query_terms: Sequence[QueryTerm],
        reader: Reader,
    ) -> list[Hit]:
        cosines = {hit.passage_id: hit.score for hit in dense}
        scores = {hit.passage_id: hit.score for hit in lexical}
        ranks = [
            {found: rank for rank, found in enumerate(ranking, start=1)}
            for ranking in (cosines, scores)
        ]
        # A passage that only the lexical index found is further away than all of the dense hits.
        furthest = min(cosines.values(), default=0.0)
        hits = []
        for stored, fused in self._live(fuse([list(cosines), list(scores)]), reader):
            identifier = stored.id
            cosine = cosines.get(identifier, furthest)
            text = frozenset(stems(stored.passage.text))
            passage = text | stems_around(stored)
            # One query a stem takes 7 microseconds; one for all documents by aggregation took longer.
            document = passage | snapshot.stems_in_document(
                stored.version_id, open_stems(query_terms, passage)
            )
            found = relevance(query_terms, PassageStems(text, passage, document), cosine)
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
                    document_stems=document,
                )
            )
        return sorted(hits, key=lambda hit: -hit.score)

    def _look_again(self, question: str, hits: list[Hit]) -> list[Hit]:
        """Adds what a cross-encoder thinks of each hit to its score, where one is set."""
        if self._reranker is None:
            return hits
        passages = [hit.passage.passage for hit in hits]
        texts = [in_context(passage.context, passage.text) for passage in passages]
        judged = self._reranker.judge(question, texts)
        scored = zip(hits, judged, strict=True)
        return sorted(
            (replace(hit, score=hit.score + _JUDGED_WEIGHT * value) for hit, value in scored),
            key=lambda hit: -hit.score,
        )

    def _live(
        self, fused: Sequence[tuple[str, float]], reader: Reader
    ) -> list[tuple[StoredPassage, float]]:
        """The best `_RERANKED` passages of live versions that the catalog lets the reader see."""
        found: list[tuple[StoredPassage, float]] = []
        for start in range(0, len(fused), _RERANKED):
            part = fused[start : start + _RERANKED]
            live = self._catalog.live_passages([identifier for identifier, _ in part], reader)
            found += [(live[identifier], score) for identifier, score in part if identifier in live]
            if len(found) >= _RERANKED:
                break
        return found[:_RERANKED]


def _fold(hits: list[Hit], count: int) -> tuple[Hit, ...]:
    """The best `count` hits, near-duplicates folded into the best hit that says the same."""
    folder = near_duplicates.NearDuplicateFilter()
    kept: list[Hit] = []
    for hit in hits:
        twin = folder.twin_of(hit.passage.passage.text, hit.passage.passage.context)
        if twin is not None:
            kept[twin] = replace(kept[twin], repeats=(*kept[twin].repeats, hit.passage))
        elif len(kept) == count:
            break
        else:
            kept.append(hit)
    return tuple(kept)
