"""Brings the index up to date with the documents on disk."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from retrieval.access import EVERYONE
from retrieval.documents import described
from retrieval.embedder import Embedder
from retrieval.errors import ConfigurationError, LoadError
from retrieval.index_report import Failure, IndexReport, Preview
from retrieval.instructions import notice_of
from retrieval.reading import DocumentReader
from retrieval.records import DocumentKey, LiveVersion, NewVersion, version_id
from retrieval.runs import OpenRun, Runs
from retrieval.sources import Scope, describe_empty, scopes_of
from retrieval.splitter import Splitter
from retrieval.stores import Stores
from retrieval.survey import SourceFile, Survey, Surveyor, gone_from, is_changed

# Documents are written together until they hold this many passages.
_BATCH_PASSAGES = 1024

# Called with the number of files done and the number there are.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """How documents become passages: found, read and split.

    `fingerprint` names the embedding model and the pipeline.
    """

    surveyor: Surveyor
    reader: DocumentReader
    splitter: Splitter
    fingerprint: str


class Indexer:
    """Indexes folders and files; one run at a time, all of them in the history.

    An index made with another fingerprint is rebuilt, and answers until the new one is
    complete.
    """

    def __init__(
        self, stores: Stores, embeddings: Embedder, pipeline: Pipeline, runs: Runs
    ) -> None:
        self._stores = stores
        self._embeddings = embeddings
        self._pipeline = pipeline
        self._runs = runs

    def index(
        self, paths: Sequence[Path], *, rebuild: bool = False, progress: Progress | None = None,
        who: str = "",
    ) -> IndexReport:  # fmt: skip
        """Indexes `paths`; documents of other folders stay as they are. `who` goes into the history.

        Raises `ConfigurationError` for paths that do not exist or hold no
        documents, `IndexBusyError` while another run is at work, and
        `RunCancelledError` when it is told to stop; what is done by then is kept.
        """
        report = IndexReport()
        kind = "rebuild" if rebuild else "index"
        with (
            report.timed("total"),
            self._runs.open(kind, who) as run,
            closing(self._pipeline.reader),
        ):
            try:
                self._run(paths, report, run, rebuild, progress)
            finally:
                run.report = report.as_json()
        return report

    def preview(self, paths: Sequence[Path]) -> Preview:
        """Returns what indexing `paths` would change; raises as `index` does for wrong paths."""
        build = self._stores.catalog.live_build()
        live = self._stores.catalog.live_versions(build.id) if build else {}
        scopes = scopes_of(paths, _roots(live))
        files = self._survey(scopes, live, fetch=False).files
        changed = [key for key, file in files.items() if is_changed(file, live.get(key))]
        return Preview(
            tuple(key.name for key in changed if key not in live),
            tuple(key.name for key in changed if key in live),
            tuple(key.name for key in gone_from(live, files, scopes)),
            len(files) - len(changed),
        )

    def _run(
        self, paths: Sequence[Path], report: IndexReport, run: OpenRun, rebuild: bool,
        progress: Progress | None,
    ) -> None:  # fmt: skip
        build = self._stores.catalog.live_build()
        self._stores.sweep(build.id if build else None)
        if build and build.fingerprint != self._pipeline.fingerprint:
            report.notices.append(
                f"The index was made with {build.fingerprint}; "
                f"rebuilding it with {self._pipeline.fingerprint}"
            )
            rebuild = True
        if build is None:
            first = self._stores.catalog.stage_build(self._pipeline.fingerprint)
            self._stores.switch(first.id)
            self._update(first.id, paths, report, run, progress)
        elif rebuild:
            self._rebuild(build.id, paths, report, run, progress)
        else:
            self._update(build.id, paths, report, run, progress)

    def _update(
        self, build_id: str, paths: Sequence[Path], report: IndexReport, run: OpenRun,
        progress: Progress | None,
    ) -> None:  # fmt: skip
        for name in self._stores.repair(build_id):
            report.notices.append(f"The {name} did not match the catalog and was refilled")
        live = self._stores.catalog.live_versions(build_id)
        scopes = scopes_of(paths, _roots(live))
        survey = self._survey(scopes, live)
        files = survey.files
        report.failed += survey.failures
        self._apply_access(build_id, files, live)
        gone = gone_from(live, files, scopes)
        for batch in self._read(build_id, files, live, report, run, progress):
            self._write(build_id, batch, report)
        if gone:
            run.check(at_once=True)
            with report.timed("write"):
                self._stores.write(build_id, (), gone)
        report.removed = len(gone)
        self._forget_pages(live.keys() - gone, survey)
        build = self._stores.catalog.live_build()
        report.generation = build.generation if build else 0
        report.passages = self._stores.catalog.passage_count(build_id)

    def _survey(
        self, scopes: Sequence[Scope], live: dict[DocumentKey, LiveVersion], *, fetch: bool = True
    ) -> Survey:
        """Every document of the scopes; scopes that never held one are refused."""
        survey = self._pipeline.surveyor.survey(scopes, fetch=fetch)
        covered = any(scope.covers(key) for scope in scopes for key in live)
        if not survey.files and not covered:
            raise ConfigurationError(describe_empty(scopes))
        return survey

    def _apply_access(
        self, build_id: str, files: dict[DocumentKey, SourceFile],
        live: dict[DocumentKey, LiveVersion],
    ) -> None:  # fmt: skip
        """Closes and opens documents before any of them is read: reading one may fail."""
        labels = {
            live[key].version_id: file.said.access
            for key, file in files.items()
            if file.said.access and key in live and live[key].access != file.said.access
        }
        if labels:
            self._stores.catalog.set_access(build_id, labels)

    def _forget_pages(self, indexed: Iterable[DocumentKey], survey: Survey) -> None:
        """Deletes the copies of pages that are neither listed nor indexed any more."""
        self._pipeline.surveyor.forget_pages({key.name for key in (*indexed, *survey.files)})

    def _rebuild(
        self, old_build: str, paths: Sequence[Path], report: IndexReport, run: OpenRun,
        progress: Progress | None,
    ) -> None:  # fmt: skip
        """Fills a new build and makes it the live one; the old one answers until then."""
        catalog = self._stores.catalog
        old = catalog.live_versions(old_build)
        roots = _roots(old)
        scopes = _with_roots(scopes_of(paths, roots), roots)
        survey = self._survey(scopes, old)
        files = survey.files
        report.failed += survey.failures
        self._apply_access(old_build, files, old)
        build = catalog.stage_build(self._pipeline.fingerprint)
        for batch in self._read(build.id, files, {}, report, run, progress):
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
        run.check(at_once=True)
        report.generation = self._stores.switch(build.id)
        report.passages = catalog.passage_count(build.id)
        self._stores.sweep(build.id)
        self._forget_pages(written | kept, survey)

    def _carry_over(self, build_id: str, version_ids: Iterable[str], report: IndexReport) -> None:
        """Copies documents that cannot be read any more from the old build."""
        for old_id in version_ids:
            old = self._stores.catalog.version(old_id)
            new_id = version_id(build_id, old.key, old.content_hash)
            self._write(build_id, [old.with_id(new_id)], report)
            report.notices.append(f"{old.key.name} could not be read again and was kept as it was")

    def _read(
        self,
        build_id: str,
        files: dict[DocumentKey, SourceFile],
        live: dict[DocumentKey, LiveVersion],
        report: IndexReport,
        run: OpenRun,
        progress: Progress | None,
    ) -> Iterator[list[NewVersion]]:
        """Yields batches of new versions; counts what is unchanged, reports what fails."""
        batch: list[NewVersion] = []
        for done, (key, file) in enumerate(files.items(), start=1):
            run.check()
            known = live.get(key)
            version = self._new_version(build_id, key, file, known, report)
            if version:
                batch.append(version)
                report.updated += known is not None
                report.added += known is None
            if sum(len(entry.passages) for entry in batch) >= _BATCH_PASSAGES:
                run.check(at_once=True)
                yield batch
                batch = []
            if progress:
                progress(done, len(files))
        if batch:
            run.check(at_once=True)
            yield batch

    def _new_version(
        self,
        build_id: str,
        key: DocumentKey,
        file: SourceFile,
        known: LiveVersion | None,
        report: IndexReport,
    ) -> NewVersion | None:
        path = file.path
        if path is None:
            return None
        try:
            with report.timed("load"):
                self._pipeline.reader.check_size(path)
                data = path.read_bytes()
                digest = file.said.digest_with(hashlib.sha256(data).hexdigest())
                if known and known.content_hash == digest:
                    report.unchanged += 1
                    return None
                document = described(self._pipeline.reader.read(data, file.reading_name), file.said)
        except (LoadError, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            report.failed.append(Failure(key.name, reason or "cannot be read"))
            return None
        self._embeddings.warm()
        with report.timed("split"):
            passages = tuple(self._pipeline.splitter.split(document))
        if not passages:
            report.failed.append(Failure(key.name, "holds nothing but page furniture"))
            return None
        if notice := notice_of(key.name, passages):
            report.notices.append(notice)
        said = document.metadata
        return NewVersion(
            version_id(build_id, key, digest), key, digest, document.format, document.title, document.date,
            document.text, passages, said.access or EVERYONE, said,
        )  # fmt: skip

    def _write(self, build_id: str, batch: Sequence[NewVersion], report: IndexReport) -> None:
        before = self._embeddings.seconds
        began = perf_counter()
        self._stores.write(build_id, batch)
        embedding = self._embeddings.seconds - before
        report.timings["embed"] += embedding
        report.timings["write"] += perf_counter() - began - embedding


def _roots(live: Iterable[DocumentKey]) -> set[Path]:
    return {Path(root) for root in {key.root for key in live}}


def _with_roots(scopes: Sequence[Scope], roots: Iterable[Path]) -> list[Scope]:
    """Adds every root that still exists and that no scope takes in already."""
    taken = [scope.root / scope.inside for scope in scopes]
    more = (
        Scope(root)
        for root in sorted(roots)
        if root.is_dir() and not any(root.is_relative_to(folder) for folder in taken)
    )
    return [*scopes, *more]
