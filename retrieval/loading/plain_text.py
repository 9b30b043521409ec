"""Text without markup as blocks: structure found by eye, the rows of clear tables worded."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from retrieval.domain.documents import Block, BlockKind
from retrieval.domain.places import NOWHERE, Place
from retrieval.domain.sanitizing import clean_text
from retrieval.loading.plain_structure import plain_blocks
from retrieval.loading.tables.table_text import header_of, place_of_row, row_text
from retrieval.loading.tables.text_tables import TextTable, tables_in
from retrieval.loading.text_builder import TextBuilder


def structured(text: str, above: int = 0) -> tuple[str, tuple[Block, ...]]:
    """Returns a text without markup and its blocks; `above` lines of its file stand above it.

    The rows of clear tables are worded, so that each can be read alone; all else stays as it is.
    """
    raw = text.splitlines(keepends=True)
    starts = [0]
    for line in raw:
        starts.append(starts[-1] + len(line))
    lines = [line.rstrip("\r\n") for line in raw]
    tables = list(tables_in(lines))
    masked = _masked(lines, raw, tables) if tables else text
    parts: list[str] = []
    blocks: list[Block] = []
    rest = iter(_numbered(block, above) for block in plain_blocks(masked))
    waiting = next(rest, None)
    done = moved = 0
    for found in tables:
        start, end = starts[found.first], starts[found.last] + len(lines[found.last])
        while waiting and waiting.start < start:
            blocks.append(_moved(waiting, moved))
            waiting = next(rest, None)
        while waiting and waiting.start < end:
            waiting = next(rest, None)
        parts.append(text[done:start])
        worded = list(_worded(found, start + moved, above))
        parts.append("\n".join(row for row, _ in worded))
        blocks += [block for _, block in worded]
        moved += len(parts[-1]) - (end - start)
        done = end
    while waiting:
        blocks.append(_moved(waiting, moved))
        waiting = next(rest, None)
    return "".join([*parts, text[done:]]), tuple(blocks)


def _masked(lines: Sequence[str], raw: Sequence[str], tables: Sequence[TextTable]) -> str:
    """The text with bars where its tables stand, so that no line of theirs joins another block."""
    within = {index for one in tables for index in range(one.first, one.last + 1)}
    return "".join(
        "|" * len(line) + whole[len(line) :] if index in within else whole
        for index, (line, whole) in enumerate(zip(lines, raw, strict=True))
    )


def _worded(found: TextTable, start: int, above: int) -> Iterator[tuple[str, Block]]:
    header = header_of(found.table)
    for row in found.table.rows:
        text = " ".join(clean_text(row_text(found.table, row)).split())
        if text:
            place = place_of_row(row, Place())
            block = Block(BlockKind.TABLE_ROW, start, start + len(text), header=header, place=place)
            yield text, _numbered(block, above)
            start += len(text) + 1


def _numbered(block: Block, above: int) -> Block:
    place = block.place
    if not above or place.first_line is None or place.last_line is None:
        return block
    first, last = place.first_line + above, place.last_line + above
    return replace(block, place=replace(place, first_line=first, last_line=last))


def _moved(block: Block, by: int) -> Block:
    return replace(block, start=block.start + by, end=block.end + by) if by else block


def line_ends(text: str) -> int:
    """Returns how many lines end in a text, as an editor counts them."""
    return len(re.findall("\r\n|\r|\n", text))


def add_plain(
    builder: TextBuilder, source: str, *, above: int | None = None, level: int = 1,
    place: Place = NOWHERE,
) -> None:  # fmt: skip
    """Adds text without markup. `above` lines of its file stand above it, if it has lines of a file.

    `level` is that of its headings, `place` where all of it stands.
    """
    text, blocks = structured(source, above or 0)
    for block in blocks:
        own = replace(place, row=block.place.row)
        if above is not None:
            first, last = block.place.first_line, block.place.last_line
            own = replace(own, first_line=first, last_line=last)
        builder.add(
            block.kind, text[block.start : block.end], level=level if block.level else 0,
            header=block.header, place=own,
        )  # fmt: skip
