"""Finds headings, paragraphs, lists and tables in text that has no markup."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.domain.documents import Block, BlockKind
from retrieval.domain.places import NOWHERE, Place
from retrieval.text.key_values import is_field, is_known_field

_BULLET = re.compile(r"\A\s*+(?:[-*•–·▪◦]|\(?\d{1,2}[.)]|[a-z]\))\s+\S")
_UNDERLINE = re.compile(r"\A\s*+(?:={3,}+|-{3,}+|~{3,}+|_{3,}+|\*{3,}+)\s*+$")
# Two spaces behind a full stop are the habit of a typist.
_COLUMNS = re.compile(r"(?<=\S)(?:\t+|(?<![.!?:;,]) {2,}| {3,}| ?\| ?)(?=\S)")
_NUMBER_CELL = re.compile(
    r"\A(?:[<>~≈$€¥£]?\(?(?:[\d.,]*+[—–-]++)*+[.,]*+\d[\d.,]*+\)?%?[a-z]?|—|–|-|NA|n/a|E)\Z"
)
_YEARS = re.compile(r"(?:(?:19|20)\d\d[a-z]?\s*){2,}$")
# A row of years names columns: nothing but a word or two stands before them.
_LIST_OF_YEARS = re.compile(
    r"\A(?:[^\W\d]\S{0,40}\s{1,100}){0,4}(?:(?:19|20)\d\d[a-z]?\s{0,100}){2,40}\Z"
)
_SENTENCE_END = re.compile(r"[^\W\d_]{3}[.!?]\Z")
# A heading of this kind covers the list under it, not the article that follows the list.
_SUMMARY = re.compile(
    r"(?:highlights|key (?:points|takeaways|facts)|summary|at a glance|in brief)\W*$", re.IGNORECASE
)
_TERMINAL = (".", "!", "?", "…", ":", ";", ",", "。", "！", "？", "”", '"')
_MAX_HEADING_CHARS = 100
_MAX_HEADING_WORDS = 14
_MAX_HEADER_CHARS = 1_000
# Text wrapped by hand or by a page is narrower than this; a longer line is a whole paragraph.
_MAX_WRAP_WIDTH = 130


@dataclass(frozen=True, slots=True)
class _TextLine:
    start: int
    end: int
    text: str
    number: int

    @property
    def blank(self) -> bool:
        return not self.text.strip()


def plain_blocks(text: str, offset: int = 0, page: int | None = None) -> tuple[Block, ...]:
    """Returns the blocks of `text`, in order, as offsets shifted by `offset`.

    Lines of wrapped text are joined into paragraphs. A heading of no length ends the
    section above it. Places are lines of `text`, counted from 1, unless `page` is given.
    """
    lines = _lines(text)
    kinds = _classify(lines)
    headers = _table_headers(lines, kinds)
    blocks: list[Block] = []
    summary_open = False
    for first, last, kind in _group(lines, kinds):
        start, end = _trimmed(text, lines[first].start, lines[last].end)
        header = headers[first]
        level = 1 if kind is BlockKind.HEADING else 0
        numbered = Place(first_line=lines[first].number, last_line=lines[last].number)
        place = numbered if page is None else NOWHERE
        if summary_open and kind is BlockKind.PARAGRAPH:
            ended = Block(BlockKind.HEADING, start + offset, start + offset, 1, page, place=place)
            blocks.append(ended)
        if kind is not BlockKind.LIST_ITEM:
            summary_open = kind is BlockKind.HEADING and bool(_SUMMARY.match(text[start:end]))
        blocks.append(Block(kind, start + offset, end + offset, level, page, header, place))
    return tuple(blocks)


def _lines(text: str) -> list[_TextLine]:
    found, position, number = [], 0, 1
    for raw in text.splitlines(keepends=True):
        line = raw.rstrip("\r\n")
        found.append(_TextLine(position, position + len(line), line, number))
        position += len(raw)
        # A form feed ends a line for a reader, but not for an editor that counts lines.
        number += raw.endswith(("\n", "\r"))
    return found


def _classify(lines: Sequence[_TextLine]) -> list[BlockKind | None]:
    """One kind a line; None for blank lines and underlines."""
    kinds: list[BlockKind | None] = [
        None if line.blank or _UNDERLINE.match(line.text) else _content_kind(line.text)
        for line in lines
    ]
    _mark_rows(lines, kinds)
    _mark_fields(lines, kinds)
    _mark_headings(lines, kinds)
    return kinds


def _content_kind(text: str) -> BlockKind:
    return BlockKind.LIST_ITEM if _BULLET.match(text) else BlockKind.PARAGRAPH


def _mark_rows(lines: Sequence[_TextLine], kinds: list[BlockKind | None]) -> None:
    """Rows have bars, or stand beside lines of the same shape; prose may end in figures, too."""
    shapes = [
        _shape(line.text) if kind else _PROSE for line, kind in zip(lines, kinds, strict=True)
    ]
    content = [index for index, kind in enumerate(kinds) if kind is not None]
    for position, index in enumerate(content):
        beside = [shapes[other] for other in content[max(0, position - 1) : position + 2]]
        beside.remove(shapes[index])
        if shapes[index].is_row_beside(beside):
            kinds[index] = BlockKind.TABLE_ROW


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a line looks: its bars, its gaps as between columns, the number cells at its end."""

    bars: int = 0
    gaps: int = 0
    numbers: int = 0
    years: int = 0

    def is_row_beside(self, others: Sequence["_Shape"]) -> bool:
        if self.bars:
            return True
        if self.gaps >= 2 and any(other.gaps == self.gaps or other.bars for other in others):
            return True
        if self.gaps and self.numbers and any(other.gaps == self.gaps for other in others):
            return True
        if self.years >= 2:
            return any(other.numbers == self.years or other.years for other in others)
        ended = self.numbers >= 3
        return ended and any(self.numbers in (one.numbers, one.years) for one in others)


