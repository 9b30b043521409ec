"""Text in shapes (DrawingML): paragraphs with soft breaks, fields and raised note marks."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from retrieval.loading.office.ooxml import local
from retrieval.loading.office.superscripts import is_power, note_marks, raised

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


@dataclass(frozen=True, slots=True)
class ShapeLine:
    """A paragraph of a shape: its text, note marks apart where asked for, and how it is listed.

    `number` is what an automatic list puts before it, such as `2.`.
    """

    text: str
    marks: tuple[str, ...] = ()
    level: int = 0
    bold: bool = False
    number: str = ""


def paragraphs_of(body: Any, *, marks_apart: bool = False) -> Iterator[ShapeLine]:
    """Yields the paragraphs of a text body that hold something; a soft break is a space."""
    counts: dict[int, int] = {}
    for paragraph in body.iter(f"{A}p"):
        text, marks = _text(paragraph, marks_apart=marks_apart)
        if text.strip():
            properties = paragraph.find(f"{A}pPr")
            level = int(properties.get("lvl") or 0) if properties is not None else 0
            number = _number(properties, level, counts)
            runs = [run for run in paragraph.iter(f"{A}r") if "".join(run.itertext()).strip()]
            bold = bool(runs) and all(map(_is_bold, runs))
            yield ShapeLine(" ".join(text.split()), marks, level, bold, number)


def _text(paragraph: Any, *, marks_apart: bool) -> tuple[str, tuple[str, ...]]:
    words, marks = "", ()  # type: str, tuple[str, ...]
    for child in paragraph:
        kind = local(child)
        if kind == "br":
            words += "\n"
        elif kind in ("r", "fld"):
            run = "".join(element.text or "" for element in child.findall(f"{A}t"))
            if not _is_raised(child):
                words += run
                continue
            found = note_marks(words, run)
            if found and marks_apart:
                marks += found
            elif found:
                words += f" (note {', '.join(found)})"
            else:
                words += raised(run) if is_power(words, run) else run
        elif kind not in ("pPr", "endParaRPr", ""):
            # Formulas and what else later versions put between runs.
            words += "".join(e.text or "" for e in child.iter() if local(e) == "t")
    return words, marks


def _is_bold(run: Any) -> bool:
    properties = run.find(f"{A}rPr")
    return properties is not None and properties.get("b") in ("1", "true")


def _is_raised(run: Any) -> bool:
    properties = run.find(f"{A}rPr")
    offset = properties.get("baseline", "0") if properties is not None else "0"
    return bool(offset.rstrip("%").isdecimal()) and offset.strip("0%") != ""


def _number(properties: Any, level: int, counts: dict[int, int]) -> str:
    """What an automatic list of arabic figures puts before a paragraph; others are left to the eye."""
    listed = properties.find(f"{A}buAutoNum") if properties is not None else None
    if listed is None:
        counts.pop(level, None)
        return ""
    start = listed.get("startAt") or "1"
    counts[level] = counts.get(level, int(start) - 1 if start.isdecimal() else 0) + 1
    kind = listed.get("type", "")
    if not kind.startswith("arabic"):
        return ""
    return f"{counts[level]}{')' if 'Paren' in kind else '.'}"
