"""Reads the characters, rules and pictures of a PDF page with pdfium, each with where it stands."""

import ctypes
import math
import re
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# pdfium's own signs for a hyphen at a line's end.
_LINE_HYPHENS = {0x02, 0xFFFE}
_SOFT_HYPHEN = "\u00ad"
_WHITE_SPACE = re.compile(r"[\s\x00\x1f]+")
_LIGATURES = range(0xFB00, 0xFB07)
_BOLD = re.compile(r"bold|black|heavy|demi|semib|-bd\b", re.IGNORECASE)
_BOLD_WEIGHT = 600
# A drawing of more pieces than this is a picture, not the rules of a table.
_MAX_OBJECTS = 20_000
_MAX_RULES = 4_000
_RULE_WIDTH = 3.0
_FORM_DEPTH = 8
_PICTURE_SHARE = 0.02


@dataclass(slots=True)
class Glyph:
    """Characters without a space: `x0` to `x1` along its line, baseline `y` growing downwards, all in points.

    `spaced` says that white space was written before it.
    """

    text: str
    x0: float
    x1: float
    y: float
    size: float
    bold: bool
    spaced: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line, level or upright, in the same coordinates as the characters."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def level(self) -> bool:
        """Says whether the line is level rather than upright."""
        return self.x1 - self.x0 >= self.y1 - self.y0


@dataclass(frozen=True, slots=True)
class PageContent:
    """What stands on a page: characters by the direction they are read in, the usual one first.

    `rules` go with the first. `pictures` is how many larger pictures there are, `drawn`
    whether there is anything at all to be seen, `top` and `bottom` the edges of the page.
    """

    directions: tuple[list[Glyph], ...]
    rules: list[Rule]
    pictures: int
    drawn: bool
    top: float
    bottom: float


@dataclass(frozen=True, slots=True)
class _Style:
    size: float
    angle: int
    bold: bool


def page_content(page: Any) -> PageContent:
    """Returns what stands on a page of pypdfium2."""
    text_page = page.get_textpage()
    try:
        found = _TextReader(text_page.raw).by_direction()
    finally:
        text_page.close()
    order = sorted(found, key=lambda angle: -sum(len(glyph.text) for glyph in found[angle]))
    rules, pictures, drawn = _drawn(page, order[0] if order else 0)
    top, bottom = _edges(page, order[0] if order else 0)
    directions = tuple(found[angle] for angle in order)
    return PageContent(directions, rules, pictures, drawn, top, bottom)


def _edges(page: Any, angle: int) -> tuple[float, float]:
    left, bottom, right, top = page.get_bbox()
    heights = [_turned(x, y, angle)[1] for x in (left, right) for y in (bottom, top)]
    return min(heights), max(heights)


class _TextReader:
    """Asks pdfium about as few characters as will do: a call for each would take most of the time."""

    def __init__(self, text_page: Any) -> None:
        from pypdfium2 import raw

        self._raw = raw
        self._page = text_page
        self._owner_of = _plain(raw.FPDFText_GetTextObject)
        self._page_address = ctypes.cast(text_page, ctypes.c_void_p)
        self._styles: dict[int, _Style] = {}
        self._found: dict[int, list[Glyph]] = {}
        self._spaced = True

    def by_direction(self) -> dict[int, list[Glyph]]:
        """Returns the words of the page by the angle that they are read at, as they were written."""
        text = self._text()
        start = 0
        for match in _WHITE_SPACE.finditer(text):
            self._add(text, start, match.start())
            for index in range(match.start(), match.end()):
                # White space that pdfium itself puts in says less than where the words stand.
                made_up = self._raw.FPDFText_IsGenerated(self._page, index) == 1
                self._spaced = self._spaced or (not made_up and text[index].isspace())
            start = match.end()
        self._add(text, start, len(text))
        return self._found

    def _text(self) -> str:
        """Returns the characters of the page, so that each is found at its index."""
        raw = self._raw
        count = raw.FPDFText_CountChars(self._page)
        if count <= 0:
            return ""
        buffer = ctypes.create_string_buffer(4 * (count + 1))
        units = ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort))
        written = raw.FPDFText_GetText(self._page, 0, count, units)
        text = buffer.raw[: 2 * max(written - 1, 0)].decode("utf-16-le", "surrogatepass")
        if len(text) == count:
            return text
        codes = (raw.FPDFText_GetUnicode(self._page, index) for index in range(count))
        return "".join(chr(min(code, sys.maxunicode)) for code in codes)

    def _add(self, text: str, start: int, end: int) -> None:
        """Adds the characters from `start`, those of each text object as one."""
        while start < end:
            owner = self._owner(start)
            stop = end
            if end - start > 1 and self._owner(end - 1) != owner:
                stop = start + 1
                while stop < end and self._owner(stop) == owner:
                    stop += 1
            self._add_run(text[start:stop], start, stop - 1, owner)
            start = stop

    def _owner(self, index: int) -> int:
        return self._owner_of(self._page_address, index) or 0

    def _add_run(self, text: str, first: int, last: int, owner: int) -> None:
        shown = text if text.isascii() and text.isprintable() else "".join(map(_character, text))
        if not shown:
            return
        style = self._styles.get(owner)
        if style is None:
            style = self._styles[owner] = _style(self._raw, self._page, first)
        x0, x1, y = self._extent(first, last, style.angle)
        glyph = Glyph(shown, x0, x1, y, style.size, style.bold, self._spaced)
        self._found.setdefault(style.angle, []).append(glyph)
        self._spaced = False

    def _extent(self, first: int, last: int, angle: int) -> tuple[float, float, float]:
        raw = self._raw
        x, y = ctypes.c_double(), ctypes.c_double()
        raw.FPDFText_GetCharOrigin(self._page, first, x, y)
        if angle == 0:
            box = raw.FS_RECTF()
            raw.FPDFText_GetLooseCharBox(self._page, last, box)
            return x.value, max(box.right, x.value), -y.value
        left, right, bottom, top = (ctypes.c_double() for _ in range(4))
        along = []
        for index in {first, last}:
            raw.FPDFText_GetCharBox(self._page, index, left, right, bottom, top)
            corners = ((left.value, bottom.value), (right.value, top.value))
            along += [_turned(*corner, angle)[0] for corner in corners]
        return min(along), max(along), _turned(x.value, y.value, angle)[1]


