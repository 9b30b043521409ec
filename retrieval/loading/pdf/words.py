"""Puts the characters of a page together: words, raised and lowered marks apart, and lines."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from retrieval.loading.pdf.glyphs import Glyph

# All in sizes of the type (em).
_SAME_LINE = 0.18
_TOUCHING = 0.16
_OVERLAP = 0.6
_SEGMENT_GAP = 1.0
_MARK_REACH = 0.6
_MARK_SIZE = 0.88
_MARK_RISE = (0.15, 0.75)
_MARK_DROP = (0.08, 0.55)
_MAX_MARK_CHARS = 12
_LETTER_BY_LETTER = 1.7

_MARK = re.compile(r"(?:\d{1,3}|[a-z]|[*†‡§¶#]{1,3})(?:\s*[,–-]\s*(?:\d{1,3}|[a-z*†‡§¶]))*,?")
_UNIT = re.compile(r"(?:\A|[\d/·(.])(?:[kKcdmµμn]?m|ft|in|yd|mi|s|g|kg|mol|L|l|ha)\Z")
_TEN = re.compile(r"(?:\A|[x×*·])10\Z")
_BULLET = re.compile(r"[-*•–·▪◦‣●○■□☐☑☒✓✔➢➤\ue000-\uf8ff]|\(?(?:\d{1,2}|[A-Za-z]|[ivx]{1,4})[.)]?")
_RAISED = str.maketrans("0123456789+-−–", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻")
_CHARGE = re.compile(r"\d?[+\-−–]\Z")
_POWER = re.compile(r"[+\-−–]?\d{1,3}\Z")
_ISOTOPE = re.compile(r"\d{2,3} (?!NA\Z)[A-Z][a-z]")
_TRADE_MARKS = ("TM", "®", "™")
_ORDINAL = re.compile(r"(?:st|nd|rd|th|er|re|º|ª|TM|®|™)\Z")


@dataclass(slots=True)
class Word:
    """A word with the note marks that stand on it: `lead` before it, `marks` behind it."""

    text: str
    x0: float
    x1: float
    size: float
    bold: bool
    marks: tuple[str, ...] = ()
    lead: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Returns the word as it reads in a sentence."""
        before = f"(note {', '.join(self.lead)}) " if self.lead and self.text else ""
        if not self.marks:
            return before + self.text
        if not self.text:
            return f"Note {', '.join(self.marks)}:"
        return f"{before}{_before_stop(self.text, self.marks)}"


@dataclass(slots=True)
class Segment:
    """Words of one line without a wide gap between them; `y` is its baseline."""

    words: list[Word]
    y: float
    x0: float = 0.0
    x1: float = 0.0
    size: float = 1.0
    # A ruled table that stands in the place of these words.
    grid: object = None

    def __post_init__(self) -> None:
        self.x0, self.x1 = self.words[0].x0, max(word.x1 for word in self.words)
        self.size = median(word.size for word in self.words)

    @property
    def text(self) -> str:
        """Returns its words as they read in a sentence."""
        return " ".join(str(word) for word in self.words)

    @property
    def bold(self) -> bool:
        """Says whether most of it is set in bold type."""
        letters = sum(len(word.text) for word in self.words)
        return 2 * sum(len(word.text) for word in self.words if word.bold) > letters


@dataclass(slots=True)
class _Piece:
    """Characters that were written one after the other, close together, on one line."""

    glyphs: list[Glyph]
    shift: int = 0

    first: Glyph = field(init=False)
    last: Glyph = field(init=False)
    text: str = field(init=False)

    def __post_init__(self) -> None:
        self.first, self.last = self.glyphs[0], self.glyphs[-1]
        self.text = "".join(glyph.text for glyph in self.glyphs)


@dataclass(slots=True, eq=False)
class _Row:
    y: float
    size: float
    pieces: list[_Piece] = field(default_factory=list)


def rows_of(glyphs: Sequence[Glyph]) -> list[list[Segment]]:
    """Returns the lines of a page from top to bottom, each cut where its gaps are wide."""
    rows = _rows(list(_pieces(glyphs)))
    _set_marks(rows)
    lines = (_segments(row) for row in rows if row.pieces)
    return _with_bullets([line for line in lines if line])


def _with_bullets(lines: list[list[Segment]]) -> list[list[Segment]]:
    """Puts bullets and numbers that stand a little higher or lower than their line to it."""
    joined: list[list[Segment]] = []
    waiting: list[Segment] | None = None
    for index, line in enumerate(lines):
        if waiting is not None:
            line[0] = Segment([*waiting[0].words, *line[0].words], line[0].y)
            waiting = None
        elif len(line) == 1 and len(line[0].words) == 1 and _BULLET.fullmatch(line[0].text):
            if index + 1 < len(lines) and _stands_by(line[0], lines[index + 1][0]):
                waiting = line
                continue
            if joined and _stands_by(line[0], joined[-1][0]):
                joined[-1][0] = Segment([*line[0].words, *joined[-1][0].words], joined[-1][0].y)
                continue
        joined.append(line)
    return joined


