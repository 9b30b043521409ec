"""Writes the archive that a backup is, and gives it its name once it is complete."""

import hashlib
import json
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

from retrieval.backup.archive import DOCUMENTS, MANIFEST, is_plausible
from retrieval.backup.models import FORMAT
from retrieval.domain.errors import ConfigurationError, IndexBusyError
from retrieval.domain.passages import Passage
from retrieval.domain.records import BuildInfo, NewVersion, passage_id
from retrieval.storage.index import Index


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


class BackupWriter:
    """Writes the documents of a build; `line_megabytes` is the most that one may take."""

    def __init__(self, index: Index, line_megabytes: int) -> None:
        self._index = index
        self._line_megabytes = line_megabytes

    def write(self, target: IO[bytes], file: Path, build: BuildInfo) -> BackupReport:
        """Writes the archive to `target`; it will be called `file`.

        Unpacked where it would be taken for a bomb when it is read. Raises `IndexBusyError` when
        vectors are missing, `ConfigurationError` for a document that could not be restored.
        """
        for packing in (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED):
            target.seek(0)
            target.truncate()
            with zipfile.ZipFile(target, "w", packing, compresslevel=1) as archive:
                counts = self._write_documents(archive, build.id)
                report = BackupReport(str(file), build.fingerprint, build.generation, *counts)
                archive.writestr(MANIFEST, json.dumps({"format": FORMAT} | report.as_json()))
                info = archive.getinfo(DOCUMENTS)
            if is_plausible(info.file_size, info.compress_size):
                break
        return report

    def _write_documents(self, archive: zipfile.ZipFile, build_id: str) -> tuple[int, int, str]:
        """Writes the documents; returns how many they are, how many passages, and the checksum."""
        digest, count, passages = hashlib.sha256(), 0, 0
        with archive.open(DOCUMENTS, "w", force_zip64=True) as target:
            for document in self._exported(build_id):
                line = json.dumps(document, ensure_ascii=False).encode() + b"\n"
                self._check_line(document["name"], line)
                digest.update(line)
                target.write(line)
                count, passages = count + 1, passages + len(document["passages"])
        return count, passages, digest.hexdigest()

    def _check_line(self, name: str, line: bytes) -> None:
        megabytes = len(line) // 1024**2 + 1
        if megabytes > self._line_megabytes:
            raise ConfigurationError(
                f"{name} takes {megabytes} MB in a backup, more than could be restored; "
                "set MONAZITE_MAX_FILE_MB higher, or split it"
            )

    def _exported(self, build_id: str) -> Iterator[dict[str, Any]]:
        catalog = self._index.catalog
        for key, live in sorted(catalog.live_versions(build_id).items()):
            version = catalog.version(live.version_id)
            ids = [passage_id(version.version_id, one.ordinal) for one in version.passages]
            vectors = self._index.vectors.read(build_id, ids)
            if len(vectors) != len(ids):
                raise IndexBusyError(
                    f"The vectors of {key.name} are not there; run: monazite verify --repair"
                )
            yield _as_json(version) | {"vectors": [vectors[one].tolist() for one in ids]}


@contextmanager
def opened_draft(file: Path) -> Iterator[IO[bytes]]:
    """A file beside `file`, for this user alone, which is gone in the end under its own name."""
    with NamedTemporaryFile(dir=file.parent, prefix=f".{file.name[:60]}.", delete=False) as draft:
        try:
            yield draft
        finally:
            with suppress(FileNotFoundError):
                Path(draft.name).unlink()


def keep_draft(draft: IO[bytes], file: Path, *, force: bool) -> None:
    """Gives a complete draft the name `file`, in place of another file only if `force`.

    Raises `OSError` where that cannot be.
    """
    draft.flush()
    os.fsync(draft.fileno())
    if force:
        Path(draft.name).replace(file)
        return
    try:
        file.hardlink_to(draft.name)
    except OSError:
        # Not every file system has hard links; one that was made meanwhile stays.
        if os.path.lexists(file):
            raise
        Path(draft.name).replace(file)


def _as_json(version: NewVersion) -> dict[str, Any]:
    return {
        "root": version.key.root, "name": version.key.name, "hash": version.content_hash,
        "format": version.format, "title": version.title, "date": version.date,
        "access": version.access, "said": version.said.as_json(),
        "text": version.text, "ledger": version.ledger.as_json(),
        "passages": [_passage_as_json(one) for one in version.passages],
    }  # fmt: skip


def _passage_as_json(passage: Passage) -> dict[str, Any]:
    written = asdict(passage)
    for sentence, entry in zip(passage.sentences, written["sentences"], strict=True):
        # What is not known of a place takes no room.
        entry["place"] = sentence.place.as_json() or None
    return written
