"""Finds headings, paragraphs, lists and tables in text that has no markup."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.documents import Block, BlockKind
from retrieval.fields import is_field, is_known_field
from retrieval.residue import is_residue, starts_teasers

_BULLET = re.compile(r"\A\s*+(?:[-*•–·▪◦]|\(?\d{1,2}[.)]|[a-z]\))\s+\S")
_UNDERLINE = re.compile(r"\A\s*+(?:={3,}+|-{3,}+|~{3,}+|_{3,}+|\*{3,}+)\s*+$")
_COLUMNS = re.compile(r"(?<=\S)(?:\t+| {2,}| ?\| ?)(?=\S)")
_NUMBER_CELL = re.compile(
    r"\A(?:[<>~≈$€¥£]?\(?(?:[\d.,]*+[—–-]++)*+[.,]*+\d[\d.,]*+\)?%?[a-z]?|—|–|-|NA|n/a|E)\Z"
)
_YEARS = re.compile(r"(?:(?:19|20)\d\d[a-z]?\s*){2,}$")
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
class _Line:
    start: int
    end: int
    text: str

    @property
    def blank(self) -> bool:
        return not self.text.strip()


def plain_blocks(text: str, offset: int = 0, page: int | None = None) -> tuple[Block, ...]:
    """Returns the blocks of `text`, in order, as offsets shifted by `offset`.

    Lines of wrapped text are joined into paragraphs; page furniture becomes
    residue; the word or two that sign an article off count as furniture. A
    heading of no length ends the section above it.
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
        if summary_open and kind is BlockKind.PARAGRAPH:
            blocks.append(Block(BlockKind.HEADING, start + offset, start + offset, 1, page))
        if kind is not BlockKind.LIST_ITEM:
            summary_open = kind is BlockKind.HEADING and bool(_SUMMARY.match(text[start:end]))
        blocks.append(Block(kind, start + offset, end + offset, level, page, header))
    return tuple(blocks)


def _lines(text: str) -> list[_Line]:
    found, position = [], 0
    for raw in text.splitlines(keepends=True):
        found.append(_Line(position, position + len(raw.rstrip("\r\n")), raw.rstrip("\r\n")))
        position += len(raw)
    return found


def _classify(lines: Sequence[_Line]) -> list[BlockKind | None]:
    """One kind a line; None for blank lines and underlines."""
    kinds: list[BlockKind | None] = []
    in_teasers = False
    for line in lines:
        if line.blank or _UNDERLINE.match(line.text):
            kinds.append(None)
            continue
        if is_residue(line.text):
            in_teasers = in_teasers or starts_teasers(line.text)
            kinds.append(BlockKind.RESIDUE)
            continue
        in_teasers = in_teasers and _looks_like_link_title(line.text)
        kinds.append(BlockKind.RESIDUE if in_teasers else _content_kind(line.text))
    _mark_fields(lines, kinds)
    _mark_headings(lines, kinds)
    _mark_sign_off(lines, kinds)
    return kinds


def _looks_like_link_title(text: str) -> bool:
    return len(text) < 150 and not text.rstrip().endswith((".", "。"))


def _content_kind(text: str) -> BlockKind:
    if _is_row(text):
        return BlockKind.TABLE_ROW
    return BlockKind.LIST_ITEM if _BULLET.match(text) else BlockKind.PARAGRAPH


def _is_row(text: str) -> bool:
    """A row has two column gaps or a bar, or ends in years or three number cells (PDF text)."""
    stripped = text.strip()
    if _YEARS.search(stripped):
        return True
    gaps = len(_COLUMNS.findall(stripped)) + (" | " in stripped)
    if gaps >= 2 and not stripped.endswith("."):
        return True
    words = stripped.split()
    tail = words[-3:]
    return len(words) > 3 and all(_NUMBER_CELL.fullmatch(word) for word in tail)