def _stands_by(bullet: Segment, line: Segment) -> bool:
    near = abs(line.y - bullet.y) <= 0.5 * max(line.size, bullet.size)
    return near and 0 <= line.x0 - bullet.x1 <= 4 * line.size


def _pieces(glyphs: Sequence[Glyph]) -> Iterator[_Piece]:
    current: list[Glyph] = []
    for glyph in glyphs:
        if current and not _goes_on(current[-1], glyph):
            yield _Piece(current)
            current = []
        current.append(glyph)
    if current:
        yield _Piece(current)


def _goes_on(last: Glyph, glyph: Glyph) -> bool:
    gap = glyph.x0 - last.x1
    return (
        not glyph.spaced
        and abs(glyph.y - last.y) <= 0.05 * last.size
        and abs(glyph.size - last.size) <= 0.05 * last.size
        and -_OVERLAP * last.size <= gap <= _TOUCHING * last.size
    )


def _rows(pieces: list[_Piece]) -> list[_Row]:
    rows: list[_Row] = []
    for piece in sorted(pieces, key=lambda piece: (piece.first.y, piece.first.x0)):
        near = _SAME_LINE * piece.first.size
        row = next(
            (row for row in rows[-3:] if piece.first.y - row.y <= near and _like(row, piece)), None
        )
        if row is None:
            row = _Row(piece.first.y, piece.first.size)
            rows.append(row)
        row.pieces.append(piece)
    return rows


def _like(row: _Row, piece: _Piece) -> bool:
    """Small type close to a line's baseline stays apart until it is known whose it is."""
    return piece.first.y - row.y <= 0.08 * row.size or 0.88 <= piece.first.size / row.size <= 1.14


def _set_marks(rows: list[_Row]) -> None:
    """Moves raised and lowered pieces to the line that they stand on."""
    homes: dict[int, tuple[_Row, int]] = {}
    for index, row in enumerate(rows):
        beside = [
            near
            for near in rows[max(0, index - 6) : index + 7]
            if near is not row and _within_reach(near.y - row.y, near.size)
        ]
        if not beside:
            continue
        row.pieces.sort(key=lambda piece: piece.first.x0)
        for ordered in (row.pieces, row.pieces[::-1]):
            last: _Piece | None = None
            for piece in ordered:
                found = homes.get(id(piece)) or _home(beside, row, piece)
                if not found and last and _close(last, piece, _MARK_REACH * piece.first.size):
                    found = homes.get(id(last)) if len(piece.text) <= _MAX_MARK_CHARS else None
                if found:
                    homes[id(piece)] = found
                last = piece
    for row in rows:
        for piece in [piece for piece in row.pieces if id(piece) in homes]:
            home, piece.shift = homes[id(piece)]
            row.pieces.remove(piece)
            home.pieces.append(piece)


def _within_reach(above: float, size: float) -> bool:
    slack = _SAME_LINE * size
    return -_MARK_DROP[1] * size - slack <= above <= _MARK_RISE[1] * size + slack


def _home(beside: Sequence[_Row], own: _Row, piece: _Piece) -> tuple[_Row, int] | None:
    if len(piece.text) > _MAX_MARK_CHARS:
        return None
    for row in sorted(beside, key=lambda row: abs(row.y - piece.first.y)):
        rise = (row.y - piece.first.y) / row.size
        raised = _MARK_RISE[0] <= rise <= _MARK_RISE[1]
        if not raised and not _MARK_DROP[0] <= -rise <= _MARK_DROP[1]:
            continue
        smaller = piece.first.size <= _MARK_SIZE * row.size
        lone = len(own.pieces) <= 2 and len(piece.text) <= 3 and bool(_MARK.fullmatch(piece.text))
        if not smaller and not (raised and lone and rise <= 0.6):
            continue
        reach = _MARK_REACH * row.size
        if any(_close(other, piece, reach) for other in row.pieces if other.shift == 0):
            return row, 1 if raised else -1
    return None


def _close(one: _Piece, other: _Piece, reach: float) -> bool:
    gaps = (other.first.x0 - one.last.x1, one.first.x0 - other.last.x1)
    return any(-0.5 * reach <= gap <= reach for gap in gaps)


