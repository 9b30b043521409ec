"""The text of a Word paragraph: insertions kept, deletions counted, fields by their result, note marks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from retrieval.loading.office.docx_parts import VAL, W, is_on
from retrieval.loading.office.ooxml import Relation, local
from retrieval.loading.office.superscripts import is_power, note_marks, raised

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
# What only wraps runs: insertions, links, controls, tags, directions.
_WRAPS = ("ins", "moveTo", "hyperlink", "smartTag", "sdt", "sdtContent", "fldSimple", "customXml",
          "bdo", "dir", "ruby", "rubyBase", "AlternateContent", "Choice", "Fallback")  # fmt: skip
_SIGNS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
# Wingdings' letters for what has a sign of its own (https://www.unicode.org/L2/L2011/11052r-wingding.pdf).
_WINGDINGS = {
    0xF0FC: "✓", 0xF0FB: "✗", 0xF0FE: "☑", 0xF0FD: "☒", 0xF0A8: "☐", 0xF06F: "☐", 0xF0B7: "•",
    0xF0A7: "▪", 0xF0E0: "→", 0xF0E8: "→", 0xF0DF: "←", 0xF0B0: "°", 0xF0B1: "±", 0xF06D: "μ",
}  # fmt: skip


@dataclass
class Left:
    """What of a document is left out, counted while it is read."""

    deletions: int = 0
    deleted_words: int = 0
    hidden_words: int = 0
    images: int = 0
    symbols: int = 0
    objects: int = 0


@dataclass
class Runs:
    """What was read of a paragraph. `marks` stay apart where a cell is read, else they stand in the text."""

    text: str = ""
    marks: tuple[str, ...] = ()
    footnotes: list[str] = field(default_factory=list)
    endnotes: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    boxes: list[Any] = field(default_factory=list)
    charts: list[str] = field(default_factory=list)
    diagrams: list[str] = field(default_factory=list)
    bold: bool = True
    deep: int = 0


class RunReader:
    """Reads runs. `numbers` gives a note's shown number by kind and id; it is filled as notes come."""

    def __init__(self, relations: Mapping[str, Relation], left: Left) -> None:
        self._relations = relations
        self._left = left
        self.numbers: dict[tuple[str, str], str] = {}

    def read(self, element: Any, runs: Runs, *, apart: bool = False) -> Runs:
        """Reads what an element holds into `runs`; note marks stay apart if `apart`."""
        for child in element:
            kind = local(child)
            if kind == "r":
                self._run(child, runs, apart=apart)
            elif kind == "AlternateContent":
                self.read(_chosen(child), runs, apart=apart)
            elif kind in _WRAPS:
                self.read(child, runs, apart=apart)
            elif kind in ("del", "moveFrom"):
                self._deleted(child)
            elif kind == "commentRangeEnd":
                runs.comments.append(child.get(f"{W}id", ""))
            elif kind in ("oMath", "oMathPara"):
                runs.text += _formula(child)
        return runs

    def _run(self, run: Any, runs: Runs, *, apart: bool) -> None:
        properties = run.find(f"{W}rPr")
        if is_on(properties, "vanish"):
            self._left.hidden_words += len("".join(t.text or "" for t in run.iter(f"{W}t")).split())
            return
        if properties is not None and properties.find(f"{W}del") is not None:
            self._deleted(run)
            return
        before = runs.text
        words = self._words(run, runs, apart=apart)
        if words.strip() and not (is_on(properties, "b") or is_on(properties, "bCs")):
            runs.bold = False
        position = properties.find(f"{W}vertAlign") if properties is not None else None
        if position is None or position.get(VAL) != "superscript":
            runs.text += words
            return
        found = note_marks(before, words)
        if found and apart:
            runs.marks += found
        elif found:
            runs.text += f" (note {', '.join(found)})"
        else:
            runs.text += raised(words) if words.strip() and is_power(before, words) else words

    def _words(self, run: Any, runs: Runs, *, apart: bool) -> str:
        words = ""
        for child in run:
            kind = local(child)
            if kind in ("t", "sym", "ruby") or kind in _SIGNS:
                words += self._sign(child, kind)
            elif kind in ("footnoteReference", "endnoteReference"):
                self._reference(child, kind.removesuffix("Reference"), runs, apart=apart)
            elif kind == "commentReference" and child.get(f"{W}id", "") not in runs.comments:
                runs.comments.append(child.get(f"{W}id", ""))
            elif kind == "delText":
                self._left.deleted_words += len((child.text or "").split())
            elif kind == "AlternateContent":
                self._drawn(_chosen(child), runs)
            elif kind in ("drawing", "pict", "object"):
                self._drawn(child, runs)
        return words

    def _sign(self, child: Any, kind: str) -> str:
        if kind == "t":
            return child.text or ""
        if kind == "ruby":
            # How it is read aloud is no part of the text.
            base = child.find(f"{W}rubyBase")
            return "".join(t.text or "" for t in base.iter(f"{W}t")) if base is not None else ""
        return self._symbol(child) if kind == "sym" else _SIGNS[kind]

    def _reference(self, child: Any, kind: str, runs: Runs, *, apart: bool) -> None:
        name = child.get(f"{W}id", "")
        same = sum(known == kind for known, _ in self.numbers)
        number = self.numbers.setdefault((kind, name), f"{'e' * (kind == 'endnote')}{same + 1}")
        (runs.footnotes if kind == "footnote" else runs.endnotes).append(name)
        if apart:
            runs.marks += (number,)
        else:
            runs.text += f" (note {number})"

    def _symbol(self, child: Any) -> str:
        try:
            code = int(child.get(f"{W}char", "0"), 16)
        except ValueError:
            return ""
        if child.get(f"{W}font", "").startswith("Symbol") and 0xF061 <= code <= 0xF079:
            return "αβχδεφγηιϕκλμνοπθρστυϖωξψ"[code - 0xF061]
        if code in _WINGDINGS:
            return _WINGDINGS[code]
        if 0xE000 <= code <= 0xF8FF or not code:
            self._left.symbols += 1
            return ""
        return chr(code)

    def _drawn(self, element: Any, runs: Runs) -> None:
        """Text boxes, charts and diagrams, to be read after the paragraph; pictures are counted."""
        pictures = 0
        todo = [element]
        while todo:
            one = todo.pop()
            kind = local(one)
            if kind == "AlternateContent":
                todo.append(_chosen(one))
            elif kind == "txbxContent":
                runs.boxes.append(one)
            elif kind in ("chart", "relIds") and one.get(
                f"{_REL}id" if kind == "chart" else f"{_REL}dm"
            ):
                name = one.get(f"{_REL}id") or one.get(f"{_REL}dm")
                relation = self._relations.get(name)
                if relation:
                    (runs.charts if kind == "chart" else runs.diagrams).append(relation.target)
            elif kind == "OLEObject":
                self._left.objects += 1
            elif kind in ("pic", "imagedata"):
                pictures += 1
                todo.extend(reversed(one))
            else:
                todo.extend(reversed(one))
        self._left.images += pictures

    def _deleted(self, element: Any) -> None:
        self._left.deletions += 1
        words = "".join(t.text or "" for t in element.iter(f"{W}delText", f"{W}t"))
        self._left.deleted_words += len(words.split())


def _chosen(alternatives: Any) -> Any:
    """The first of the ways in which a thing is kept that holds something: it is read once."""
    choices = [one for one in alternatives if local(one) in ("Choice", "Fallback")]
    return next((one for one in choices if len(one)), alternatives if not choices else choices[0])


def _formula(element: Any) -> str:
    """A formula in a line: a fraction with a stroke, powers and indices with their signs."""
    kind = local(element)
    if kind == "t":
        return element.text or ""
    parts = [
        (local(child), _formula(child)) for child in element if not local(child).endswith("Pr")
    ]
    words = dict(parts)
    if kind == "f":
        return f"({words.get('num', '')})/({words.get('den', '')})"
    if kind in ("sSup", "sSub", "sSubSup"):
        below = f"_{words['sub']}" if words.get("sub") else ""
        above = f"^{words['sup']}" if words.get("sup") else ""
        return words.get("e", "") + below + above
    if kind == "rad":
        return f"{words.get('deg', '')}√({words.get('e', '')})"
    if kind == "d":
        return f"({', '.join(text for name, text in parts if name == 'e')})"
    return "".join(text for _, text in parts)