_PROSE = _Shape()


def _shape(text: str) -> _Shape:
    stripped = text.strip()
    bars = stripped.count("|")
    if bars and (bars >= 2 or stripped.count(" | ")):
        return _Shape(bars=bars)
    gaps = 0 if stripped.endswith(".") else len(_COLUMNS.findall(stripped))
    years = _YEARS.search(stripped)
    if years and _LIST_OF_YEARS.fullmatch(stripped):
        return _Shape(gaps=gaps, years=len(years[0].split()))
    numbers = 0
    words = stripped.split()
    for word in reversed(words):
        if not _NUMBER_CELL.fullmatch(word):
            break
        numbers += 1
    # "bought, by June 28, 2023, 2.2" and "1,200 t. In 2023 300 400" are lines of prose.
    label = words[: len(words) - numbers]
    prose = any(
        word.endswith((",", ";", ".")) for word in (*label[-1:], *words[-numbers or None :])
    )
    if prose or not label or any(_SENTENCE_END.search(word) for word in label):
        numbers = 0
    return _Shape(gaps=gaps, numbers=numbers, years=0)


def _mark_fields(lines: Sequence[_TextLine], kinds: list[BlockKind | None]) -> None:
    """Fields stand together, each in a line of its own; one alone may be a heading."""
    fields = [
        kind is BlockKind.PARAGRAPH and is_field(line.text)
        for line, kind in zip(lines, kinds, strict=True)
    ]
    for index, field in enumerate(fields):
        beside = any(fields[max(0, index - 1) : index]) or any(fields[index + 1 : index + 2])
        if field and (beside or is_known_field(lines[index].text)):
            kinds[index] = BlockKind.LIST_ITEM


def _mark_headings(lines: Sequence[_TextLine], kinds: list[BlockKind | None]) -> None:
    width = _wrap_width(lines, kinds)
    for index, kind in enumerate(kinds):
        if kind is BlockKind.PARAGRAPH and _is_heading(lines, kinds, index, width):
            kinds[index] = BlockKind.HEADING


