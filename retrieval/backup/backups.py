"""Backups: one file with the documents, passages and vectors of an index, and their checksums.

A backup is taken from the live build while questions are answered, and refused when the
index changed meanwhile. It is restored like a rebuild: a new build is filled beside the
live one, nothing is embedded again, and one commit switches to it. What comes back is decided
in `restoring.py`, what a backup may hold in `backup_models.py`.
"""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, BinaryIO, cast

import numpy as np

from retrieval.backup.archive import BackupArchive
from retrieval.backup.encryption import decrypt, encrypt, is_encrypted
from retrieval.backup.restoring import Present, Trust
from retrieval.backup.writing import BackupReport, BackupWriter, keep_draft, opened_draft
from retrieval.domain.errors import ConfigurationError, IndexBusyError, IndexMissingError, LoadError
from retrieval.domain.records import DocumentKey, NewVersion
from retrieval.embedding.embedder import Vectors
from retrieval.sources.access_check import lists_of
from retrieval.sources.access_report import AccessReports
from retrieval.sources.discovery import Discovery
from retrieval.storage.index import Index
from retrieval.storage.roots import Roots
from retrieval.storage.runs import OpenRun, Runs
from retrieval.system.containment import open_named, printable

_BATCH_PASSAGES = 1024
# A text of a document stands twice in its line, beside digits of vectors.
_LINE_FOR_FILE = 2
# How the fingerprint of an index ends.
_PIPELINE = re.compile(r"(.+), pipeline ([0-9]+)")


@dataclass(frozen=True, slots=True)
class RestoreReport(BackupReport):
    """What was restored: `documents` and `passages` of these.

    `left_out` are documents that stayed out, with the reason; `closed` counts those that fewer
    people see than the backup says.
    """

    left_out: dict[str, str] = field(default_factory=dict)
    closed: int = 0


@dataclass(frozen=True, slots=True)
class BackupRules:
    """What backups of an installation depend on.

    `key` encrypts them, where there is one. `home` takes what must be held in clear meanwhile,
    `documents` is the folder of documents, `file_megabytes` the largest file that is indexed.
    `dimensions` gives the size of the model's vectors.
    """

    fingerprint: str
    home: Path
    documents: Path
    dimensions: Callable[[], int]
    key: str | None = None
    file_megabytes: int = 100

    @property
    def line_megabytes(self) -> int:
        """The most that one document may take in a backup."""
        return _LINE_FOR_FILE * self.file_megabytes


@dataclass(frozen=True, slots=True)
class RestoreOptions:
    """What an operator allows a restore.

    `keep_removed`: documents that were taken out, or whose files are gone, come back. `trust`:
    folders that are not indexed here. `unencrypted`: a backup that nobody proved to be ours,
    though there is a key.
    """

    keep_removed: bool = False
    trust: tuple[Path, ...] = ()
    unencrypted: bool = False