def _mark_fields(lines: Sequence[_Line], kinds: list[BlockKind | None]) -> None:
    """Fields stand together, each in a line of its own; one alone may be a heading."""
    fields = [
        kind is BlockKind.PARAGRAPH and is_field(line.text)
        for line, kind in zip(lines, kinds, strict=True)
    ]
    for index, field in enumerate(fields):
        beside = any(fields[max(0, index - 1) : index]) or any(fields[index + 1 : index + 2])
        if field and (beside or is_known_field(lines[index].text)):
            kinds[index] = BlockKind.LIST_ITEM


def _mark_headings(lines: Sequence[_Line], kinds: list[BlockKind | None]) -> None:
    width = _wrap_width(lines, kinds)
    for index, kind in enumerate(kinds):
        if kind is BlockKind.PARAGRAPH and _is_heading(lines, kinds, index, width):
            kinds[index] = BlockKind.HEADING


def _is_heading(
    lines: Sequence[_Line], kinds: Sequence[BlockKind | None], index: int, width: int | None
) -> bool:
    text = lines[index].text.strip()
    if index + 1 < len(lines) and _UNDERLINE.match(lines[index + 1].text):
        return True
    if not _heading_shaped(text) or not _follows_a_break(lines, kinds, index):
        return False
    below = next((k for k in range(index + 1, len(kinds)) if kinds[k] is not None), None)
    if below is None or kinds[below] is BlockKind.RESIDUE:
        return False
    apart = below > index + 1
    return apart or width is None or len(text) <= 0.75 * width


def _heading_shaped(text: str) -> bool:
    return (
        len(text) <= _MAX_HEADING_CHARS
        and len(text.split()) <= _MAX_HEADING_WORDS
        and not text.endswith(_TERMINAL)
        and (text[0].isupper() or text[0].isdigit() or not text[0].isascii())
        and any(character.isalpha() for character in text)
    )


def _follows_a_break(lines: Sequence[_Line], kinds: Sequence[BlockKind | None], index: int) -> bool:
    if index == 0 or lines[index - 1].blank or kinds[index - 1] is not BlockKind.PARAGRAPH:
        return True
    return lines[index - 1].text.rstrip().endswith(_TERMINAL)


def _wrap_width(lines: Sequence[_Line], kinds: Sequence[BlockKind | None]) -> int | None:
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


def _mark_sign_off(lines: Sequence[_Line], kinds: list[BlockKind | None]) -> None:
    """A bare name just before the page furniture or the end signs the article off."""
    content = [i for i, kind in enumerate(kinds) if kind not in (None, BlockKind.RESIDUE)]
    if len(content) < 3 or kinds[content[-1]] is not BlockKind.PARAGRAPH:
        return
    last = lines[content[-1]].text.strip()
    if len(last.split()) <= 3 and not last.endswith(_TERMINAL):
        kinds[content[-1]] = BlockKind.RESIDUE


def _group(
    lines: Sequence[_Line], kinds: Sequence[BlockKind | None]
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
    lines: Sequence[_Line],
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


def _table_headers(lines: Sequence[_Line], kinds: Sequence[BlockKind | None]) -> list[str]:
    """By line, the row that names its columns: of a row of a table, and empty otherwise.

    The last row of years above it, else the top of a run of rows set in columns. One pass:
    a table may have as many rows as a file has lines.
    """
    headers: list[str] = []
    years = top = ""
    in_run = in_columns = False
    for line, kind in zip(lines, kinds, strict=True):
        if kind is not BlockKind.TABLE_ROW:
            in_run = in_run and kind is None
            headers.append("")
            continue
        headers.append(years or (top if in_run and in_columns else ""))
        if not in_run:
            top, in_run, in_columns = _folded(line), True, bool(_COLUMNS.search(line.text))
        if _YEARS.search(line.text.strip()):
            years = _folded(line)
    return headers


def _folded(line: _Line) -> str:
    return " ".join(line.text.split())[:_MAX_HEADER_CHARS]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    span = text[start:end]
    return start + len(span) - len(span.lstrip()), end - len(span) + len(span.rstrip())
