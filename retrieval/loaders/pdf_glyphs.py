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
    """A character: `x0` to `x1` along its line, baseline `y` growing downwards, all in points.

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
        return self.x1 - self.x0 >= self.y1 - self.y0


@dataclass(frozen=True, slots=True)
class PageContent:
    """What stands on a page: characters by the direction they are read in, the usual one first.

    `rules` go with the first. `pictures` is how many larger pictures there are, `drawn`
    whether there is anything at all to be seen.
    """

    directions: tuple[list[Glyph], ...]
    rules: list[Rule]
    pictures: int
    drawn: bool


@dataclass(frozen=True, slots=True)
class _Style:
    size: float
    angle: int
    bold: bool


def page_content(page: Any) -> PageContent:
    """Returns what stands on a page of pypdfium2."""
    text_page = page.get_textpage()
    try:
        found = _by_direction(text_page)
    finally:
        text_page.close()
    order = sorted(found, key=lambda angle: -len(found[angle]))
    rules, pictures, drawn = _drawn(page, order[0] if order else 0)
    return PageContent(tuple(found[angle] for angle in order), rules, pictures, drawn)


def _by_direction(text_page: Any) -> dict[int, list[Glyph]]:
    from pypdfium2 import raw

    found: dict[int, list[Glyph]] = {}
    styles: dict[Any, _Style] = {}
    x, y, box = ctypes.c_double(), ctypes.c_double(), raw.FS_RECTF()
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    spaced = True
    for index in range(raw.FPDFText_CountChars(text_page)):
        code = min(raw.FPDFText_GetUnicode(text_page, index), sys.maxunicode)
        text = _character(code)
        # White space that pdfium itself puts in says less than where the characters stand.
        generated = raw.FPDFText_IsGenerated(text_page, index) == 1
        if generated or not text:
            spaced = spaced or (not generated and chr(code).isspace())
            continue
        owner = raw.FPDFText_GetTextObject(text_page, index)
        key = ctypes.cast(owner, ctypes.c_void_p).value
        style = styles.get(key)
        if style is None:
            style = styles[key] = _style(raw, text_page, index)
        raw.FPDFText_GetCharOrigin(text_page, index, x, y)
        if style.angle == 0:
            raw.FPDFText_GetLooseCharBox(text_page, index, box)
            x0, x1, down = x.value, max(box.right, x.value), -y.value
        else:
            raw.FPDFText_GetCharBox(text_page, index, left, right, bottom, top)
            corners = ((left.value, bottom.value), (right.value, top.value))
            turned = [_turned(*corner, style.angle) for corner in corners]
            x0, x1 = min(turned)[0], max(turned)[0]
            down = _turned(x.value, y.value, style.angle)[1]
        glyphs = found.setdefault(style.angle, [])
        # The letters of a ligature are all given its place.
        if glyphs and not spaced and (x0, x1, down) == (glyphs[-1].x0, glyphs[-1].x1, glyphs[-1].y):
            glyphs[-1].text += text
            continue
        glyphs.append(Glyph(text, x0, x1, down, style.size, style.bold, spaced))
        spaced = False
    return found


def _character(code: int) -> str:
    """Returns what a character reads as; nothing for white space and what cannot be seen."""
    if code in _LINE_HYPHENS:
        return "-"
    if code in _LIGATURES:
        return unicodedata.normalize("NFKC", chr(code))
    character = chr(code)
    if character == _SOFT_HYPHEN:
        return character
    if code < 0x20 or character.isspace() or 0xD800 <= code < 0xE000:
        return ""
    return "" if unicodedata.category(character) in ("Cc", "Cf", "Cn") else character


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
