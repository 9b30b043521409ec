"""Brings the index up to date with the documents on disk."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from retrieval.embedding import SentenceEmbeddings
from retrieval.errors import ConfigurationError, IndexBusyError, LoadError
from retrieval.loaders import load_document
from retrieval.records import DocumentKey, LiveVersion, NewVersion
from retrieval.sources import Scope, describe_empty, files_of, scopes_of
from retrieval.splitter import Splitter
from retrieval.stores import Stores

# Documents are written together until they hold this many passages.
_BATCH_PASSAGES = 1024

# Called with the number of files done and the number there are.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that did not go in; an older version of it, if any, still answers."""

    document: str
    error: str


@dataclass(slots=True)
class IndexReport:
    """What a run did. Times in seconds; `passages` is what the index now holds."""

    generation: int = 0
    added: int = 0
    updated: int = 0
    removed: int = 0
    unchanged: int = 0
    failed: list[Failure] = field(default_factory=list)
    passages: int = 0
    timings: dict[str, float] = field(
        default_factory=lambda: dict.fromkeys(("load", "split", "embed", "write", "total"), 0.0)
    )
    notices: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Returns what `monazite index --json` prints."""
        return {
            "generation": self.generation,
            "documents": {
                "added": self.added,
                "updated": self.updated,
                "removed": self.removed,
                "unchanged": self.unchanged,
                "failed": [asdict(failure) for failure in self.failed],
            },
            "passages": self.passages,
            "timings_s": {step: round(seconds, 3) for step, seconds in self.timings.items()},
        }

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Adds the time its block takes to a step."""
        began = perf_counter()
        try:
            yield
        finally:
            self.timings[step] += perf_counter() - began