@dataclass(slots=True)
class _Line:
    """A line while its words are being put together."""

    threshold: float
    letterwise: bool
    words: list[Word] = field(default_factory=list)
    waiting: _Piece | None = None

    def add(self, piece: _Piece) -> None:
        first = piece.first
        last = self.words[-1] if self.words and self.waiting is None else None
        gap = first.x0 - last.x1 if last else 0.0
        parted = first.spaced and not self.letterwise
        after_mark = bool(last and last.marks and piece.text[0].isalnum())
        near = -_OVERLAP * first.size <= gap <= self.threshold * first.size
        if last and last.text and near and not parted and not after_mark:
            last.text += piece.text
            last.x1 = max(last.x1, piece.last.x1)
            return
        word = Word(piece.text, first.x0, piece.last.x1, first.size, first.bold)
        if self.waiting is not None:
            self._lead(word, self.waiting)
            self.waiting = None
        self.words.append(word)

    def _lead(self, word: Word, piece: _Piece) -> None:
        if _ISOTOPE.fullmatch(f"{piece.text} {word.text}"):
            word.text = piece.text.translate(_RAISED) + word.text
        elif not self.words and not any(character.isdigit() for character in word.text[:2]):
            self.words.append(
                Word("", piece.first.x0, piece.last.x1, word.size, False, _marks_in(piece.text))
            )
            return
        else:
            word.lead = _marks_in(piece.text)
        word.x0 = piece.first.x0

    def mark(self, piece: _Piece, lexical_replica: _Piece | None) -> None:
        """Adds a raised or lowered piece to the word before it, or keeps it for the next one."""
        last = self.words[-1] if self.words and self.waiting is None else None
        before = piece.first.x0 - last.x1 if last else float("inf")
        after = lexical_replica.first.x0 - piece.last.x1 if lexical_replica else float("inf")
        if self.waiting is not None:
            self.waiting = _Piece([*self.waiting.glyphs, *piece.glyphs])
        elif last is None or (after < before and before > 0.25 * last.size):
            self.waiting = piece
        else:
            set_on(last, piece.text, piece.shift)
            last.x1 = max(last.x1, piece.last.x1)

    def close(self) -> None:
        if self.waiting is not None:
            glyph = self.waiting.first
            self.words.append(
                Word(self.waiting.text, glyph.x0, self.waiting.last.x1, glyph.size, glyph.bold)
            )


def _segments(row: _Row) -> list[Segment]:
    row.pieces.sort(key=lambda piece: piece.first.x0)
    threshold, letterwise = _spacing([piece for piece in row.pieces if piece.shift == 0])
    line = _Line(threshold, letterwise)
    for index, piece in enumerate(row.pieces):
        if piece.shift == 0:
            line.add(piece)
        else:
            lexical_replica = next(
                (other for other in row.pieces[index + 1 :] if not other.shift), None
            )
            line.mark(piece, lexical_replica)
    line.close()
    cut = max(_SEGMENT_GAP, 2.5 * threshold if letterwise else 0.0)
    segments: list[list[Word]] = []
    for word in line.words:
        word.text = word.text[:-1].replace("\u00ad", "") + word.text[-1:]
        if segments and word.x0 - segments[-1][-1].x1 <= cut * word.size:
            segments[-1].append(word)
        else:
            segments.append([word])
    return [Segment(words, row.y) for words in segments]


def _spacing(pieces: Sequence[_Piece]) -> tuple[float, bool]:
    """Returns the gap that parts words, in em, and whether letters were placed one by one."""
    characters = sum(len(piece.text) for piece in pieces)
    if len(pieces) < 8 or characters > _LETTER_BY_LETTER * len(pieces):
        return _TOUCHING, False
    gaps = [(piece.first.x0 - last.last.x1) / piece.first.size for last, piece in pairwise(pieces)]
    usual = median(gap for gap in gaps if gap < 2) if any(gap < 2 for gap in gaps) else 0.0
    letters = sum(piece.text.isalpha() for piece in pieces) > 0.6 * len(pieces)
    if usual <= _TOUCHING or usual > 0.8 or not letters:
        return _TOUCHING, False
    return 1.5 * usual + 0.08, True


def set_on(word: Word, text: str, shift: int) -> None:
    """Adds to `word` what stands on it, raised (`shift` 1) or lowered (-1).

    Powers, units, charges and formulas stay part of the word; anything else is a note mark.
    """
    last = word.text[-1:]
    if shift < 0:
        word.text += text if last.isalpha() or last in ")]" else f"_{text}"
    elif _TEN.search(word.text) and _POWER.fullmatch(text):
        word.text += f"^{text}"
    elif _is_exponent(word.text, text):
        word.text += text.translate(_RAISED)
    elif _ORDINAL.fullmatch(text) and last.isdigit() == (text not in _TRADE_MARKS):
        word.text += text
    elif _MARK.fullmatch(text.strip("()[]")):
        word.marks += _marks_in(text)
    else:
        word.text += f"^{text}"


def _is_exponent(word: str, text: str) -> bool:
    """Says whether raised text belongs to a unit, a variable or an ion, and so is no note mark."""
    last = word[-1:]
    if _POWER.fullmatch(text):
        of_unit = bool(_UNIT.search(word)) and text.lstrip("+-−–") in ("1", "2", "3")
        if of_unit or (len(word.lstrip("([")) == 1 and last.isalpha()):
            return True
    return bool(_CHARGE.fullmatch(text)) and (last.isalpha() or last in ")]")


def _marks_in(text: str) -> tuple[str, ...]:
    return tuple(mark for mark in re.split(r"[,\s()\[\]]+", text) if mark)


def _before_stop(text: str, marks: tuple[str, ...]) -> str:
    """Returns a word with its marks in brackets, set before the stop that ends it."""
    bare = text.rstrip('.,;:!?)]”"')
    told = f" (note {', '.join(marks)})"
    return f"{bare}{told}{text[len(bare) :]}" if bare else f"{text}{told}"
