"""Builds a document's text block by block, for formats whose bytes are not their text."""

import re

from retrieval.domain.documents import Block, BlockKind
from retrieval.domain.errors import LoadError
from retrieval.domain.losses import Loss
from retrieval.domain.places import NOWHERE, Place
from retrieval.domain.sanitizing import clean_text
from retrieval.domain.table_data import Table
from retrieval.loading.tables.table_text import header_of, note_texts, place_of_row, row_text

# Some 10,000 pages. A row repeats the names of its columns, and so a small file may grow.
MAX_TEXT_CHARS = 50_000_000
_SPACES = re.compile(r"\s+")


def fold_spaces(text: str) -> str:
    """Returns `text`, cleaned, with every run of white space turned into one space, ends trimmed."""
    return _SPACES.sub(" ", clean_text(text)).strip()


class TextBuilder:
    """Appends blocks, separated by line breaks, and remembers where each one stands."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._blocks: list[Block] = []
        self._losses: list[Loss] = []
        self._lead = ""

    def add(
        self,
        kind: BlockKind,
        text: str,
        *,
        level: int = 0,
        page: int | None = None,
        header: str = "",
        place: Place = NOWHERE,
    ) -> None:
        """Appends `text`, white space folded, as one block. Empty text is ignored."""
        folded = fold_spaces(text)
        if not folded:
            return
        if self._parts:
            self._append(self._separator(kind))
        if self._lead:
            self._append(f"{self._lead} ")
            self._lead = ""
        start = self._length
        self._append(folded)
        self._blocks.append(Block(kind, start, self._length, level, page, header, place))

    def end_section(self, *, page: int | None = None, place: Place = NOWHERE) -> None:
        """Ends the section above with a heading of no length: what follows stands under no heading."""
        at = self._length
        self._blocks.append(Block(BlockKind.HEADING, at, at, 1, page, "", place))

    def lead_in(self, number: str) -> None:
        """Puts the number of a list's item before the next block: in the text, not in the block.

        There it would be taken for a sentence of its own.
        """
        self._lead = fold_spaces(number)

    def add_data(self, table: Table, place: Place = NOWHERE, page: int | None = None) -> None:
        """Appends a table, each row a line that can be read alone: `label — column: value unit; …`.

        `place` is where the table stands; rows add what they know themselves. Notes follow.
        """
        header = header_of(table)
        for row in table.rows:
            its = place_of_row(row, place)
            text = row_text(table, row)
            kind = BlockKind.TABLE_ROW
            self.add(kind, text, page=row.page or page, header=header, place=its)
        for note in note_texts(table):
            self.add(BlockKind.PARAGRAPH, note, page=page, place=place)

    def leave_out(self, loss: Loss) -> None:
        """Notes that something was left out."""
        self._losses.append(loss)

    def losses(self) -> tuple[Loss, ...]:
        """Returns what was left out so far."""
        return tuple(self._losses)

    def text(self) -> str:
        """Returns the text built so far."""
        return "".join(self._parts)

    def blocks(self) -> tuple[Block, ...]:
        """Returns the blocks built so far, in text order."""
        return tuple(self._blocks)

    def _separator(self, kind: BlockKind) -> str:
        together = {BlockKind.LIST_ITEM, BlockKind.TABLE_ROW}
        if kind in together and self._blocks and self._blocks[-1].kind is kind:
            return "\n"
        return "\n\n"

    def _append(self, part: str) -> None:
        if self._length + len(part) > MAX_TEXT_CHARS:
            raise LoadError(f"holds more than {MAX_TEXT_CHARS:,} characters; split it")
        self._parts.append(part)
        self._length += len(part)