class Indexer:
    """Indexes folders and files; one run at a time, guarded by a lock file.

    `fingerprint` names the embedding model and the pipeline; an index made with
    another one is rebuilt, and answers until the new one is complete.
    """

    def __init__(
        self,
        stores: Stores,
        embeddings: SentenceEmbeddings,
        splitter: Splitter,
        fingerprint: str,
        lock: Path,
    ) -> None:
        self._stores = stores
        self._embeddings = embeddings
        self._splitter = splitter
        self._fingerprint = fingerprint
        self._lock = lock

    def index(
        self, paths: Sequence[Path], *, rebuild: bool = False, progress: Progress | None = None
    ) -> IndexReport:
        """Indexes `paths`; documents of other folders stay as they are.

        Raises `ConfigurationError` for paths that do not exist or hold no
        documents, `IndexBusyError` while another run holds the lock.
        """
        report = IndexReport()
        with report.timed("total"), self._locked():
            build = self._stores.catalog.live_build()
            self._stores.sweep(build.id if build else None)
            if build and build.fingerprint != self._fingerprint:
                report.notices.append(
                    f"The index was made with {build.fingerprint}; "
                    f"rebuilding it with {self._fingerprint}"
                )
                rebuild = True
            if build is None:
                first = self._stores.catalog.stage_build(self._fingerprint)
                self._stores.catalog.switch_build(first.id)
                self._update(first.id, paths, report, progress)
            elif rebuild:
                self._rebuild(build.id, paths, report, progress)
            else:
                self._update(build.id, paths, report, progress)
        return report

    def _update(
        self, build_id: str, paths: Sequence[Path], report: IndexReport, progress: Progress | None
    ) -> None:
        for name in self._stores.repair(build_id):
            report.notices.append(f"The {name} did not match the catalog and was refilled")
        live = self._stores.catalog.live_versions(build_id)
        scopes = scopes_of(paths, {Path(key.root) for key in live})
        files = _all_files(scopes, live)
        gone = [
            key for key in live if key not in files and any(scope.covers(key) for scope in scopes)
        ]
        for batch in self._read(build_id, files, live, report, progress):
            self._write(build_id, batch, report)
        if gone:
            with report.timed("write"):
                self._stores.write(build_id, (), gone)
        report.removed = len(gone)
        build = self._stores.catalog.live_build()
        report.generation = build.generation if build else 0
        report.passages = self._stores.catalog.passage_count(build_id)

    def _rebuild(
        self, old_build: str, paths: Sequence[Path], report: IndexReport, progress: Progress | None
    ) -> None:
        """Fills a new build and makes it the live one; the old one answers until then."""
        catalog = self._stores.catalog
        old = catalog.live_versions(old_build)
        roots = {Path(key.root) for key in old}
        scopes = _with_roots(scopes_of(paths, roots), roots)
        files = _all_files(scopes, old)
        build = catalog.stage_build(self._fingerprint)
        for batch in self._read(build.id, files, {}, report, progress):
            self._write(build.id, batch, report)
        written = set(catalog.live_versions(build.id))
        kept = {
            key
            for key in old
            if key not in written and (key in files or not Path(key.root).is_dir())
        }
        self._carry_over(build.id, [old[key].version_id for key in sorted(kept)], report)
        report.added, report.updated = len(written - old.keys()), len(written & old.keys())
        report.unchanged, report.removed = len(kept), len(old.keys() - written - kept)
        report.generation = catalog.switch_build(build.id)
        report.passages = catalog.passage_count(build.id)
        self._stores.sweep(build.id)

    def _carry_over(self, build_id: str, version_ids: Iterable[str], report: IndexReport) -> None:
        """Copies documents that cannot be read any more from the old build."""
        for version_id in version_ids:
            old = self._stores.catalog.version(version_id)
            new_id = _version_id(build_id, old.key, old.content_hash)
            self._write(build_id, [old.with_id(new_id)], report)
            report.notices.append(f"{old.key.name} could not be read again and was kept as it was")

    def _read(
        self,
        build_id: str,
        files: dict[DocumentKey, Path],
        live: dict[DocumentKey, LiveVersion],
        report: IndexReport,
        progress: Progress | None,
    ) -> Iterator[list[NewVersion]]:
        """Yields batches of new versions; counts what is unchanged, reports what fails."""
        batch: list[NewVersion] = []
        for done, (key, path) in enumerate(files.items(), start=1):
            known = live.get(key)
            version = self._new_version(build_id, key, path, known, report)
            if version:
                batch.append(version)
                report.updated += known is not None
                report.added += known is None
            if sum(len(entry.passages) for entry in batch) >= _BATCH_PASSAGES:
                yield batch
                batch = []
            if progress:
                progress(done, len(files))
        if batch:
            yield batch

    def _new_version(
        self,
        build_id: str,
        key: DocumentKey,
        path: Path,
        known: LiveVersion | None,
        report: IndexReport,
    ) -> NewVersion | None:
        try:
            with report.timed("load"):
                data = path.read_bytes()
                digest = hashlib.sha256(data).hexdigest()
                if known and known.content_hash == digest:
                    report.unchanged += 1
                    return None
                document = load_document(data, key.name)
        except (LoadError, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            report.failed.append(Failure(key.name, reason or "cannot be read"))
            return None
        self._embeddings.warm()
        with report.timed("split"):
            passages = tuple(self._splitter.split(document))
        if not passages:
            report.failed.append(Failure(key.name, "holds nothing but page furniture"))
            return None
        version_id = _version_id(build_id, key, digest)
        return NewVersion(
            version_id, key, digest, document.format, document.title, document.date,
            document.text, passages,
        )  # fmt: skip

    def _write(self, build_id: str, batch: Sequence[NewVersion], report: IndexReport) -> None:
        before = self._embeddings.seconds
        began = perf_counter()
        self._stores.write(build_id, batch)
        embedding = self._embeddings.seconds - before
        report.timings["embed"] += embedding
        report.timings["write"] += perf_counter() - began - embedding

    @contextmanager
    def _locked(self) -> Iterator[None]:
        from filelock import FileLock, Timeout

        self._lock.parent.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self._lock, timeout=0):
                yield
        except Timeout:
            raise IndexBusyError(
                "Another indexing run is at work; wait for it to finish and try again"
            ) from None


def _all_files(
    scopes: Sequence[Scope], live: dict[DocumentKey, LiveVersion]
) -> dict[DocumentKey, Path]:
    """Returns every file of the scopes; refuses scopes that never held a document."""
    files = {scope.key_of(path): path for scope in scopes for path in files_of(scope)}
    covered = any(scope.covers(key) for scope in scopes for key in live)
    if not files and not covered:
        raise ConfigurationError(describe_empty(scopes))
    return files


def _with_roots(scopes: Sequence[Scope], roots: Iterable[Path]) -> list[Scope]:
    """Adds every root that still exists and that no scope takes in already."""
    taken = [scope.root / scope.inside for scope in scopes]
    more = (
        Scope(root)
        for root in sorted(roots)
        if root.is_dir() and not any(root.is_relative_to(folder) for folder in taken)
    )
    return [*scopes, *more]


def _version_id(build_id: str, key: DocumentKey, digest: str) -> str:
    """The same content at the same place in the same build has the same id."""
    parts = "\0".join((build_id, key.root, key.name, digest))
    return hashlib.sha256(parts.encode()).hexdigest()[:32]
