"""Gives a document a title when its format does not."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from retrieval.documents import Block, BlockKind

_MIN_TITLE_WORDS = 3
_MAX_TITLE_CHARS = 200


def title_from_name(name: str) -> str:
    """Returns a readable title made of a file name: `ndpr-prices_2024.txt` -> `Ndpr prices 2024`."""
    stem = PurePosixPath(name).stem
    dates_kept = re.sub(r"(?<=\d)-(?=\d)", "\0", stem)
    words = re.sub(r"[-_\s]+", " ", dates_kept).replace("\0", "-").strip()
    return words[:1].upper() + words[1:] or name


def prose_lines(text: str, blocks: Sequence[Block]) -> list[str]:
    """Returns the blocks of a text that may state its own date: a table's cells never do."""
    return [text[one.start : one.end] for one in blocks if one.kind is not BlockKind.TABLE_ROW]


def title_from_text(text: str, blocks: Sequence[Block], name: str) -> str:
    """Returns the heading that opens the text when it reads like a title, else the file name's."""
    opening = next((block for block in blocks if block.kind is not BlockKind.RESIDUE), None)
    if opening and opening.kind is BlockKind.HEADING:
        title = " ".join(text[opening.start : opening.end].split())
        if len(title.split()) >= _MIN_TITLE_WORDS and len(title) <= _MAX_TITLE_CHARS:
            return title
    return title_from_name(name)
