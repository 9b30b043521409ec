"""What a Word document's text refers to: styles, numbering, notes and comments."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from retrieval.loading.office.ooxml import OfficeFile

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
VAL = f"{W}val"
# Level 10 of the outline is body text (ECMA-376-1, 17.3.1.20).
_BODY_TEXT = 9
_MAX_LEVEL = 9
_MAX_BASES = 20
# Word doubles letters behind z, triples them behind zz, and so on.
_MAX_LETTERED = 781


@dataclass(frozen=True, slots=True)
class ParagraphStyle:
    """A style by what it says of its paragraphs; `outline` counts from 0, None for body text."""

    name: str = ""
    outline: int | None = None
    number: tuple[str, int] | None = None
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Annotation:
    """A footnote, endnote or comment: its paragraphs, as XML, and who wrote it."""

    element: Any
    author: str = ""


@dataclass(frozen=True, slots=True)
class DocxParts:
    """The parts beside a document's own text."""

    styles: Mapping[str, ParagraphStyle]
    default_style: str
    numbering: "Numbering"
    footnotes: Mapping[str, Annotation]
    endnotes: Mapping[str, Annotation]
    comments: Mapping[str, Annotation]


@dataclass(frozen=True, slots=True)
class ListLevel:
    """How one level of a list is numbered: `pattern` is such as `%1.%2.`."""

    kind: str
    pattern: str
    start: int


@dataclass
class Numbering:
    """Counts the paragraphs of numbered lists. `lists` gives each list's levels and what it shares."""

    lists: Mapping[str, tuple[str, Mapping[int, ListLevel]]] = field(default_factory=dict)
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)
    _begun: set[str] = field(default_factory=set)

    def next(self, number: str, level: int) -> str | None:
        """Returns what stands before the next paragraph of a list: `` for a bullet, None for no list."""
        shared, levels = self.lists.get(number, ("", {}))
        own = levels.get(level)
        if own is None:
            return None
        counts = self._counts.setdefault(shared, {})
        if number not in self._begun:
            self._begun.add(number)
            if shared.endswith("+"):
                counts.clear()
        counts[level] = counts.get(level, own.start - 1) + 1
        for deeper in [one for one in counts if one > level]:
            del counts[deeper]
        if own.kind in ("bullet", "none"):
            return ""
        words = own.pattern
        for place in range(level, -1, -1):
            one = levels.get(place, own)
            count = counts.get(place, one.start)
            words = words.replace(f"%{place + 1}", _counted(count, one.kind))
        return words.strip()


def docx_parts(file: OfficeFile, document: str) -> DocxParts:
    """Returns the parts beside a document's text; what is missing is empty."""
    styles, default = _styles(file, document)
    return DocxParts(
        styles, default, _numbering(file, document),
        _annotations(file, document, "footnotes", "footnote"),
        _annotations(file, document, "endnotes", "endnote"),
        _annotations(file, document, "comments", "comment"),
    )  # fmt: skip


def number_of(properties: Any) -> tuple[str, int] | None:
    """Returns list and level of a paragraph's or style's own properties, list `0` for none."""
    found = properties.find(f"{W}numPr") if properties is not None else None
    if found is None:
        return None
    number, level = found.find(f"{W}numId"), found.find(f"{W}ilvl")
    depth = level.get(VAL, "0") if level is not None else "0"
    name = number.get(VAL, "") if number is not None else ""
    return name, min(int(depth), _MAX_LEVEL) if depth.isdecimal() else 0


def outline_of(properties: Any) -> int | None:
    """Returns the level of the outline that properties name, counted from 0; 9 is body text."""
    found = properties.find(f"{W}outlineLvl") if properties is not None else None
    value = found.get(VAL, "") if found is not None else ""
    return int(value) if value.isdecimal() else None


def is_on(properties: Any, name: str) -> bool:
    """Says whether a property that is on or off is on."""
    found = properties.find(f"{W}{name}") if properties is not None else None
    return found is not None and found.get(VAL, "1") not in ("0", "false", "off")


