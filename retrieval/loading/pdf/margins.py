"""Finds what runs along the top and bottom of pages: headers, footers and page numbers."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from retrieval.loading.pdf.columns import Rows

_FIGURES = re.compile(r"\d+")
_ROMAN = re.compile(r"[ivxlc]{1,6}")
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_DEPTH = 3
_FEW_PAGES = 4
_APART = 1.25
# The share of a page's height that its header or footer may take.
_MARGIN = 0.13


@dataclass(frozen=True, slots=True)
class PageBody:
    """The lines of a page without those at its edges, and the number that is printed on it."""

    rows: Rows
    label: str
    running: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Edge:
    page: int
    text: str
    numbers: tuple[int, ...]


def page_bodies(sheets: Sequence[tuple[Rows, tuple[float, float]]]) -> list[PageBody]:
    """Returns the pages without the lines at their edges that repeat or count up with the pages.

    A sheet is the lines of a page, and where its upper and lower edge are.
    """
    pages = [rows for rows, _ in sheets]
    reaches = [_reach(edges) for _, edges in sheets]
    running = _running(pages, reaches)
    bodies = []
    for number, rows in enumerate(pages, start=1):
        label = ""
        dropped: list[str] = []
        kept = list(rows)
        for side in (0, -1):
            for _ in range(_DEPTH):
                text = _text(kept, side, reaches[number - 1]) if len(kept) > 1 else ""
                counter = running.get((side, _key(text))) if text else None
                if counter is None:
                    break
                numbers = _numbers(text)
                if counter >= 0:
                    label = label or _printed(text, counter, numbers)
                dropped.append(text)
                kept.pop(side)
        bodies.append(PageBody(kept, label if label != str(number) else "", tuple(dropped)))
    return bodies


def _reach(edges: tuple[float, float]) -> tuple[float, float]:
    """Returns how far down a header may stand, and how far up a footer."""
    height = edges[1] - edges[0]
    return edges[0] + _MARGIN * height, edges[1] - _MARGIN * height


def _text(rows: Rows, side: int, reach: tuple[float, float]) -> str:
    """Returns the first or last line of a page, unless it is a row of a table."""
    if not rows:
        return ""
    row = rows[side]
    if row[0].y > reach[0] if side == 0 else row[0].y < reach[1]:
        return ""
    if len(row) > 3 or sum(len(one.words) for one in row) > 30:
        return ""
    if len(row) > 1 and len(rows) > 3:
        beside = rows[1 if side == 0 else -2]
        gaps = [b[0].y - a[0].y for a, b in pairwise(rows)]
        if abs(beside[0].y - row[0].y) < _APART * median(gaps) and len(beside) > 1:
            return ""
    return " ".join(one.text for one in row)


def _key(text: str) -> str:
    folded = " ".join(text.casefold().split())
    return "#" if _ROMAN.fullmatch(folded) else _FIGURES.sub("#", folded)


def _numbers(text: str) -> tuple[int, ...]:
    folded = text.strip().casefold()
    if _ROMAN.fullmatch(folded):
        return (_roman(folded),)
    return tuple(int(figure[:9]) for figure in _FIGURES.findall(text))


def _roman(text: str) -> int:
    values = [_ROMAN_VALUES[letter] for letter in text]
    return sum(
        -value if any(later > value for later in values[index + 1 : index + 2]) else value
        for index, value in enumerate(values)
    )


def _printed(text: str, counter: int, numbers: Sequence[int]) -> str:
    folded = text.strip().casefold()
    if _ROMAN.fullmatch(folded):
        return folded
    return str(numbers[counter]) if counter < len(numbers) else ""


def _running(
    pages: Sequence[Rows], reaches: Sequence[tuple[float, float]]
) -> dict[tuple[int, str], int]:
    """Returns the lines that run along an edge, with which of their numbers counts up, or -1."""
    seen: dict[tuple[int, str], list[_Edge]] = defaultdict(list)
    for number, rows in enumerate(pages, start=1):
        for side in (0, -1):
            for depth in range(min(_DEPTH, len(rows) // 2 or 1)):
                rest = rows[depth:] if side == 0 else rows[: len(rows) - depth]
                text = _text(rest, side, reaches[number - 1])
                if text:
                    seen[side, _key(text)].append(_Edge(number, text, _numbers(text)))
    needed = 2 if len(pages) <= _FEW_PAGES else 3
    running: dict[tuple[int, str], int] = {}
    for key, edges in seen.items():
        if len({edge.page for edge in edges}) >= needed:
            counter = _counter(edges, needed)
            if counter is not None:
                running[key] = counter
    return running


def _counter(edges: Sequence[_Edge], needed: int) -> int | None:
    """Returns which number of alike lines counts up with the pages; -1 where they all repeat."""
    width = len(edges[0].numbers)
    counting = None
    for position in range(width):
        steps: dict[int, int] = defaultdict(int)
        for edge in edges:
            steps[edge.numbers[position] - edge.page] += 1
        values = {edge.numbers[position] for edge in edges}
        # A few sections may count anew; a table's figures do not count at all.
        regular = sum(count for count in steps.values() if count >= min(needed, 2))
        if len(values) > 1 and regular >= 0.8 * len(edges):
            counting = position
        elif len(values) > 1:
            return None
    if counting is None and not any(c.isalpha() for c in edges[0].text):
        return None
    return -1 if counting is None else counting
