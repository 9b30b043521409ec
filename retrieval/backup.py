"""Backups: one file with the documents, passages and vectors of an index, and their checksums.

A backup is taken from the live build while questions are answered, and refused when the
index changed meanwhile. It is restored like a rebuild: a new build is filled beside the
live one, nothing is embedded again, and one commit switches to it.
"""

import hashlib
import json
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.embedder import Vectors
from retrieval.errors import ConfigurationError, IndexBusyError, IndexMissingError
from retrieval.metadata import from_json
from retrieval.passages import Passage, Sentence
from retrieval.records import DocumentKey, NewVersion, passage_id, version_id
from retrieval.runs import Runs
from retrieval.stores import Stores

_FORMAT = 2
_BATCH_PASSAGES = 1024
_MANIFEST, _DOCUMENTS = "manifest.json", "documents.jsonl"


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What is in a backup; `sha256` is that of its documents."""

    file: str
    fingerprint: str
    generation: int
    documents: int
    passages: int
    sha256: str

    def as_json(self) -> dict[str, Any]:
        """Returns what `monazite backup --json` prints."""
        return asdict(self)


class Backups:
    """Backs an installation up, and restores it."""

    def __init__(self, stores: Stores, runs: Runs, fingerprint: str) -> None:
        self._stores = stores
        self._runs = runs
        self._fingerprint = fingerprint

    def backup(self, file: Path) -> BackupReport:
        """Writes the live build into `file`, which appears when it is complete.

        Raises `IndexMissingError` without an index, `IndexBusyError` when the index changed
        while it was read, `ConfigurationError` when the file cannot be written.
        """
        catalog = self._stores.catalog
        build = catalog.live_build()
        if build is None:
            raise IndexMissingError("There is no index yet; run: monazite index")
        draft = file.with_name(f"{file.name}.part")
        try:
            with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                counts = _write_documents(archive, self._exported(build.id))
                report = BackupReport(str(file), build.fingerprint, build.generation, *counts)
                archive.writestr(_MANIFEST, json.dumps({"format": _FORMAT} | report.as_json()))
            if catalog.live_build() != build:
                raise IndexBusyError("The index changed while it was backed up; try again")
            draft.replace(file)
        except OSError as error:
            raise ConfigurationError(
                f"The backup {file} cannot be written ({error.strerror or error})"
            ) from error
        finally:
            draft.unlink(missing_ok=True)
        return report

    def restore(self, file: Path, who: str = "") -> BackupReport:
        """Makes the index what `file` says; questions are answered from the old one until then.

        Raises `ConfigurationError` for a file that is damaged, no backup, or of another
        embedding model; the index is left as it is.
        """
        report = read_backup(file)
        if report.fingerprint != self._fingerprint:
            raise ConfigurationError(
                f"The backup was made with {report.fingerprint}, but the settings say "
                f"{self._fingerprint}; set them alike, or index the documents again"
            )
        catalog = self._stores.catalog
        with self._runs.open("restore", who) as run:
            run.report = report.as_json()
            live = catalog.live_build()
            self._stores.sweep(live.id if live else None)
            build = catalog.stage_build(self._fingerprint)
            for versions, vectors in _batches(_read_documents(file, build.id)):
                run.check()
                self._stores.write(build.id, versions, vectors=vectors)
            run.check(at_once=True)
            self._stores.switch(build.id)
            self._stores.sweep(build.id)
        return report

    def _exported(self, build_id: str) -> Iterator[dict[str, Any]]:
        catalog = self._stores.catalog
        for key, live in sorted(catalog.live_versions(build_id).items()):
            version = catalog.version(live.version_id)
            ids = [passage_id(version.version_id, one.ordinal) for one in version.passages]
            vectors = self._stores.vectors.read(build_id, ids)
            if len(vectors) != len(ids):
                raise IndexBusyError(
                    f"The vectors of {key.name} are not there; run: monazite verify --repair"
                )
            yield _as_json(version) | {"vectors": [vectors[one].tolist() for one in ids]}


def read_backup(file: Path) -> BackupReport:
    """Returns what a backup says it holds, its checksum proved. Raises `ConfigurationError`."""
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = json.loads(archive.read(_MANIFEST))
            digest = hashlib.sha256()
            with archive.open(_DOCUMENTS) as source:
                while chunk := source.read(1 << 20):
                    digest.update(chunk)
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, EOFError) as error:
        raise ConfigurationError(f"The file {file} is no backup, or damaged ({error})") from error
    version = manifest.pop("format", None)
    if version != _FORMAT:
        raise ConfigurationError(f"The backup {file} is of format {version}, not {_FORMAT}")
    report = BackupReport(**manifest)
    if digest.hexdigest() != report.sha256:
        raise ConfigurationError(f"The backup {file} is damaged: its checksum does not fit")
    return report


def _write_documents(
    archive: zipfile.ZipFile, documents: Iterator[dict[str, Any]]
) -> tuple[int, int, str]:
    """Writes the documents; returns how many they are, how many passages, and the checksum."""
    digest, count, passages = hashlib.sha256(), 0, 0
    with archive.open(_DOCUMENTS, "w", force_zip64=True) as target:
        for document in documents:
            line = json.dumps(document, ensure_ascii=False).encode() + b"\n"
            digest.update(line)
            target.write(line)
            count, passages = count + 1, passages + len(document["passages"])
    return count, passages, digest.hexdigest()


def _read_documents(file: Path, build_id: str) -> Iterator[tuple[NewVersion, Vectors]]:
    with zipfile.ZipFile(file) as archive, archive.open(_DOCUMENTS) as source:
        for line in source:
            found = json.loads(line)
            yield _as_version(found, build_id), np.array(found["vectors"], dtype=np.float32)


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


def _as_json(version: NewVersion) -> dict[str, Any]:
    return {
        "root": version.key.root, "name": version.key.name, "hash": version.content_hash,
        "format": version.format, "title": version.title, "date": version.date,
        "access": version.access, "said": version.said.as_json(),
        "text": version.text, "passages": [asdict(one) for one in version.passages],
    }  # fmt: skip


def _as_version(found: dict[str, Any], build_id: str) -> NewVersion:
    passages = tuple(
        Passage(**(one | {"sentences": tuple(Sentence(**span) for span in one["sentences"])}))
        for one in found["passages"]
    )
    key = DocumentKey(found["root"], found["name"])
    return NewVersion(
        version_id(build_id, key, found["hash"]), key, found["hash"], found["format"],
        found["title"], found["date"], found["text"], passages, found["access"],
        from_json(found["said"]),
    )  # fmt: skip
