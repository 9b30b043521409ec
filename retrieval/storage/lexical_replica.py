"""A lexical index that follows the catalog: made up for what an indexer elsewhere has changed.

Catalog and vectors may be on servers that several machines share; each has its own lexical index,
in its data folder. The indexer's own is written with the catalog and has nothing to make up for.
"""

import logging
import threading
from collections.abc import Callable, Iterable
from itertools import groupby
from pathlib import Path

from retrieval.domain.errors import first_line
from retrieval.domain.records import BuildInfo, StoredPassage
from retrieval.storage.catalog import Catalog
from retrieval.storage.index import lexical_entry
from retrieval.storage.lexical_index import LexicalIndex

_log = logging.getLogger(__name__)


class LexicalReplica:
    """Brings the lexical index of a build up to its generation. Thread-safe."""

    def __init__(
        self, catalog: Catalog, lexical: Callable[[str], LexicalIndex], folder: Path
    ) -> None:
        self._catalog = catalog
        self.open = lexical
        self._folder = folder
        self._lock = threading.Lock()
        self._untidy: set[str] = set()

    def follow(self, build: BuildInfo) -> None:
        """Adds what is missing and deletes what is not live any more, unless all is well already."""
        with self._lock:
            if self.open(build.id).generation == build.generation:
                return
            try:
                with self.open(build.id).writing() as index:
                    if index.generation != build.generation:
                        self._make_up(index, build)
            except OSError as error:
                # A data folder that cannot be written is answered from as it is.
                _log.warning("The lexical index cannot follow the catalog: %s", first_line(error))

    def tidy(self, build: BuildInfo) -> None:
        """Leaves no word of what was deleted in the files, nor an index that nobody searches any more.

        Takes seconds where there is much, for which no question waits.
        """
        known = self._catalog.builds()
        for folder in self._folder.glob("*/"):
            if folder.name not in known:
                self.open(folder.name).drop()
        with self._lock:
            if build.id in self._untidy:
                with self.open(build.id).writing() as index:
                    index.rewrite(map(lexical_entry, self._catalog.all_passages(build.id)))
                self._untidy.discard(build.id)

    def _make_up(self, index: LexicalIndex, build: BuildInfo) -> None:
        held = {identifier.rpartition("-")[0] for identifier in index.ids()}
        live = {version.version_id for version in self._catalog.live_versions(build.id).values()}
        # What an indexer beside us is just about to make live is left to it.
        staged = self._catalog.staged_versions(build.id)
        gone = held - live - staged
        index.delete_versions(sorted(gone))
        missing = live - held
        if missing:
            index.add(map(lexical_entry, self._of(missing, build)))
        if gone:
            self._untidy.add(build.id)
        index.mark(build.generation)

    def _of(self, versions: set[str], build: BuildInfo) -> Iterable[StoredPassage]:
        stored = self._catalog.all_passages(build.id)
        for version_id, passages in groupby(stored, lambda one: one.version_id):
            if version_id in versions:
                yield from passages
