"""Reads a PDF page as lines: cells of a table row stay on one line, paragraphs stay apart."""

from dataclasses import dataclass
from typing import Any

# Baselines closer than this, in points, are the same line.
_SAME_LINE = 1.5
# Lines further apart than this many font sizes belong to different paragraphs.
_PARAGRAPH_GAP = 1.7
CELL_SEPARATOR = " | "


@dataclass(frozen=True, slots=True)
class _Run:
    """A piece of text with the position of its start, in points, and its font size."""

    x: float
    y: float
    size: float
    text: str


def page_text(page: Any) -> str:
    """Returns the text of a pypdf page in the order it was written, line by line."""
    runs: list[_Run] = []

    def visit(text: str, cm: list[float], tm: list[float], _font: Any, size: float) -> None:
        runs.append(_run(text, cm, tm, size))

    page.extract_text(visitor_text=visit)
    return _join(runs)


def _run(text: str, cm: list[float], tm: list[float], size: float) -> _Run:
    x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
    y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
    return _Run(x, y, abs(size * tm[3] * cm[3]) or 1.0, text)


def _join(runs: list[_Run]) -> str:
    # In pieces, none of them empty: one growing text would be copied for every cell of a page.
    parts: list[str] = []
    last: _Run | None = None
    for run in runs:
        if last and run.text.strip() and parts and parts[-1].endswith("\n"):
            if abs(run.y - last.y) <= _SAME_LINE and run.x > last.x:
                _strip_end(parts)
                parts.append(CELL_SEPARATOR)
            elif last.y - run.y > _PARAGRAPH_GAP * max(run.size, last.size):
                parts.append("\n")
        if run.text:
            parts.append(run.text)
        if run.text.strip():
            last = run
    return "".join(parts)


def _strip_end(parts: list[str]) -> None:
    while parts:
        stripped = parts.pop().rstrip()
        if stripped:
            parts.append(stripped)
            return
