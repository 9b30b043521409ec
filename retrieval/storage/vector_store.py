"""Dense vectors in Chroma; one collection a build.

Chroma is given vectors, ids and labels, and no words: the catalog holds these anyway. What it
deletes it keeps in its files, unless it is made to forget (`erasing.py`).
"""

import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from typing import Any
from urllib.parse import urlsplit

from fasteners import ReaderWriterLock

from retrieval.domain.errors import ConfigurationError, IndexDamagedError, first_line
from retrieval.embedding.embedder import Vectors
from retrieval.storage.chroma_erasure import clean_up, overwrite, write_out
from retrieval.storage.chroma_import import import_chromadb
from retrieval.storage.hnsw_files import damage_in
from retrieval.storage.zeroed_malloc import zeroed_malloc

# Written out every hundred changes; a thousand at once, as passages are added, are one write still.
_CONFIGURATION = {"hnsw": {"space": "cosine", "sync_threshold": 100, "batch_size": 100}}
# A metadata filter is one SQL query a call; several versions go in one `$in`.
_DELETE_CHUNK = 200
# Who wants to reopen waits for one call to end: 0.4 s for a thousand, and not slower in all.
_ADD_CHUNK = 1000
_PAGE = 5000
# Vectors that a trial looks for.
_TRIAL = 10
# How often damaged files are looked at, and how many seconds apart: a write takes less.
_LOOKS, _LOOK_SECONDS = 3, 0.3


@dataclass(frozen=True, slots=True)
class VectorEntry:
    """A passage that is stored; `access` is the label of its document."""

    passage_id: str
    version_id: str
    access: str


@dataclass(frozen=True, slots=True)
class VectorHit:
    """A passage near the query; `score` is the cosine, -1 to 1."""

    passage_id: str
    score: float


