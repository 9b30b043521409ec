"""What the sheets of an .xlsx workbook share: their list, texts and number formats."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from retrieval.loading.office.number_formats import NumberFormat, number_format
from retrieval.loading.office.ooxml import OfficeFile, local
from retrieval.loading.office.superscripts import is_power, note_marks, raised

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
# Formats 14 and 22 are shown as the reader's own country writes dates; no country misreads these.
_DATE, _DATE_AND_TIME = "yyyy\\-mm\\-dd", "yyyy\\-mm\\-dd h:mm"
_OWN_COUNTRY = {14: _DATE, 22: _DATE_AND_TIME}
_GENERAL = "General"


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A sheet of a workbook; `kind` is `worksheet`, `chartsheet` or another, `part` its file."""

    name: str
    kind: str
    part: str
    hidden: bool


@dataclass(frozen=True, slots=True)
class StyledFormat:
    """What a cell's style says: how numbers are shown, whether letters are bold, the indent."""

    numbers: NumberFormat
    is_general: bool
    bold: bool = False
    indent: int = 0


@dataclass(frozen=True, slots=True)
class SharedText:
    """A text that cells share, its raised note marks apart."""

    text: str
    marks: tuple[str, ...] = ()


PLAIN = StyledFormat(number_format(_GENERAL), is_general=True)


def sheets_of(file: OfficeFile, book: str) -> Iterator[SheetPart]:
    """Yields the sheets of a workbook in their order."""
    relations = file.relations(book)
    root = file.tree(book)
    for sheet in root.iter(f"{MAIN}sheet") if root is not None else ():
        relation = relations.get(sheet.get(_REL, ""))
        if relation:
            hidden = sheet.get("state", "visible") != "visible"
            yield SheetPart(sheet.get("name", ""), relation.kind, relation.target, hidden)


def counts_from_1904(file: OfficeFile, book: str) -> bool:
    """Says whether a workbook's dates count from 1904, as old ones of Macintosh do."""
    root = file.tree(book)
    properties = None if root is None else root.find(f"{MAIN}workbookPr")
    return properties is not None and properties.get("date1904") in ("1", "true")


def shared_texts(file: OfficeFile, book: str) -> list[SharedText]:
    """Returns the texts that cells refer to by number."""
    for part in file.related(book, "sharedStrings"):
        root = file.tree(part)
        if root is not None:
            return [text_of(item) for item in root.iter(f"{MAIN}si")]
    return []


def text_of(item: Any) -> SharedText:
    """Returns the text of a rich string; how Japanese is read aloud is none of it."""
    if len(item) == 1 and item[0].tag == f"{MAIN}t":
        return SharedText(item[0].text or "")
    words, marks = "", ()  # type: str, tuple[str, ...]
    for child in item:
        kind = local(child)
        if kind == "t":
            words += child.text or ""
        elif kind == "r":
            run = "".join(t.text or "" for t in child.iter(f"{MAIN}t"))
            found = note_marks(words, run) if _is_raised(child) else ()
            marks += found
            if not found:
                words += raised(run) if _is_raised(child) and is_power(words, run) else run
    return SharedText(words, marks)


def styles_of(file: OfficeFile, book: str) -> list[StyledFormat]:
    """Returns the styles that cells refer to by number."""
    from openpyxl.styles.numbers import BUILTIN_FORMATS

    for part in file.related(book, "styles"):
        root = file.tree(part)
        if root is None:
            continue
        codes = dict(BUILTIN_FORMATS) | _OWN_COUNTRY
        for one in root.iter(f"{MAIN}numFmt"):
            codes[_number(one.get("numFmtId"))] = one.get("formatCode") or _GENERAL
        fonts = root.find(f"{MAIN}fonts")
        bold = [_is_bold(font) for font in fonts] if fonts is not None else []
        formats = root.find(f"{MAIN}cellXfs")
        return [_style(one, codes, bold) for one in formats] if formats is not None else []
    return []


def _style(one: Any, codes: dict[int, str], bold: list[bool]) -> StyledFormat:
    code = codes.get(_number(one.get("numFmtId")), _GENERAL)
    # The system's own long date and time: worded by whoever opens the file.
    code = {"[$-F800]": _DATE, "[$-F400]": "h:mm:ss"}.get(code[:8].upper(), code)
    font = _number(one.get("fontId"))
    alignment = one.find(f"{MAIN}alignment")
    indent = 0 if alignment is None else _number(alignment.get("indent"))
    thick = font < len(bold) and bold[font]
    return StyledFormat(number_format(code), code == _GENERAL, thick, indent)


def _is_bold(font: Any) -> bool:
    found = font.find(f"{MAIN}b")
    return found is not None and found.get("val") not in ("0", "false")


def _is_raised(run: Any) -> bool:
    found = run.find(f"{MAIN}rPr/{MAIN}vertAlign")
    return found is not None and found.get("val") == "superscript"


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0