class Backups:
    """Backs an installation up, and restores it."""

    def __init__(
        self, index: Index, runs: Runs, roots: Roots, discovery: Discovery, access: AccessReports,
        rules: BackupRules,
    ) -> None:  # fmt: skip
        self._index = index
        self._runs = runs
        self._roots = roots
        self._discovery = discovery
        self._access = access
        self._rules = rules
        self._writer = BackupWriter(index, rules.line_megabytes)

    def backup(self, file: Path, *, encrypted: bool = False, force: bool = False) -> BackupReport:
        """Writes the live build into `file`, which appears when it is complete.

        It is encrypted where there is a key. Raises `IndexMissingError` without an index,
        `IndexBusyError` when the index changed while it was read, `ConfigurationError` when the
        file is there already and is not to be replaced (`force`), cannot be written, or is to be
        `encrypted` without a key.
        """
        key, catalog = self._rules.key, self._index.catalog
        if encrypted and key is None:
            raise ConfigurationError(
                "There is no key to encrypt with; set MONAZITE_BACKUP_KEY or MONAZITE_BACKUP_KEY_FILE"
            )
        if os.path.lexists(file) and not force:
            raise ConfigurationError(f"{file} is there already; name another file, or use --force")
        build = catalog.live_build()
        if build is None:
            raise IndexMissingError("There is no index yet; run: monazite index")
        try:
            with ExitStack() as stack:
                draft = stack.enter_context(opened_draft(file))
                plain = stack.enter_context(self._scratch()) if key else draft
                report = self._writer.write(plain, file, build)
                if catalog.live_build() != build:
                    raise IndexBusyError("The index changed while it was backed up; try again")
                if key:
                    plain.seek(0)
                    encrypt(cast(BinaryIO, plain), cast(BinaryIO, draft), key)
                keep_draft(draft, file, force=force)
        except OSError as error:
            raise ConfigurationError(
                f"The backup {file} cannot be written ({error.strerror or error})"
            ) from error
        return report

    def restore(
        self, file: Path, who: str = "", options: RestoreOptions | None = None
    ) -> RestoreReport:
        """Makes the index what `file` says; questions are answered from the old one until then.

        Documents that were removed since stay out, and nobody sees one who may not see it now,
        unless `options` say so. What an earlier release wrote answers as it is until the next run,
        which reads the documents again. Raises `ConfigurationError` for a file that is damaged, no
        backup, or of another embedding model, or of which nothing comes back; the index is left
        as it is.
        """
        options = options or RestoreOptions()
        with self._opened(file, options) as archive:
            made_with = archive.manifest.fingerprint
            older = _is_older(made_with, self._rules.fingerprint)
            if made_with != self._rules.fingerprint and not older:
                raise ConfigurationError(
                    f"The backup was made with {printable(made_with)}, but the settings say "
                    f"{self._rules.fingerprint}; set them alike, or index the documents again"
                )
            dimensions = self._rules.dimensions()
            keys = _all_keys(archive, dimensions, file)
            with self._runs.open("restore", who) as run:
                restoring = _Restoring(self._present(keys, options, reread=older), run)
                self._fill(restoring, archive, dimensions, keys)
                manifest = archive.manifest
                report = RestoreReport(
                    str(file), made_with, manifest.generation, len(restoring.restored),
                    restoring.passages, manifest.sha256, restoring.left_out, restoring.closed,
                )  # fmt: skip
                run.report = report.as_json()
                return report

    def _fill(
        self, restoring: "_Restoring", archive: BackupArchive, dimensions: int,
        keys: set[DocumentKey],
    ) -> None:  # fmt: skip
        """Fills a new build, and switches to it."""
        catalog, run = self._index.catalog, restoring.run
        live = catalog.live_build()
        self._index.sweep(live.id if live else None)
        build = catalog.stage_build(self._rules.fingerprint)
        for versions, vectors in _batches(restoring.versions(archive, dimensions, build.id)):
            run.check()
            self._index.write(build.id, versions, vectors=vectors)
        if keys and not restoring.restored:
            self._index.sweep(live.id if live else None)
            document, reason = next(iter(restoring.left_out.items()))
            raise ConfigurationError(
                f"Nothing of the backup comes back, {document} for one: {reason}"
            )
        run.check(at_once=True)
        for root in sorted({Path(key.root) for key in restoring.restored}):
            self._roots.add(root, run.who, whole=restoring.present.trust.roots.get(root, True))
        if restoring.present.keep_removed:
            paths = [Path(key.root, key.name) for key in restoring.restored]
            exclusions = restoring.present.exclusions
            self._roots.include((one for one in paths if exclusions.cover(str(one))), run.who)
        self._index.switch(build.id)
        self._index.sweep(build.id)

    def _present(self, keys: set[DocumentKey], options: RestoreOptions, *, reread: bool) -> Present:
        catalog, rules = self._index.catalog, self._rules
        trust = Trust(self._roots.known(), rules.documents, options.trust)
        build = catalog.live_build()
        live = catalog.live_versions(build.id) if build else None
        scopes = trust.scopes(keys)
        lists = lists_of(scopes, live or {}, self._access.fitted())
        return Present(
            trust, self._discovery.discovered(scopes, lists), self._roots.exclusions(), live,
            options.keep_removed, rules.file_megabytes, reread,
        )  # fmt: skip

    @contextmanager
    def _opened(self, file: Path, options: RestoreOptions) -> Iterator[BackupArchive]:
        """A backup, decrypted where it must be; the very file that was examined is read."""
        with ExitStack() as stack:
            try:
                opened = stack.enter_context(open_named(file))
            except (LoadError, OSError, ValueError) as error:
                reason = error.strerror if isinstance(error, OSError) else str(error)
                raise ConfigurationError(
                    f"The file {printable(str(file))} is no backup, or damaged ({reason})"
                ) from error
            key = self._rules.key
            if is_encrypted(opened):
                if key is None:
                    raise ConfigurationError(
                        f"The backup {file} is encrypted; set MONAZITE_BACKUP_KEY or "
                        "MONAZITE_BACKUP_KEY_FILE"
                    )
                plain = cast(BinaryIO, stack.enter_context(self._scratch()))
                decrypt(opened, plain, key)
                opened = plain
            elif key is not None and not options.unencrypted:
                raise ConfigurationError(
                    f"The file {file} is not encrypted, though there is a key, so anybody may have "
                    "made it; --unencrypted restores it all the same"
                )
            yield BackupArchive(file, opened, self._rules.line_megabytes)

    def _scratch(self) -> IO[bytes]:
        """A file without a name, on the disk of the data folder, where its content lies anyway."""
        return TemporaryFile(dir=self._rules.home)