class VectorStore:
    """Chroma: a folder on disk (embedded) or a server by URL.

    An embedded client keeps its vectors in memory and does not see what another
    process writes; `reopen` makes it read them again. Thread-safe: it waits for what
    other threads are doing, an indexing run among them.
    """

    def __init__(self, location: Path | str) -> None:
        self._location = location
        self._client: Any = None
        # A client may be used by several threads, and closed by one while none uses it.
        self._use = ReaderWriterLock()
        # Chroma's register of open folders bears no two that open at once.
        self._opening = threading.Lock()
        self._collections: dict[str, Any] = {}

    def add(self, build_id: str, entries: Sequence[VectorEntry], vectors: Vectors) -> None:
        """Stores passages with their unit vectors, shape `(len(entries), dimensions)`.

        Storing an id again replaces it.
        """
        with self._use.read_lock():
            limit = min(_ADD_CHUNK, self._connect().get_max_batch_size())
        for start in range(0, len(entries), limit):
            part = entries[start : start + limit]
            with self._collection(build_id) as collection, zeroed_malloc.handed_out():
                collection.upsert(
                    ids=[entry.passage_id for entry in part],
                    embeddings=vectors[start : start + limit],
                    metadatas=[{"version": one.version_id, "access": one.access} for one in part],
                )

    def search(
        self, build_id: str, vector: Vectors, count: int, labels: Collection[str] | None = None
    ) -> list[VectorHit]:
        """Returns the `count` passages nearest to a unit `vector`, nearest first.

        Only those with an access label among `labels`, where these are given.
        """
        if labels is not None and not labels:
            return []
        visible = None if labels is None else {"access": {"$in": sorted(labels)}}
        with self._collection(build_id) as collection, zeroed_malloc.handed_out():
            found = collection.query(
                query_embeddings=[vector], n_results=count, include=["distances"], where=visible
            )
        pairs = zip(found["ids"][0], found["distances"][0], strict=True)
        return [VectorHit(str(identifier), 1.0 - distance) for identifier, distance in pairs]

    def delete_versions(self, build_id: str, versions: Sequence[str]) -> None:
        """Deletes every passage of the versions; unknown versions are no error.

        Their vectors are gone for good after the next `scrub`.
        """
        for start in range(0, len(versions), _DELETE_CHUNK):
            chunk = list(versions[start : start + _DELETE_CHUNK])
            with self._collection(build_id) as collection:
                ids = collection.get(where={"version": {"$in": chunk}}, include=[])["ids"]
            for first in range(0, len(ids), _ADD_CHUNK):
                part = ids[first : first + _ADD_CHUNK]
                with self._collection(build_id) as collection, zeroed_malloc.handed_out():
                    overwrite(collection, part)
                    collection.delete(ids=part)

    def scrub(self, build_id: str) -> None:
        """Leaves no vector of what was deleted in any file; of a server, in its vector files.

        A collection that is empty goes altogether. A server's SQLite file is its operator's to
        clean up (`chroma vacuum`).
        """
        with self._collection(build_id) as collection, zeroed_malloc.handed_out():
            write_out(collection)
        if not self.count(build_id):
            self.drop(build_id)
        elif isinstance(self._location, Path):
            clean_up(self._location)

    def count(self, build_id: str) -> int:
        """Returns the number of passages in a build's collection."""
        with self._collection(build_id) as collection:
            return int(collection.count())

    def damaged(self, build_id: str) -> str:
        """Returns why a build's collection cannot be searched, or "".

        Its files are held against their header first, because Chroma would not survive some; then
        it is searched.
        """
        if reason := self._damage():
            return reason
        errors = import_chromadb().errors
        try:
            with self._collection(build_id) as collection, zeroed_malloc.handed_out():
                return _trial(collection)
        except (errors.InternalError, IndexDamagedError) as error:
            return first_line(error)

    def _damage(self) -> str:
        """What is wrong with the files of an embedded Chroma; looked at again if they may be in use."""
        if not isinstance(self._location, Path):
            return ""
        for _ in range(_LOOKS):
            reason = damage_in(self._location)
            if not reason:
                return ""
            # Another process may be writing them just now.
            sleep(_LOOK_SECONDS)
        return reason

    def ids(self, build_id: str) -> set[str]:
        """Returns the ids of all passages in a build's collection."""
        found: set[str] = set()
        while page := self._page(build_id, len(found)):
            found |= page
        return found

    def read(self, build_id: str, ids: Sequence[str]) -> dict[str, Vectors]:
        """Returns the vectors of those of the passages `ids` that are there."""
        with self._collection(build_id) as collection:
            found = collection.get(ids=list(ids), include=["embeddings"])
        return dict(zip(found["ids"], found["embeddings"], strict=True))

    def _page(self, build_id: str, offset: int) -> set[str]:
        with self._collection(build_id) as collection:
            found = collection.get(include=[], limit=_PAGE, offset=offset)
        return {str(identifier) for identifier in found["ids"]}

    def drop(self, build_id: str) -> None:
        """Deletes a build's collection; a missing one is no error."""
        missing = import_chromadb().errors.NotFoundError
        with self._use.read_lock(), suppress(missing, ValueError):
            self._collections.pop(build_id, None)
            self._connect().delete_collection(_name(build_id))
        # Also after one that is gone: a run may have been killed before it cleaned up.
        if isinstance(self._location, Path):
            clean_up(self._location)

    def reopen(self) -> None:
        """Forgets what an embedded client holds in memory, once no thread uses it."""
        with self._use.write_lock():
            if self._client is not None and isinstance(self._location, Path):
                self._client.close()
                self._client = None
                self._collections.clear()

    @contextmanager
    def _collection(self, build_id: str) -> Iterator[Any]:
        """A build's collection, which is not closed while it is used."""
        with self._use.read_lock():
            found = self._collections.get(build_id)
            if found is None and not self._collections and (reason := self._damage()):
                raise IndexDamagedError(
                    f"The vectors on disk are damaged ({reason}); run: monazite verify --repair"
                )
            if found is None:
                found = self._connect().get_or_create_collection(
                    _name(build_id), configuration=_CONFIGURATION, embedding_function=None
                )
                self._collections[build_id] = found
            yield found

    def _connect(self) -> Any:
        with self._opening:
            if self._client is None:
                self._client = _open_client(self._location)
            return self._client


def _trial(collection: Any) -> str:
    """Searches for what is there; returns why that finds too little, or ""."""
    some = collection.get(limit=1, include=["embeddings"])["embeddings"]
    if not len(some):
        return ""
    wanted = min(_TRIAL, int(collection.count()))
    found = collection.query(query_embeddings=[some[0]], n_results=wanted, include=["distances"])
    lacking = wanted - len(found["ids"][0])
    return f"a search finds {lacking} of {wanted} vectors too few" if lacking else ""


def _name(build_id: str) -> str:
    return f"passages-{build_id}"


def _open_client(location: Path | str) -> Any:
    chromadb = import_chromadb()
    settings = chromadb.config.Settings(anonymized_telemetry=False)
    if isinstance(location, Path):
        location.mkdir(parents=True, exist_ok=True)
        return chromadb.PersistentClient(str(location), settings=settings)
    url = urlsplit(location)
    if url.scheme not in ("http", "https") or not url.hostname:
        raise ConfigurationError(
            f"MONAZITE_CHROMA_URL must look like http://host:8000, not {location!r}"
        )
    try:
        return chromadb.HttpClient(
            host=url.hostname,
            port=url.port or (443 if url.scheme == "https" else 8000),
            ssl=url.scheme == "https",
            settings=settings,
        )
    except Exception as error:
        raise ConfigurationError(
            f"The Chroma server at {url.hostname} does not answer; check MONAZITE_CHROMA_URL"
        ) from error