def _styles(file: OfficeFile, document: str) -> tuple[dict[str, ParagraphStyle], str]:
    elements: dict[str, Any] = {}
    default = ""
    for part in file.related(document, "styles"):
        root = file.tree(part)
        for style in root.iter(f"{W}style") if root is not None else ():
            elements[style.get(f"{W}styleId", "")] = style
            if style.get(f"{W}default") in ("1", "true") and style.get(f"{W}type") == "paragraph":
                default = style.get(f"{W}styleId", "")
    return {name: _style(name, elements) for name in elements}, default


def _style(name: str, elements: Mapping[str, Any]) -> ParagraphStyle:
    """A style with what it takes over from the styles that it is based on."""
    shown, outline, number, hidden = "", None, None, False
    for _ in range(_MAX_BASES):
        element = elements.get(name)
        if element is None:
            break
        properties = element.find(f"{W}pPr")
        named, base = element.find(f"{W}name"), element.find(f"{W}basedOn")
        shown = shown or (named.get(VAL, "") if named is not None else "")
        outline = outline_of(properties) if outline is None else outline
        number = number or number_of(properties)
        hidden = hidden or is_on(element.find(f"{W}rPr"), "vanish")
        if base is None:
            break
        name = base.get(VAL, "")
    return ParagraphStyle(shown, None if outline == _BODY_TEXT else outline, number, hidden)


def _numbering(file: OfficeFile, document: str) -> Numbering:
    lists: dict[str, tuple[str, Mapping[int, ListLevel]]] = {}
    for part in file.related(document, "numbering"):
        root = file.tree(part)
        if root is None:
            continue
        abstract = {
            one.get(f"{W}abstractNumId", ""): _levels(one) for one in root.iter(f"{W}abstractNum")
        }
        for one in root.iter(f"{W}num"):
            shared = one.find(f"{W}abstractNumId")
            name = shared.get(VAL, "") if shared is not None else ""
            levels = dict(abstract.get(name, {}))
            for override in one.iter(f"{W}lvlOverride"):
                _override(levels, override)
            anew = any(True for _ in one.iter(f"{W}startOverride"))
            lists[one.get(f"{W}numId", "")] = (name + ("+" * anew), levels)
    return Numbering(lists)


def _levels(element: Any) -> dict[int, ListLevel]:
    return {int(one.get(f"{W}ilvl") or 0): _level(one) for one in element.findall(f"{W}lvl")}


def _level(element: Any) -> ListLevel:
    def said(name: str, otherwise: str) -> str:
        found = element.find(f"{W}{name}")
        return str(found.get(VAL, otherwise)) if found is not None else otherwise

    start = said("start", "1")
    return ListLevel(
        said("numFmt", "decimal"), said("lvlText", ""), int(start) if start.isdecimal() else 1
    )


def _override(levels: dict[int, ListLevel], override: Any) -> None:
    place = int(override.get(f"{W}ilvl") or 0)
    own, start = override.find(f"{W}lvl"), override.find(f"{W}startOverride")
    if own is not None:
        levels[place] = _level(own)
    if start is not None and place in levels:
        number = start.get(VAL, "1")
        level = levels[place]
        levels[place] = ListLevel(
            level.kind, level.pattern, int(number) if number.isdecimal() else 1
        )


def _annotations(file: OfficeFile, document: str, kind: str, name: str) -> dict[str, Annotation]:
    found = {}
    for part in file.related(document, kind):
        root = file.tree(part)
        for one in root.iter(f"{W}{name}") if root is not None else ():
            # The lines between text and notes are kept as notes of their own types.
            if one.get(f"{W}type", "normal") == "normal":
                found[one.get(f"{W}id", "")] = Annotation(one, one.get(f"{W}author", ""))
    return found


def _counted(count: int, kind: str) -> str:
    if kind in ("lowerLetter", "upperLetter") and 0 < count < _MAX_LETTERED:
        letter = chr(97 + (count - 1) % 26) * ((count - 1) // 26 + 1)
        return letter if kind == "lowerLetter" else letter.upper()
    if kind in ("lowerRoman", "upperRoman") and 0 < count < 4000:
        roman = _roman(count)
        return roman.lower() if kind == "lowerRoman" else roman
    return f"{count:02d}" if kind == "decimalZero" else str(count)


def _roman(count: int) -> str:
    words = ""
    for value, letters in (
        (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"),
        (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
    ):  # fmt: skip
        words += letters * (count // value)
        count %= value
    return words
