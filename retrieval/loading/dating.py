"""The date of a document's publication, from what its format says, its first lines, or its name."""

from collections.abc import Sequence

from retrieval.domain.documents import Block, BlockKind
from retrieval.text.dates import date_in_name, stated_date

_SPOKEN = (BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.LIST_ITEM)
_BLOCKS_TO_READ, _CHARS_TO_READ = 15, 2_000


def date_of(text: str, blocks: Sequence[Block], name: str) -> tuple[str | None, str]:
    """Returns the date that a document states in its first lines or else in its file's name.

    The second is where it was found. Cells of tables are not looked at: their dates are of other
    things.
    """
    if found := stated_date(_prose_lines(text, blocks)):
        return found, "first lines"
    found = date_in_name(name)
    return found, "file name" if found else ""


def _prose_lines(text: str, blocks: Sequence[Block]) -> list[str]:
    spoken = [block for block in blocks[: 4 * _BLOCKS_TO_READ] if block.kind in _SPOKEN]
    lines: list[str] = []
    for block in spoken[:_BLOCKS_TO_READ]:
        end = min(block.end, block.start + _CHARS_TO_READ)
        lines += text[block.start : end].splitlines()
    return lines
