"""Attacks by backups: what somebody may have made of one, its checksum made anew."""

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "backups.jsonl"
_MANIFEST, _DOCUMENTS = "manifest.json", "documents.jsonl"
_PACKINGS = {"lzma": zipfile.ZIP_LZMA, "bzip2": zipfile.ZIP_BZIP2}


@dataclass(frozen=True)
class BackupAttack:
    """What is changed in the first document, its first passage, the lines, the manifest, the archive.

    `told` is what a person is told of it.
    """

    what: str
    told: str
    set: dict[str, Any] = field(default_factory=dict)
    drop: list[str] = field(default_factory=list)
    passage: dict[str, Any] = field(default_factory=dict)
    raw: list[str] = field(default_factory=list)
    raw_bytes: list[str] = field(default_factory=list)
    lines: Any = None
    manifest: dict[str, Any] = field(default_factory=dict)
    manifest_text: Any = None
    members: dict[str, str | None] = field(default_factory=dict)
    zip: str = ""

    def make(self, good: bytes) -> bytes:
        """Returns what the attack makes of a good backup."""
        with zipfile.ZipFile(io.BytesIO(good)) as archive:
            manifest = json.loads(archive.read(_MANIFEST))
            documents = self._documents(archive.read(_DOCUMENTS))
        manifest["sha256"] = hashlib.sha256(documents).hexdigest()
        manifest |= {name: _value(value, {}) for name, value in self.manifest.items()}
        text = (
            json.dumps(manifest) if self.manifest_text is None else _value(self.manifest_text, {})
        )
        members: dict[str, bytes | None] = {_MANIFEST: _bytes(text), _DOCUMENTS: documents}
        members |= {name: value and value.encode() for name, value in self.members.items()}
        return _spoilt(_packed(members, self.zip), self.zip)

    def _documents(self, data: bytes) -> bytes:
        if self.lines == "twice":
            return data + data.splitlines(keepends=True)[0]
        if self.lines is not None:
            return _bytes(_value(self.lines, {}))
        first, *others = data.splitlines(keepends=True)
        document = json.loads(first)
        document |= {name: _value(value, document) for name, value in self.set.items()}
        document["passages"] and document["passages"][0].update(
            {name: _value(value, {}) for name, value in self.passage.items()}
        )
        for name in self.drop:
            del document[name]
        line = json.dumps(document, ensure_ascii=False).encode() + b"\n"
        if self.raw:
            line = line.replace(self.raw[0].encode(), self.raw[1].encode())
        if self.raw_bytes:
            line = line.replace(self.raw_bytes[0].encode(), bytes.fromhex(self.raw_bytes[1]))
        return line + b"".join(others)


def _value(value: Any, document: dict[str, Any]) -> Any:
    match value:
        case {"repeat": [part, count]}:
            return part * count
        case {"digits": count}:
            return int("9" * count)
        case {"twice": name}:
            return document[name] * 2
        case list():
            return [_value(one, document) for one in value]
    return value


def _bytes(text: str) -> bytes:
    return text.encode()


def _packed(members: dict[str, bytes | None], how: str) -> bytes:
    target = io.BytesIO()
    if how == "empty_archive":
        members = {}
    with zipfile.ZipFile(target, "w", _PACKINGS.get(how, zipfile.ZIP_DEFLATED)) as archive:
        for name, data in members.items():
            if data is not None:
                archive.writestr(name, data)
        if how == "duplicate":
            archive.writestr(zipfile.ZipInfo(_MANIFEST), members[_MANIFEST] or b"")
    return target.getvalue()


def _spoilt(data: bytes, how: str) -> bytes:
    half = len(data) // 2
    entry = data.rfind(b"PK\x01\x02")
    spoilt = {
        "first_half": data[:half], "second_half": data[half:], "empty": b"",
        "zeros": data[: half - 100] + b"\x00" * 200 + data[half + 100 :],
        "text": b"This is no backup.\n" * 100,
    }  # fmt: skip
    match how:
        case "encrypted":
            return data.replace(
                b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00"
            )
        case "bad_crc":
            return data[: entry + 16] + b"\x00\x00\x00\x01" + data[entry + 20 :]
        case "small_size":
            return data[: entry + 24] + b"\x10\x00\x00\x00" + data[entry + 28 :]
    return spoilt.get(how, data)


def read_backup_attacks() -> list[BackupAttack]:
    lines = FILE.read_text(encoding="utf-8").splitlines()
    return [BackupAttack(**json.loads(line)) for line in lines]
