"""The file that a backup is: two members of a ZIP archive, read without trusting any of it.

Nothing is unpacked to disk or held in memory but one document at a time, whose line has an end;
sizes are checked as they are declared and as they turn out.
"""

import hashlib
import io
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
from pydantic import ValidationError

from retrieval.backup.models import FORMAT, READ_FORMATS, DocumentEntry, Manifest
from retrieval.domain.errors import ConfigurationError, first_line
from retrieval.embedding.embedder import Vectors
from retrieval.system.containment import printable

MANIFEST, DOCUMENTS = "manifest.json", "documents.jsonl"
_MEGABYTE = 1024 * 1024
_MAX_MANIFEST = _MEGABYTE
# Texts and digits of vectors pack to about a third; a thousandth is a bomb.
_MAX_RATIO = 20
_ALWAYS_ALLOWED = 64 * _MEGABYTE
# Larger than any value of a unit vector, and finite when it is stored in four bytes.
_MAX_VALUE = 1000.0
# A line longer than this is looked at before it is parsed: a value of two characters takes a
# hundred bytes of memory. Between a document's texts there are mostly numbers of 20 characters.
_SHORT_LINE = 8 * _MEGABYTE
_CHARS_PER_VALUE = 8
_TEXT = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"')
_FAULTS = (
    OSError, zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError, KeyError,
    NotImplementedError, struct.error, OverflowError, MemoryError,
)  # fmt: skip


def is_plausible(unpacked: int, packed: int) -> bool:
    """Says whether an archive of `packed` bytes may hold `unpacked` ones."""
    return unpacked <= max(_ALWAYS_ALLOWED, _MAX_RATIO * packed)


class BackupArchive:
    """A backup that is being read. `line_megabytes` is the most that one document may take.

    Whatever is wrong raises `ConfigurationError` in one line.
    """

    def __init__(self, place: Path, file: BinaryIO, line_megabytes: int) -> None:
        self._place = place
        self._most = line_megabytes * _MEGABYTE
        try:
            self._archive = zipfile.ZipFile(file)
            self._check_members()
            self.manifest = self._read_manifest()
        except ConfigurationError:
            raise
        except _FAULTS as error:
            raise self._damaged(error) from error

    def documents(self, dimensions: int) -> Iterator[tuple[DocumentEntry, Vectors]]:
        """Yields the documents with their vectors, and proves in the end that these were all.

        Each is proved by itself before it is yielded, the checksum when all were read.
        """
        digest, documents, passages = hashlib.sha256(), 0, 0
        for number, line in enumerate(self._lines(), start=1):
            digest.update(line)
            entry = self._entry(number, line)
            passages += len(entry.passages)
            documents = number
            yield entry, self._vectors(number, entry, dimensions)
        if digest.hexdigest() != self.manifest.sha256:
            raise ConfigurationError(
                f"The backup {self._place} is damaged: its checksum does not fit"
            )
        if (documents, passages) != (self.manifest.documents, self.manifest.passages):
            raise ConfigurationError(
                f"The backup {self._place} is damaged: it holds other documents than it says"
            )

    def _check_members(self) -> None:
        members = self._archive.infolist()
        if sorted(one.filename for one in members) != [DOCUMENTS, MANIFEST]:
            raise ValueError(f"it does not hold {MANIFEST} and {DOCUMENTS}, each once")
        for one in members:
            if one.flag_bits & 0x1:
                raise ValueError(f"{one.filename} is encrypted in another way than backups are")
            if one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise ValueError(f"{one.filename} is packed in a way that backups are not")
            if not is_plausible(one.file_size, one.compress_size):
                raise ValueError(f"{one.filename} unpacks to {one.file_size // _MEGABYTE:,} MB")

    def _read_manifest(self) -> Manifest:
        with self._archive.open(MANIFEST) as source:
            data = source.read(_MAX_MANIFEST + 1)
        if len(data) > _MAX_MANIFEST:
            raise ValueError(f"{MANIFEST} is too large")
        try:
            version = json.loads(data)["format"]
        except (TypeError, KeyError, RecursionError):
            raise ValueError(f"{MANIFEST} names no format") from None
        if type(version) is not int or version not in READ_FORMATS:
            raise ConfigurationError(
                f"The backup {self._place} is of format {str(version)[:20]!r}, not {FORMAT}"
            )
        try:
            return Manifest.model_validate_json(data)
        except ValidationError as error:
            raise ValueError(f"{MANIFEST}: {_reason(error)}") from None

    def _lines(self) -> Iterator[bytes]:
        total, packed = 0, self._archive.getinfo(DOCUMENTS).compress_size
        try:
            with io.BufferedReader(self._archive.open(DOCUMENTS), _MEGABYTE) as source:  # type: ignore[type-var]
                while line := source.readline(self._most + 1):
                    total += len(line)
                    if len(line) > self._most:
                        raise ValueError(
                            f"a document takes more than {self._most // _MEGABYTE} MB; "
                            "set MONAZITE_MAX_FILE_MB higher if it is one of yours"
                        )
                    if not is_plausible(total, packed):
                        raise ValueError(f"it unpacks to more than {total // _MEGABYTE:,} MB")
                    yield line
        except _FAULTS as error:
            raise self._damaged(error) from error

    def _entry(self, number: int, line: bytes) -> DocumentEntry:
        if len(line) > _SHORT_LINE and _is_crowded(line):
            raise self._damaged(ValueError(f"document {number}: it is made of too many values"))
        try:
            return DocumentEntry.model_validate_json(line)
        except ValidationError as error:
            raise self._damaged(ValueError(f"document {number}: {_reason(error)}")) from None

    def _vectors(self, number: int, entry: DocumentEntry, dimensions: int) -> Vectors:
        if any(len(one) != dimensions for one in entry.vectors):
            raise self._damaged(
                ValueError(f"document {number}: its vectors have not {dimensions} dimensions")
            )
        vectors = np.array(entry.vectors, dtype=np.float64)
        sizes = np.abs(vectors).max(axis=1)
        if not (np.isfinite(sizes).all() and (sizes <= _MAX_VALUE).all() and (sizes > 0).all()):
            raise self._damaged(ValueError(f"document {number}: its vectors are no unit vectors"))
        return vectors.astype(np.float32)

    def _damaged(self, error: BaseException) -> ConfigurationError:
        reason = printable(first_line(error)[:200])
        return ConfigurationError(f"The file {self._place} is no backup, or damaged ({reason})")


def _is_crowded(line: bytes) -> bool:
    between = _TEXT.sub(b"", line)
    values = sum(between.count(mark) for mark in (b",", b"[", b"{"))
    return values > len(between) // _CHARS_PER_VALUE


def _reason(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}" if where else str(first["msg"])
