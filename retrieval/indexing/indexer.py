"""Brings the index up to date with the documents on disk."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from retrieval.domain.access import EVERYONE, NOBODY, both, shortened
from retrieval.domain.documents import Document, described
from retrieval.domain.errors import AccessUnclearError, ConfigurationError, LoadError, first_line
from retrieval.domain.failures import Closed, DocumentFailure
from retrieval.domain.ledger import ledger_of
from retrieval.domain.passages import Passage
from retrieval.domain.records import DocumentKey, LiveVersion, NewVersion, version_id
from retrieval.domain.sanitizing import clean_name
from retrieval.embedding.embedder import Embedder
from retrieval.indexing.report import Incomplete, IndexReport, Preview
from retrieval.loading.document_reader import DocumentReader
from retrieval.loading.front_matter import access_said, check_no_access
from retrieval.sources.access_check import lists_of, stricter_labels
from retrieval.sources.access_report import AccessReports
from retrieval.sources.discovery import (
    DiscoveredFiles,
    Discovery,
    SourceFile,
    cannot_be_told,
    gone_from,
    is_changed,
)
from retrieval.sources.scopes import Scope, describe_empty, scopes_of, with_roots
from retrieval.sources.sources_yaml import SourceLists
from retrieval.sources.unsupported import skipped
from retrieval.splitting.splitter import Splitter
from retrieval.storage.index import Index
from retrieval.storage.roots import Roots
from retrieval.storage.runs import OpenRun, Runs
from retrieval.system.containment import read_file
from retrieval.text.instructions import notice_of

# Documents are written together until they hold this many passages.
_BATCH_PASSAGES = 1024

# Called with the number of files done and the number there are.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """How documents become passages: found, read and split.

    `fingerprint` names the embedding model and the pipeline. `report` is given what nobody
    expected of a document, and returns the id under which the log has it.
    """

    discovery: Discovery
    reader: DocumentReader
    splitter: Splitter
    fingerprint: str
    report: Callable[[Exception], str]


# What the reader looks for front matter in, or cannot hold any.
_OWN_OR_NO_ACCESS = frozenset({"md", "txt", "csv", "xlsx"})


@dataclass(slots=True)
class _Work:
    """One run: what there is (`survey`), and what the index that answers holds of it (`live`).

    `relabelled` are documents that were closed further before any was read; `earlier` are the
    labels that they had. `unread` are files that could not be read now, with their
    content hash, "" where not even that could be had.
    """

    named: list[Scope]
    scopes: list[Scope]
    lists: dict[Path, SourceLists]
    live: dict[DocumentKey, LiveVersion]
    report: IndexReport
    run: OpenRun
    progress: Progress | None
    answering: str | None = None
    discovered: DiscoveredFiles = field(default_factory=DiscoveredFiles)
    relabelled: frozenset[DocumentKey] = frozenset()
    earlier: dict[DocumentKey, str] = field(default_factory=dict)
    unread: dict[DocumentKey, str] = field(default_factory=dict)


class Indexer:
    """Indexes folders and files; one run at a time, all of them in the history.

    An index made with another fingerprint is rebuilt, and answers until the new one is
    complete.
    """

    def __init__(
        self, index: Index, embeddings: Embedder, pipeline: Pipeline, runs: Runs, roots: Roots,
        access: AccessReports,
    ) -> None:  # fmt: skip
        self._index = index
        self._roots = roots
        self._embeddings = embeddings
        self._pipeline = pipeline
        self._runs = runs
        self._access = access

    def index(
        self, paths: Sequence[Path], *, rebuild: bool = False, progress: Progress | None = None,
        who: str = "", by_name: bool = True,
    ) -> IndexReport:  # fmt: skip
        """Indexes `paths`; documents of other folders stay as they are. `who` goes into the history.

        `by_name` says that somebody named the paths now, so that what was taken out of the index
        at just these paths comes back.

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
                if by_name:
                    scopes = scopes_of(paths, self._roots.known())
                    self._roots.include((one.root / one.inside for one in scopes), run.who)
                self._run(paths, report, run, rebuild, progress)
            finally:
                run.report = report.as_json()
        return report

    def preview(self, paths: Sequence[Path]) -> Preview:
        """Returns what indexing `paths` would change; raises as `index` does for wrong paths."""
        build = self._index.catalog.live_build()
        live = self._index.catalog.live_versions(build.id) if build else {}
        scopes = scopes_of(paths, self._roots.known())
        discovered = self._discovered(scopes, lists_of(scopes, live, self._access.fitted()), live)
        files = {
            key: file for key, file in discovered.files.items() if key not in discovered.closed
        }
        most = self._pipeline.reader.file_megabytes
        changed = [key for key, file in files.items() if is_changed(file, live.get(key), most)]
        return Preview(
            tuple(key.name for key in changed if key not in live),
            tuple(key.name for key in changed if key in live),
            tuple(key.name for key in gone_from(live, discovered, scopes)),
            len(files) - len(changed),
            tuple(key.name for key in discovered.closed),
            tuple(discovered.failures),
            tuple(skipped(discovered.unsupported)),
        )

    def close_further(self, paths: Sequence[Path] = ()) -> int:
        """Takes from live documents the readers that lists and files no longer let in; says from how many.

        Of `paths`, or of all indexed folders that are there. One commit, nothing is read anew.
        """
        build = self._index.catalog.live_build()
        live = self._index.catalog.live_versions(build.id) if build else {}
        roots = self._roots.known()
        scopes = scopes_of(paths, roots) if paths else with_roots([], roots, live)
        lists = lists_of(scopes, live, self._access.fitted())
        labels = stricter_labels(scopes, lists, live)
        if build and labels:
            self._index.catalog.set_access(build.id, labels)
        return len(labels)

    def _run(
        self, paths: Sequence[Path], report: IndexReport, run: OpenRun, rebuild: bool,
        progress: Progress | None,
    ) -> None:  # fmt: skip
        build = self._index.catalog.live_build()
        if build and build.fingerprint != self._pipeline.fingerprint:
            report.notices.append(
                f"The index was made with {build.fingerprint}; "
                f"rebuilding it with {self._pipeline.fingerprint}"
            )
            rebuild = True
        work = self._begin(build.id if build else None, paths, report, run, rebuild, progress)
        self._index.sweep(build.id if build else None)
        # Read again, because files may have been added since.
        work.lists = lists_of(work.scopes, work.live, self._access.fitted())
        work.discovered = self._discovered(work.scopes, work.lists, work.live)
        self._note(work)
        self._tell_closed(work)
        self._pipeline.discovery.fetch(work.discovered)
        report.failed += work.discovered.failures
        report.skipped = skipped(work.discovered.unsupported)
        if build is None:
            first = self._index.catalog.stage_build(self._pipeline.fingerprint)
            self._index.switch(first.id)
            self._update(first.id, work)
        elif rebuild:
            self._rebuild(build.id, work)
        else:
            self._update(build.id, work)
        self._keep_access(work)

    def _begin(
        self, build_id: str | None, paths: Sequence[Path], report: IndexReport, run: OpenRun,
        rebuild: bool, progress: Progress | None,
    ) -> _Work:  # fmt: skip
        """Closes documents before anything else is done: whatever comes after it may fail."""
        catalog = self._index.catalog
        live = catalog.live_versions(build_id) if build_id else {}
        roots = self._roots.known()
        named = scopes_of(paths, roots)
        scopes = with_roots(named, roots, live) if rebuild else named
        lists = lists_of(scopes, live, self._access.fitted())
        labels = stricter_labels(scopes, lists, live)
        earlier = {key: live[key].access for key in live if live[key].access != NOBODY}
        if build_id and labels:
            catalog.set_access(build_id, labels)
            live = catalog.live_versions(build_id)
        relabelled = frozenset(key for key, known in live.items() if known.version_id in labels)
        return _Work(
            named, scopes, lists, live, report, run, progress, build_id, relabelled=relabelled,
            earlier=earlier,
        )  # fmt: skip

    def _tell_closed(self, work: _Work) -> None:
        """Reports what keeps anybody from telling who may see files."""
        report, discovered = work.report, work.discovered
        report.closed += discovered.closed.values()
        for lists in {id(one): one for one in work.lists.values()}.values():
            for fault in lists.faults:
                count = sum(one.reason == fault.text for one in discovered.closed.values())
                tail = f"; {count:,} documents are closed to all for it"
                brief = f"{fault.brief or fault.reason}{tail}"
                report.failed.append(
                    DocumentFailure(fault.source, fault.reason + tail, brief=brief)
                )
            report.notices += [
                f"{use.list}: rule {use.number}, path {shortened(use.pattern)}, fits no file"
                for use in lists.uses
                if not use.files and use.access == EVERYONE
            ]

    def _keep_access(self, work: _Work) -> None:
        """Writes down what the rules of each folder did, for those who ask later."""
        for root, lists in work.lists.items():
            scopes = [scope for scope in work.scopes if scope.root == root]
            before = [
                one
                for one in self._access.closed_in(root)
                if not any(scope.covers(DocumentKey(str(root), one.document)) for scope in scopes)
            ]
            now = [one for key, one in work.discovered.closed.items() if key.root == str(root)]
            self._access.keep(root, lists, [*before, *now])

    def _update(self, build_id: str, work: _Work) -> None:
        report, discovered = work.report, work.discovered
        for name in self._index.repair(build_id):
            report.notices.append(f"The {name} did not match the catalog and was refilled")
        gone = gone_from(work.live, discovered, work.scopes)
        closed = [key for key, known in work.live.items() if known.access == NOBODY]
        self._withdraw(build_id, [key for key in closed if key not in gone], work)
        for batch in self._read(build_id, work):
            self._write(build_id, batch, work)
        if gone:
            work.run.check(at_once=True)
            with report.timed("write"):
                self._index.write(build_id, (), gone)
        report.removed = len(gone)
        self._forget_pages(work.live.keys() - set(gone), discovered)
        build = self._index.catalog.live_build()
        report.generation = build.generation if build else 0
        report.passages = self._index.catalog.passage_count(build_id)

    def _withdraw(self, build_id: str, keys: Sequence[DocumentKey], work: _Work) -> None:
        """Takes documents out of the index that their readers cannot be told of."""
        if keys:
            self._index.write(build_id, (), keys)
            for key in keys:
                del work.live[key]

    def _discovered(
        self, scopes: Sequence[Scope], lists: dict[Path, SourceLists],
        live: dict[DocumentKey, LiveVersion],
    ) -> DiscoveredFiles:  # fmt: skip
        """Every document of the scopes; scopes that never held one are refused."""
        discovered = self._pipeline.discovery.discovered(scopes, lists, self._roots.exclusions())
        covered = any(scope.covers(key) for scope in scopes for key in live)
        if not (discovered.files or discovered.failures or discovered.excluded or covered):
            raise ConfigurationError(describe_empty(scopes, discovered.unsupported))
        return discovered

    def _note(self, work: _Work) -> None:
        """Notes which folders were named, before anything of them is written, and what is left out."""
        for scope in work.named:
            self._roots.add(scope.root, work.run.who, whole=not scope.inside)
        if excluded := work.discovered.excluded:
            work.report.notices.append(
                f"{excluded} files or folders that were taken out of the index stay out; "
                "monazite status lists them, and monazite index FILE takes one in again"
            )

    def _forget_pages(self, indexed: Iterable[DocumentKey], discovered: DiscoveredFiles) -> None:
        """Deletes the copies of pages that are neither listed nor indexed any more."""
        self._pipeline.discovery.forget_pages({key.name for key in (*indexed, *discovered.files)})

    def _rebuild(self, old_build: str, work: _Work) -> None:
        """Fills a new build and makes it the live one; the old one answers until then."""
        catalog, report = self._index.catalog, work.report
        build = catalog.stage_build(self._pipeline.fingerprint)
        for batch in self._read(build.id, work):
            self._write(build.id, batch, work)
        # Those that were closed meanwhile are not to be kept.
        old = catalog.live_versions(old_build)
        written = set(catalog.live_versions(build.id))
        unsure = cannot_be_told(old, self._roots.known(), work.discovered)
        kept = {
            key
            for key, known in old.items()
            if key not in written and known.access != NOBODY
            and (key in work.discovered.files or key in unsure)
        }  # fmt: skip
        self._carry_over(build.id, [(key, old[key]) for key in sorted(kept)], work)
        report.added, report.updated = len(written - old.keys()), len(written & old.keys())
        report.unchanged, report.removed = len(kept), len(old.keys() - written - kept)
        work.run.check(at_once=True)
        report.generation = self._index.switch(build.id)
        report.passages = catalog.passage_count(build.id)
        self._index.sweep(build.id)
        self._forget_pages(written | kept, work.discovered)

    def _carry_over(
        self, build_id: str, versions: Iterable[tuple[DocumentKey, LiveVersion]], work: _Work
    ) -> None:
        """Copies documents that cannot be read any more from the old build."""
        for key, live in versions:
            changed = work.unread.get(key, live.content_hash) != live.content_hash
            since = live.outdated_since or (datetime.now(UTC) if changed else None)
            old = replace(self._index.catalog.version(live.version_id), outdated_since=since)
            new_id = version_id(build_id, key, old.content_hash)
            # Not one by one: what cannot be kept stops the rebuild, and the old build stays.
            self._index.write(build_id, [old.with_id(new_id)])
            work.report.notices.append(f"{key.name} could not be read again and was kept as it was")

    def _read(self, build_id: str, work: _Work) -> Iterator[list[NewVersion]]:
        """Yields batches of new versions; counts what is unchanged, reports what fails."""
        batch: list[NewVersion] = []
        files, report = work.discovered.files, work.report
        updating = build_id == work.answering
        for done, (key, file) in enumerate(files.items(), start=1):
            work.run.check()
            known = work.live.get(key) if updating else None
            version = self._new_version(build_id, key, file, known, work)
            if version:
                batch.append(version)
                report.updated += known is not None
                report.added += known is None
            if sum(len(entry.passages) for entry in batch) >= _BATCH_PASSAGES:
                work.run.check(at_once=True)
                yield batch
                batch = []
            if work.progress:
                work.progress(done, len(files))
        if batch:
            work.run.check(at_once=True)
            yield batch

    def _new_version(
        self, build_id: str, key: DocumentKey, file: SourceFile, known: LiveVersion | None,
        work: _Work,
    ) -> NewVersion | None:  # fmt: skip
        report, reader = work.report, self._pipeline.reader
        if file.root is None or file.said.access == NOBODY:
            return None
        label, digest = both(file.said.access or EVERYONE, work.earlier.get(key, EVERYONE)), ""
        try:
            _check_name(key)
            with report.timed("load"):
                data = _some(read_file(file.root, file.name, reader.file_megabytes))
                digest = file.said.digest_with(hashlib.sha256(data).hexdigest())
                own = access_said(data, file.reading_name) or EVERYONE
                if known and known.content_hash == digest:
                    if key not in work.relabelled:
                        report.unchanged += 1
                        self._mark_outdated(known, None)
                        return None
                    # The same words for fewer readers: the indexes must learn of them, too.
                    self._index.write(build_id, (), [key])
                document = self._load(data, file)
            self._embeddings.warm()
            with report.timed("split"):
                passages = self._passages_of(document)
        except AccessUnclearError as error:
            self._close(key, Closed(key.name, str(error), label), work)
            return None
        except (LoadError, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            report.failed.append(DocumentFailure(key.name, reason or "cannot be read", label))
            work.unread[key] = digest
            if known and known.content_hash != digest:
                self._mark_outdated(known, datetime.now(UTC))
            return None
        if notice := notice_of(key.name, passages):
            report.notices.append(notice)
        said, ledger = document.metadata, ledger_of(document)
        access = both(own, said.access or EVERYONE)
        if ledger.told:
            report.incomplete.append(Incomplete(key.name, ledger.told, access))
        return NewVersion(
            version_id(build_id, key, digest), key, digest, document.format, document.title, document.date,
            document.text, passages, access, said, ledger,
        )  # fmt: skip

    def _mark_outdated(self, known: LiveVersion, since: datetime | None) -> None:
        """Notes that a file says something else than what answers, since it was seen first; or not."""
        if bool(since) != bool(known.outdated_since):
            self._index.catalog.mark_outdated(known.version_id, since)

    def _load(self, data: bytes, file: SourceFile) -> Document:
        document = self._pipeline.reader.read(data, file.reading_name)
        if document.format not in _OWN_OR_NO_ACCESS:
            check_no_access(document.text)
        return described(document, file.said)

    def _passages_of(self, document: Document) -> tuple[Passage, ...]:
        """Splits a document; raises `LoadError` for whatever goes wrong with this one."""
        try:
            passages = tuple(self._pipeline.splitter.split(document))
        except Exception as error:
            raise LoadError(self._unexpected("split into passages", error)) from error
        if not passages:
            raise LoadError("holds nothing but page furniture")
        return passages

    def _close(self, key: DocumentKey, closed: Closed, work: _Work) -> None:
        """Withdraws a document when its own text shows that its readers cannot be told."""
        work.report.failed.append(DocumentFailure(key.name, closed.reason, closed.access))
        work.report.closed.append(closed)
        work.discovered.closed[key] = closed
        known = work.live.get(key)
        if known and work.answering:
            self._index.catalog.set_access(work.answering, {known.version_id: NOBODY})
            self._index.write(work.answering, (), [key])

    def _write(self, build_id: str, batch: Sequence[NewVersion], work: _Work) -> None:
        """Writes a batch; a document that stops it fails by name, and the others go in."""
        report = work.report
        live = work.live if build_id == work.answering else {}
        before = self._embeddings.seconds
        began = perf_counter()
        failures = self._index.write_each(build_id, batch)
        embedding = self._embeddings.seconds - before
        report.timings["embed"] += embedding
        report.timings["write"] += perf_counter() - began - embedding
        for version, error in failures:
            report.updated -= version.key in live
            report.added -= version.key not in live
            reason = self._unexpected("indexed", error)
            report.failed.append(DocumentFailure(version.key.name, reason, version.access))

    def _unexpected(self, what: str, error: Exception) -> str:
        request_id = self._pipeline.report(error)
        return (
            f"cannot be {what} ({first_line(error)[:200]}); save it anew, "
            f"or tell your operator: request {request_id}"
        )


def _some(data: bytes) -> bytes:
    """Returns what a file holds; raises `LoadError` where that is nothing."""
    if not data:
        raise LoadError("is empty; remove it, or copy it here again")
    return data


def _check_name(key: DocumentKey) -> None:
    """Raises `LoadError` for a document whose name, or whose folder's, no database could hold."""
    for what, name in (("its name", key.name), ("the name of its folder", key.root)):
        if clean_name(name) != name:
            raise LoadError(
                f"{what} is not UTF-8, or holds control characters or line breaks; rename it"
            )