class _Restoring:
    """One restore at work: what came back so far, and what did not."""

    def __init__(self, present: Present, run: OpenRun) -> None:
        self.present = present
        self.run = run
        self.restored: set[DocumentKey] = set()
        self.passages = 0
        self.closed = 0
        self.left_out: dict[str, str] = {}

    def versions(
        self, archive: BackupArchive, dimensions: int, build_id: str
    ) -> Iterator[tuple[NewVersion, Vectors]]:
        """Yields what comes back."""
        for entry, vectors in archive.documents(dimensions):
            verdict = self.present.judge(entry)
            if verdict.left_out:
                self.left_out[printable(entry.place)] = verdict.left_out
                continue
            self.closed += verdict.access != entry.access
            self.restored.add(entry.key)
            self.passages += len(entry.passages)
            yield entry.as_version(build_id, verdict.access, verdict.digest), vectors


def _is_older(made_with: str, now: str) -> bool:
    """Says whether an earlier release wrote a backup with the model and passages of now."""
    then, present = (_PIPELINE.fullmatch(one) for one in (made_with, now))
    return bool(
        then
        and present
        and then[1] == present[1]
        and len(then[2]) < 9
        and int(then[2]) < int(present[2])
    )


def _all_keys(archive: BackupArchive, dimensions: int, file: Path) -> set[DocumentKey]:
    """Reads a backup to its end, before anything is touched; returns which documents it holds."""
    keys: set[DocumentKey] = set()
    for entry, _ in archive.documents(dimensions):
        if entry.key in keys:
            raise ConfigurationError(
                f"The file {file} is no backup, or damaged ({printable(entry.name)} is in it twice)"
            )
        keys.add(entry.key)
    return keys


def _batches(
    documents: Iterator[tuple[NewVersion, Vectors]],
) -> Iterator[tuple[list[NewVersion], Vectors]]:
    versions: list[NewVersion] = []
    vectors: list[Vectors] = []
    for version, its in documents:
        versions.append(version)
        vectors.append(its)
        if sum(map(len, vectors)) >= _BATCH_PASSAGES:
            yield versions, np.concatenate(vectors)
            versions, vectors = [], []
    if versions:
        yield versions, np.concatenate(vectors)
