"""The catalog with the two indexes derived from it: written in an order a crash cannot break."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from retrieval.catalog import Catalog
from retrieval.lexical import LexicalIndex, LexicalPassage
from retrieval.records import DocumentKey, NewVersion, StoredPassage, passage_id
from retrieval.vectors import VectorStore

_REFILL_BATCH = 1024
Vectors = Sequence[Sequence[float]]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A passage on its way into the derived indexes."""

    passage_id: str
    version_id: str
    text: str
    context: str


class Stores:
    """Writes documents to catalog, Chroma and tantivy.

    Order of a write: staged rows, then the derived indexes, then one commit that
    makes the rows live and retires what they replace, then the clean-up. Killed
    anywhere, it leaves traces that only `sweep` sees.
    """

    def __init__(
        self, catalog: Catalog, vectors: VectorStore, lexical: Callable[[str], LexicalIndex]
    ) -> None:
        self.catalog = catalog
        self.vectors = vectors
        self.lexical = lexical

    def write(
        self, build_id: str, versions: Sequence[NewVersion], removed: Iterable[DocumentKey] = (),
        vectors: Vectors | None = None,
    ) -> int:  # fmt: skip
        """Adds versions, replacing older ones, and removes documents; returns the generation.

        `vectors` are those of the versions' passages, in order, where they are known already.
        """
        self.catalog.stage(build_id, versions)
        self._derive(
            build_id, [entry for version in versions for entry in _entries(version)], vectors
        )
        staged = [version.version_id for version in versions]
        generation = self.catalog.commit(build_id, staged, removed)
        self._clean(build_id)
        return generation

    def sweep(self, live_build: str | None) -> None:
        """Deletes what dead runs left behind: unfinished or replaced versions and builds."""
        for build_id in self.catalog.dead_builds():
            self.vectors.drop(build_id)
            self.lexical(build_id).drop()
            self.catalog.forget_build(build_id)
        if live_build is not None:
            self._clean(live_build)

    def repair(self, build_id: str, *, by_id: bool = False) -> list[str]:
        """Refills a derived index that does not hold what the catalog says; names those refilled.

        They are compared by count, or passage by passage (`by_id`), which takes longer.
        """
        expected = self.catalog.passage_count(build_id)
        ids = {stored.id for stored in self.catalog.all_passages(build_id)} if by_id else None
        repaired = []
        lexical = self.lexical(build_id)
        if lexical.count() != expected or (ids is not None and lexical.ids() != ids):
            self.lexical(build_id).drop()
            for batch in self._batches(build_id):
                self._add_lexical(build_id, batch)
            repaired.append("lexical index")
        vectors = self.vectors
        if vectors.count(build_id) != expected or (
            ids is not None and vectors.ids(build_id) != ids
        ):
            self.vectors.drop(build_id)
            for batch in self._batches(build_id):
                self._add_vectors(build_id, batch)
            repaired.append("vector store")
        return repaired

    def _derive(self, build_id: str, entries: Sequence[_Entry], vectors: Vectors | None) -> None:
        if not entries:
            return
        if vectors is None:
            self._add_vectors(build_id, entries)
        else:
            ids = [entry.passage_id for entry in entries]
            self.vectors.put(build_id, ids, vectors, [entry.version_id for entry in entries])
        self._add_lexical(build_id, entries)

    def _add_vectors(self, build_id: str, entries: Sequence[_Entry]) -> None:
        self.vectors.add(
            build_id,
            [entry.passage_id for entry in entries],
            [
                f"{entry.context}\n{entry.text}" if entry.context else entry.text
                for entry in entries
            ],
            [entry.version_id for entry in entries],
        )

    def _add_lexical(self, build_id: str, entries: Sequence[_Entry]) -> None:
        self.lexical(build_id).add(
            LexicalPassage(entry.passage_id, entry.version_id, entry.text, entry.context)
            for entry in entries
        )

    def _clean(self, build_id: str) -> None:
        leftovers = self.catalog.leftovers(build_id)
        if leftovers:
            self.vectors.delete_versions(build_id, leftovers)
            self.lexical(build_id).delete_versions(leftovers)
            self.catalog.forget(leftovers)

    def _batches(self, build_id: str) -> Iterable[list[_Entry]]:
        passages = iter(self.catalog.all_passages(build_id))
        while batch := [_entry(stored) for stored in islice(passages, _REFILL_BATCH)]:
            yield batch


def _entries(version: NewVersion) -> Iterable[_Entry]:
    for passage in version.passages:
        identifier = passage_id(version.version_id, passage.ordinal)
        yield _Entry(identifier, version.version_id, passage.text, passage.context)


def _entry(stored: StoredPassage) -> _Entry:
    return _Entry(stored.id, stored.version_id, stored.passage.text, stored.passage.context)
