"""Makes paragraphs, headings and list items of the lines of a PDF page."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from retrieval.domain.documents import BlockKind
from retrieval.loading.pdf.columns import Rows
from retrieval.loading.pdf.grids import is_value
from retrieval.loading.pdf.words import Word

# In usual line distances.
_APART = 1.35
# A line distance that is not known is taken to be this many type sizes.
_USUAL = 1.5
_LARGER = 1.12
_SAME_SIZE = 0.08
_MAX_HEADING_CHARS = 200
_MAX_HEADING_LINES = 4
_FEW_WORDS = 4
_BULLET = re.compile(
    r"(?:[-*•–·▪◦‣●○■□☐☑☒✓✔➢➤\ue000-\uf8ff]|\(?\d{1,3}[.)]|\(?[A-Za-z][.)]|\([ivx]{1,5}\)|[ivx]{1,5}[.)]|\[[ xX]?\])"
)
_NUMBERED = re.compile(r"(?:\d{1,2}(?:\.\d{1,2}){0,4}\.?|[IVX]{1,5}\.|[A-Z]\.)")
_TERMINAL = (".", "!", "?", "…", ":", ";", "。", "！", "？", "”", '"', ")")
_STOPS = (".", ",", ";", "。", "，")


@dataclass(slots=True)
class Line:
    """A line of a column. `page` counts from 1."""

    words: list[Word]
    y: float
    x0: float
    x1: float
    size: float
    bold: bool
    page: int
    text: str = ""

    def __post_init__(self) -> None:
        self.text = " ".join(map(str, self.words))


@dataclass(slots=True)
class Paragraph:
    """Lines that belong together. `level` is that of a heading, from 1."""

    lines: list[Line]
    kind: BlockKind = BlockKind.PARAGRAPH
    level: int = 0
    text: str = ""

    @property
    def page(self) -> int:
        """Returns the page that the paragraph begins on."""
        return self.lines[0].page

    @property
    def size(self) -> float:
        """Returns the size of its type, in points."""
        return median(line.size for line in self.lines)

    @property
    def bold(self) -> bool:
        """Says whether all of it is set in bold type."""
        return all(line.bold for line in self.lines)


@dataclass(slots=True)
class Setting:
    """How a document is set: the size of its text, and its usual line distance by size."""

    size: float = 10.0
    pitch: dict[int, float] = field(default_factory=dict)
    bold: bool = False
    _sizes: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    _bold: int = 0
    _gaps: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))

    def learn(self, lines: Sequence[Line]) -> None:
        """Takes in the lines of a column."""
        right = max((line.x1 for line in lines), default=0.0)
        for index, line in enumerate(lines):
            letters = len(line.text)
            self._sizes[round(2 * line.size)] += letters
            self._bold += letters if line.bold else 0
            if index + 1 < len(lines):
                below = lines[index + 1]
                full = line.x1 > right - 0.2 * (right - line.x0) and len(line.words) > 3
                if full and abs(below.size - line.size) <= _SAME_SIZE * line.size:
                    self._gaps[round(2 * line.size)].append(below.y - line.y)

    def settle(self) -> None:
        """Works out what is usual once all lines are known."""
        if self._sizes:
            self.size = max(self._sizes, key=lambda size: self._sizes[size]) / 2
            self.bold = 2 * self._bold > sum(self._sizes.values())
        for size, gaps in self._gaps.items():
            near = [gap for gap in gaps if 0.5 * size / 2 < gap < 4 * size / 2]
            if near:
                self.pitch[size] = median(near)

    def usual(self, line: Line) -> float:
        """Returns the line distance that is usual for the type of `line`."""
        return self.pitch.get(round(2 * line.size), _USUAL * line.size)


def lines_of(rows: Rows, page: int) -> list[Line]:
    """Returns the rows of a column as lines."""
    lines = []
    for row in rows:
        words = [word for one in row for word in one.words]
        letters = sum(len(word.text) for word in words)
        bold = 2 * sum(len(word.text) for word in words if word.bold) > letters
        size = median(word.size for word in words)
        lines.append(Line(words, row[0].y, row[0].x0, max(w.x1 for w in words), size, bold, page))
    return lines


def paragraphs_of(lines: Sequence[Line], setting: Setting) -> list[Paragraph]:
    """Returns the paragraphs of the lines of one column."""
    found: list[Paragraph] = []
    rights = _right_margins(lines, setting)
    for index, line in enumerate(lines):
        if found and not _begins(found[-1], line, rights[index - 1], setting):
            found[-1].lines.append(line)
        else:
            found.append(Paragraph([line]))
    for paragraph in found:
        paragraph.kind = _kind(paragraph, setting)
    return found


def _right_margins(lines: Sequence[Line], setting: Setting) -> list[float]:
    """Returns for each line how far the lines around it reach, those of the same type close by."""
    rights = [line.x1 for line in lines]
    first = 0
    for index in range(1, len(lines) + 1):
        if index < len(lines):
            line, last = lines[index], lines[index - 1]
            near = line.y - last.y <= 2.5 * setting.usual(line)
            if near and abs(line.size - last.size) <= _SAME_SIZE * last.size:
                continue
        right = max(line.x1 for line in lines[first:index])
        if median(len(line.words) for line in lines[first:index]) <= _FEW_WORDS:
            # An address, a signature: its longest line tells nothing of the margin.
            right = max(line.x1 for line in lines)
        rights[first:index] = [right] * (index - first)
        first = index
    return rights


def _begins(paragraph: Paragraph, line: Line, right: float, setting: Setting) -> bool:
    """Says whether `line` begins a paragraph of its own."""
    last = paragraph.lines[-1]
    resized = abs(line.size - last.size) > _SAME_SIZE * max(last.size, line.size)
    is_note = not line.words[0].text and bool(line.words[0].marks)
    apart = line.y - last.y > _APART * setting.usual(last) or line.y < last.y
    if resized or is_note or apart or _restyled(paragraph, line, setting):
        return True
    if _is_styled(last, setting) and _is_styled(line, setting):
        return bool(_NUMBERED.fullmatch(line.words[0].text)) and len(line.words) > 1
    return _is_bullet(line) or _broken(paragraph, last, line, right)


def _restyled(paragraph: Paragraph, line: Line, setting: Setting) -> bool:
    """Says whether a heading ends or begins here, by the look of its type."""
    last = paragraph.lines[-1]
    styled = _is_styled(last, setting)
    if styled == _is_styled(line, setting) or len(paragraph.lines) > _MAX_HEADING_LINES:
        return False
    alike = all(_is_styled(one, setting) == styled for one in paragraph.lines)
    return alike and (styled or last.text.endswith(_TERMINAL)) and _set_apart(last, line)


def _set_apart(last: Line, line: Line) -> bool:
    """Words in bold type at the head of a paragraph are no heading of their own."""
    return last.words[-1].bold != line.words[0].bold or last.bold != line.bold


def _broken(paragraph: Paragraph, last: Line, line: Line, right: float) -> bool:
    """Says whether the line before was ended on purpose: the next word had room on it."""
    room = right - last.x1
    first = line.words[0]
    fits = room > (first.x1 - first.x0) + 0.8 * last.size
    goes_on = line.text[:1].islower() or last.text.endswith((",", "-", "–"))
    terminal = last.text.endswith(_TERMINAL)
    start = paragraph.lines[0]
    if _is_bullet(start) and line.x0 <= start.x0 + 1 and terminal and len(start.words) > 1:
        return True
    if fits and terminal:
        return True
    # Words that must not be parted leave room too, but not as much as this.
    wide = room > max(
        0.12 * (right - last.x0), line.words[min(2, len(line.words) - 1)].x1 - line.x0
    )
    if fits and wide and not goes_on:
        return True
    left = min(one.x0 for one in paragraph.lines)
    return terminal and not _is_bullet(start) and line.x0 > left + 0.8 * line.size


def _is_bullet(line: Line) -> bool:
    first = line.words[0].text
    return len(line.words) > 1 and bool(_BULLET.fullmatch(first)) and not is_value(first)


def _is_styled(line: Line, setting: Setting) -> bool:
    larger = line.size >= _LARGER * setting.size
    return larger or (line.bold and not setting.bold and all(w.bold for w in line.words if w.text))


def _kind(paragraph: Paragraph, setting: Setting) -> BlockKind:
    if _is_heading(paragraph, setting):
        return BlockKind.HEADING
    if _is_bullet(paragraph.lines[0]):
        return BlockKind.LIST_ITEM
    return BlockKind.PARAGRAPH


def _is_heading(paragraph: Paragraph, setting: Setting) -> bool:
    if len(paragraph.lines) > _MAX_HEADING_LINES:
        return False
    text = " ".join(line.text for line in paragraph.lines)
    letters = sum(character.isalpha() for character in text)
    if len(text) > _MAX_HEADING_CHARS or letters < 3 or text.endswith(_STOPS):
        return False
    if all(_is_styled(line, setting) for line in paragraph.lines):
        return True
    return text.isupper() and 1 < len(text.split()) <= 12 and len(paragraph.lines) == 1


def heading_levels(paragraphs: Sequence[Paragraph]) -> None:
    """Gives headings their level: the largest type is the highest."""
    headings = [one for one in paragraphs if one.kind is BlockKind.HEADING]
    ranks = sorted({(round(2 * one.size), one.bold) for one in headings}, reverse=True)
    for one in headings:
        one.level = min(ranks.index((round(2 * one.size), one.bold)) + 1, 6)
