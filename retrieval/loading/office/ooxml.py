"""The parts of an Office Open XML file: XML without entities, and what each part refers to."""

import io
import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from retrieval.domain.errors import LoadError

_RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
# Files saved as "Strict Open XML" name the same things by other addresses (ISO/IEC 29500-1, annex).
_STRICT, _USUAL = b"http://purl.oclc.org/ooxml/", b"http://schemas.openxmlformats.org/"
_STRICT_NAMES = {
    b"officeDocument/relationships": b"officeDocument/2006/relationships",
    b"wordprocessingml/main": b"wordprocessingml/2006/main",
    b"spreadsheetml/main": b"spreadsheetml/2006/main",
    b"drawingml/main": b"drawingml/2006/main",
    b"drawingml/chart": b"drawingml/2006/chart",
    b"drawingml/wordprocessingDrawing": b"drawingml/2006/wordprocessingDrawing",
    b"drawingml/spreadsheetDrawing": b"drawingml/2006/spreadsheetDrawing",
}


@dataclass(frozen=True, slots=True)
class Relation:
    """What a part refers to: the last word of its type (`worksheet`), and the part's name."""

    kind: str
    target: str
    external: bool


class OfficeFile:
    """An opened file. Parts that are missing read as None: one of them never costs the rest."""

    def __init__(self, data: bytes) -> None:
        self._archive = zipfile.ZipFile(io.BytesIO(data))
        self._names = {name.lower(): name for name in self._archive.namelist()}

    def part(self, name: str) -> bytes | None:
        """Returns the bytes of a part, None where there is none."""
        stored = self._names.get(name.lstrip("/").lower())
        return None if stored is None else _usual_names(self._archive.read(stored))

    def tree(self, name: str) -> Any:
        """Returns the root of an XML part, None where there is none or where it cannot be read."""
        from lxml import etree

        data = self.part(name)
        if data is None:
            return None
        try:
            return etree.fromstring(data, safe_parser())
        except etree.XMLSyntaxError:
            return None

    def main_part(self) -> str:
        """Returns the name of the part that the file is about; raises `LoadError` without one."""
        for relation in self.relations("").values():
            if relation.kind == "officeDocument" and self.part(relation.target) is not None:
                return relation.target
        raise LoadError("holds no document; save it again")

    def relations(self, name: str) -> dict[str, Relation]:
        """Returns what a part refers to, by its ids there; the file itself is part ``."""
        folder, base = posixpath.split(name.lstrip("/"))
        root = self.tree(posixpath.join(folder, "_rels", f"{base}.rels"))
        if root is None:
            return {}
        return {
            one.get("Id", ""): Relation(
                one.get("Type", "").rsplit("/", 1)[-1],
                _resolved(folder, one.get("Target", "")),
                one.get("TargetMode") == "External",
            )
            for one in root.iter(_RELATIONS)
        }

    def related(self, name: str, kind: str) -> Iterator[str]:
        """Yields the parts of a kind that a part refers to and that are there."""
        for relation in self.relations(name).values():
            known = relation.kind == kind and not relation.external
            if known and relation.target.lower() in self._names:
                yield relation.target


def safe_parser() -> Any:
    """Returns an XML parser that expands no entity and opens no other file."""
    from lxml import etree

    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)


def local(element: Any) -> str:
    """Returns an element's name without its namespace; nothing for comments and entities."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def core_title(file: OfficeFile) -> str:
    """Returns the title among a file's properties."""
    for name in file.related("", "core-properties"):
        root = file.tree(name)
        for element in root if root is not None else ():
            if local(element) == "title":
                return " ".join((element.text or "").split())
    return ""


def _resolved(folder: str, target: str) -> str:
    joined = target if target.startswith("/") else posixpath.join("/", folder, target)
    return posixpath.normpath(joined).lstrip("/")


def _usual_names(data: bytes) -> bytes:
    if _STRICT not in data[:20_000]:
        return data
    for strict, usual in _STRICT_NAMES.items():
        data = data.replace(_STRICT + strict, _USUAL + usual)
    return data