def _plain(function: Any) -> Any:
    """Returns a function of pdfium that gives an address as a number, which is quicker to compare."""
    prototype = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)
    return prototype(ctypes.cast(function, ctypes.c_void_p).value or 0)


def _character(character: str) -> str:
    """Returns what a character reads as; nothing for what cannot be seen."""
    code = ord(character)
    if code in _LINE_HYPHENS:
        return "-"
    if code in _LIGATURES:
        return unicodedata.normalize("NFKC", character)
    if character == _SOFT_HYPHEN:
        return character
    hidden = unicodedata.category(character) in ("Cc", "Cf", "Cn", "Cs")
    return "" if hidden or character.isspace() else character


def _style(raw: Any, text_page: Any, index: int) -> _Style:
    matrix = raw.FS_MATRIX()
    raw.FPDFText_GetMatrix(text_page, index, matrix)
    scale = math.sqrt(abs(matrix.a * matrix.d - matrix.b * matrix.c)) or 1.0
    size = raw.FPDFText_GetFontSize(text_page, index) * scale
    angle = round(math.degrees(math.atan2(matrix.b, matrix.a))) % 360
    nearest = round(angle / 90) * 90
    angle = nearest % 360 if abs(angle - nearest) <= 3 else angle
    name = ctypes.create_string_buffer(128)
    flags = ctypes.c_int()
    raw.FPDFText_GetFontInfo(text_page, index, name, 128, flags)
    weight = raw.FPDFText_GetFontWeight(text_page, index)
    bold = weight >= _BOLD_WEIGHT or bool(_BOLD.search(name.value.decode("latin-1")))
    return _Style(size if math.isfinite(size) and size > 0 else 1.0, angle, bold)


def _turned(x: float, y: float, angle: int) -> tuple[float, float]:
    """Returns a point of the page as seen by who reads at `angle`: along, and down."""
    turn = math.radians(angle)
    along = x * math.cos(turn) + y * math.sin(turn)
    up = y * math.cos(turn) - x * math.sin(turn)
    return along, -up


def _drawn(page: Any, angle: int) -> tuple[list[Rule], int, bool]:
    from pypdfium2 import raw

    area = max(page.get_width() * page.get_height(), 1.0)
    rules: list[Rule] = []
    pictures, drawn = 0, False
    for count, (kind, bounds) in enumerate(_objects(raw, page)):
        if count >= _MAX_OBJECTS or len(rules) > _MAX_RULES:
            return [], pictures, True
        left, bottom, right, top = bounds
        drawn = True
        if kind == raw.FPDF_PAGEOBJ_IMAGE:
            pictures += (right - left) * (top - bottom) >= _PICTURE_SHARE * area
        elif kind == raw.FPDF_PAGEOBJ_PATH:
            rules.extend(_rules(bounds, angle))
    return rules, pictures, drawn


def _objects(raw: Any, page: Any) -> Iterator[tuple[int, tuple[float, float, float, float]]]:
    for item in page.get_objects(max_depth=_FORM_DEPTH):
        if item.type == raw.FPDF_PAGEOBJ_TEXT:
            continue
        try:
            yield item.type, item.get_bounds()
        except Exception:  # noqa: BLE001, S112 - pdfium gives no bounds for an empty path
            continue


def _rules(bounds: tuple[float, float, float, float], angle: int) -> Iterator[Rule]:
    """Yields a thin shape as a rule, and a box as its four sides."""
    first, second = _turned(bounds[0], bounds[1], angle), _turned(bounds[2], bounds[3], angle)
    x0, x1 = sorted((first[0], second[0]))
    y0, y1 = sorted((first[1], second[1]))
    if x1 - x0 <= _RULE_WIDTH or y1 - y0 <= _RULE_WIDTH:
        if max(x1 - x0, y1 - y0) > 2 * _RULE_WIDTH:
            yield Rule(x0, y0, x1, y1)
    else:
        yield from (Rule(x0, y0, x1, y0), Rule(x0, y1, x1, y1))
        yield from (Rule(x0, y0, x0, y1), Rule(x1, y0, x1, y1))