def _is_heading(
    lines: Sequence[_TextLine], kinds: Sequence[BlockKind | None], index: int, width: int | None
) -> bool:
    text = lines[index].text.strip()
    if index + 1 < len(lines) and _UNDERLINE.match(lines[index + 1].text):
        return True
    if not _heading_shaped(text) or not _follows_a_break(lines, kinds, index):
        return False
    below = next((k for k in range(index + 1, len(kinds)) if kinds[k] is not None), None)
    if below is None:
        return False
    apart = below > index + 1
    if not apart and lines[below].text.strip()[:1].islower():
        # The line below goes on with its sentence.
        return False
    return apart or width is None or len(text) <= 0.75 * width


def _heading_shaped(text: str) -> bool:
    return (
        len(text) <= _MAX_HEADING_CHARS
        and len(text.split()) <= _MAX_HEADING_WORDS
        and not text.endswith(_TERMINAL)
        and (text[0].isupper() or text[0].isdigit() or not text[0].isascii())
        and any(character.isalpha() for character in text)
    )


def _follows_a_break(
    lines: Sequence[_TextLine], kinds: Sequence[BlockKind | None], index: int
) -> bool:
    if index == 0 or lines[index - 1].blank or kinds[index - 1] is not BlockKind.PARAGRAPH:
        return True
    return lines[index - 1].text.rstrip().endswith(_TERMINAL)


def _wrap_width(lines: Sequence[_TextLine], kinds: Sequence[BlockKind | None]) -> int | None:
    """The width that the text was wrapped to, or None where a line is a whole paragraph."""
    prose = sorted(
        len(line.text)
        for line, kind in zip(lines, kinds, strict=True)
        if kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM) and not is_field(line.text)
    )
    if not prose:
        return None
    widest = prose[int(0.9 * len(prose))]
    return widest if widest <= _MAX_WRAP_WIDTH else None


def _group(
    lines: Sequence[_TextLine], kinds: Sequence[BlockKind | None]
) -> list[tuple[int, int, BlockKind]]:
    """Runs of lines `(first, last, kind)`: wrapped lines join what they continue."""
    width = _wrap_width(lines, kinds)
    groups: list[tuple[int, int, BlockKind]] = []
    for index, kind in enumerate(kinds):
        if kind is None:
            continue
        if groups and _continues(lines, groups[-1], index, kind, width):
            groups[-1] = (groups[-1][0], index, groups[-1][2])
        else:
            groups.append((index, index, kind))
    return groups


def _continues(
    lines: Sequence[_TextLine],
    group: tuple[int, int, BlockKind],
    index: int,
    kind: BlockKind,
    width: int | None,
) -> bool:
    _, last, above = group
    joinable = above in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM)
    if width is None or kind is not BlockKind.PARAGRAPH or not joinable or last != index - 1:
        return False
    previous = lines[last].text.rstrip()
    ends_early = len(previous) < 0.6 * width
    return not (ends_early and previous.endswith(_TERMINAL))


def _table_headers(lines: Sequence[_TextLine], kinds: Sequence[BlockKind | None]) -> list[str]:
    """By line, the row that names its columns: of a row of a table, and empty otherwise.

    The last row of years above it in the table, else the top of a run of rows set in columns. One pass:
    a table may have as many rows as a file has lines.
    """
    headers: list[str] = []
    years = top = ""
    in_run = in_columns = False
    for line, kind in zip(lines, kinds, strict=True):
        if kind is not BlockKind.TABLE_ROW:
            in_run = in_run and kind is None
            years = years if kind is None else ""
            headers.append("")
            continue
        headers.append(years or (top if in_run and in_columns else ""))
        if not in_run:
            top, in_run, in_columns = _folded(line), True, bool(_COLUMNS.search(line.text))
        if _YEARS.search(line.text.strip()):
            years = _folded(line)
    return headers


def _folded(line: _TextLine) -> str:
    return " ".join(line.text.split())[:_MAX_HEADER_CHARS]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    span = text[start:end]
    return start + len(span) - len(span.lstrip()), end - len(span) + len(span.rstrip())
