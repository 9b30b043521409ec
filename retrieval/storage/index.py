"""The catalog with the two indexes derived from it: written in an order a crash cannot break."""

from collections.abc import Callable, Iterable, Sequence
from itertools import chain, islice

from retrieval.domain.passages import in_context
from retrieval.domain.records import DocumentKey, NewVersion, StoredPassage, passage_id
from retrieval.embedding.embedder import Vectors
from retrieval.storage.catalog import Catalog
from retrieval.storage.lexical_index import LexicalIndex, LexicalPassage
from retrieval.storage.vector_store import VectorEntry, VectorStore

_REFILL_BATCH = 1024


class Index:
    """Writes documents to catalog, Chroma and tantivy.

    Order of a write: staged rows, then the derived indexes, then one commit that
    makes the rows live and retires what they replace, then the clean-up. Killed
    anywhere, it leaves traces that only `sweep` sees.
    """

    def __init__(
        self, catalog: Catalog, vectors: VectorStore, lexical: Callable[[str], LexicalIndex],
        embed: Callable[[Sequence[str]], Vectors],
    ) -> None:  # fmt: skip
        self.catalog = catalog
        self.vectors = vectors
        self.lexical = lexical
        self._embed = embed

    def write(
        self, build_id: str, versions: Sequence[NewVersion], removed: Iterable[DocumentKey] = (),
        vectors: Vectors | None = None,
    ) -> int:  # fmt: skip
        """Adds versions, replacing older ones, and removes documents; returns the generation.

        `vectors` are the unit vectors of the versions' passages, in order, shape
        `(passages, dimensions)`, where they are known already.
        """
        self.catalog.stage(build_id, versions)
        entries = [entry for version in versions for entry in _entries(version)]
        if entries:
            self._add_vectors(build_id, entries, vectors)
            self.lexical(build_id).add(entries)
        staged = [version.version_id for version in versions]
        gone = list(removed)
        generation = self.catalog.commit(build_id, staged, gone)
        self._clean(build_id, thoroughly=bool(gone))
        self.lexical(build_id).mark(generation)
        return generation

    def write_each(
        self, build_id: str, versions: Sequence[NewVersion]
    ) -> list[tuple[NewVersion, Exception]]:
        """Adds versions, together if that can be; returns those that cannot be written, with the reason.

        Raises what has nothing to do with a document: a full disk, a database that is away.
        """
        try:
            self.write(build_id, versions)
        except Exception as error:
            if not _is_a_documents(error):
                raise
            self._clean(build_id, thoroughly=False)
            if len(versions) == 1:
                return [(versions[0], error)]
        else:
            return []
        return [failure for one in versions for failure in self.write_each(build_id, [one])]

    def switch(self, build_id: str) -> int:
        """Makes a build the live one; returns its generation."""
        generation = self.catalog.switch_build(build_id)
        self.lexical(build_id).mark(generation)
        return generation

    def sweep(self, live_build: str | None) -> None:
        """Deletes what dead runs left behind: unfinished or replaced versions and builds.

        A derived index that cannot be read any more is emptied, for `repair` to fill. What other
        processes wrote since the last run is seen from here on.
        """
        self.vectors.reopen()
        for build_id in self.catalog.dead_builds():
            self.vectors.drop(build_id)
            self.lexical(build_id).drop()
            self.catalog.forget_build(build_id)
        if live_build is not None:
            self._drop_damaged(live_build)
            self._clean(live_build, thoroughly=True)

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
                self.lexical(build_id).add(batch)
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

    def damages(self, build_id: str) -> dict[str, str]:
        """Returns the derived indexes of a build that cannot be read at all, with the reason.

        A disk that fills up may leave one behind, as may a machine that loses its power.
        """
        found = {
            "Chroma": self.vectors.damaged(build_id),
            "the lexical index": self.lexical(build_id).damaged(),
        }
        return {name: reason for name, reason in found.items() if reason}

    def _drop_damaged(self, build_id: str) -> None:
        """Empties what cannot be read; `repair` fills it again from the catalog."""
        damages = self.damages(build_id)
        if "Chroma" in damages:
            self.vectors.drop(build_id)
        if "the lexical index" in damages:
            self.lexical(build_id).drop()

    def _add_vectors(
        self, build_id: str, entries: Sequence[LexicalPassage], vectors: Vectors | None = None
    ) -> None:
        if vectors is None:
            vectors = self._embed([_embedded(entry) for entry in entries])
        stored = [
            VectorEntry(entry.passage_id, entry.version_id, entry.access) for entry in entries
        ]
        self.vectors.add(build_id, stored, vectors)

    def _clean(self, build_id: str, *, thoroughly: bool) -> None:
        """Deletes what nobody answers from any more; if `thoroughly`, no trace of it stays on disk.

        The catalog forgets last: killed before, the next run does all of it again.
        """
        leftovers = self.catalog.leftovers(build_id)
        if not leftovers:
            return
        self.vectors.delete_versions(build_id, leftovers)
        if thoroughly:
            self.vectors.scrub(build_id)
            entries = chain.from_iterable(self._batches(build_id))
            self.lexical(build_id).rewrite(entries)
        else:
            self.lexical(build_id).delete_versions(leftovers)
        self.catalog.forget(leftovers)

    def _batches(self, build_id: str) -> Iterable[list[LexicalPassage]]:
        passages = iter(self.catalog.all_passages(build_id))
        while batch := [lexical_entry(stored) for stored in islice(passages, _REFILL_BATCH)]:
            yield batch


def _is_a_documents(error: Exception) -> bool:
    """Says whether what a document holds may have raised `error`, and not a store that fails."""
    from sqlalchemy.exc import DataError, DBAPIError, StatementError

    if isinstance(error, DBAPIError):
        return isinstance(error, DataError)
    return isinstance(error, (ArithmeticError, LookupError, StatementError, TypeError, ValueError))


def _entries(version: NewVersion) -> Iterable[LexicalPassage]:
    for passage in version.passages:
        identifier = passage_id(version.version_id, passage.ordinal)
        yield LexicalPassage(
            identifier, version.version_id, version.access, passage.text, passage.context,
            passage.brief,
        )  # fmt: skip


def lexical_entry(stored: StoredPassage) -> LexicalPassage:
    """Returns what the lexical index holds of a passage."""
    passage = stored.passage
    return LexicalPassage(
        stored.id, stored.version_id, stored.access, passage.text, passage.context, passage.brief
    )


def _embedded(entry: LexicalPassage) -> str:
    return in_context(entry.context, entry.brief or entry.text)
