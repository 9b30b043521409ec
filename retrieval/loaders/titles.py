"""Gives a document a title when its format does not."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from retrieval.dates import dates_in
from retrieval.documents import Block, BlockKind

_MIN_TITLE_WORDS = 3
_MAX_TITLE_CHARS = 200


# What stands at the top of a document, or in a format's field for it, and names nothing.
_NO_TITLE = re.compile(
    r"\W*(?:(?:prepared|written|submitted|compiled|presented|published|approved|edited|authored|"
    r"drafted|issued|signed|reviewed)\s+(?:by|for|to)\b.*|by\s*:?\s+[A-Z].*|"
    r"for\s+immediate\s+(?:release|distribution).*|(?:press|news|media)\s+release|embargoed\b.*|"
    r"(?:strictly\s+|private\s+and\s+|company\s+)?confidential\b.{0,40}|draft|internal(?:\s+use)?(?:\s+only)?|"
    r"(?:accession\s+(?:number|no\.?)\W*)?\d{10}-?\d{2}-?\d{6}\b.{0,40}|"
    r"untitled\b.*|(?:document|presentation|slide|page|sheet|book|mappe|dokument|präsentation)\s?\d*|"
    r"microsoft\s+(?:word|excel|powerpoint)\b.*|powerpoint[- ](?:presentation|präsentation)|"
    r"[^\n]{0,120}\.(?:docx?|pdf|indd|qxd|xlsx?|pptx?|html?|rtf|txt|md|tmp|dvi|ps|eps|tex)|"
    r"(?:table\s+of\s+)?contents|inhalt(?:sverzeichnis)?|(?:no|document|page|your|insert|enter)?\s*title(?:\s+here)?|"
    r"new\s+(?:page|document)|default|null|none|n/?a|anonymous|home(?:page)?|index|welcome|[\d\W_]*|"
    r"(?:to|from|cc|dear|subject|re|date|attn|attention)\b\s*[:,].*|dear\s.*|page\s+\d+\s+of\s+\d+)\W*",
    re.IGNORECASE,
)
_OPENING_BLOCKS = 8


def is_title(text: str) -> bool:
    """Says whether a text may name a document: no "Prepared by …", no number, no format's default.

    A line that is only a date is none either.
    """
    words = " ".join(text.split())
    if not words or len(words) > _MAX_TITLE_CHARS or _NO_TITLE.fullmatch(words):
        return False
    rest = words
    for found in reversed(dates_in(words)):
        rest = rest[: found.start] + rest[found.end :]
    return any(character.isalpha() for character in rest)


def title_from_name(name: str) -> str:
    """Returns a readable title made of a file name: `ndpr-prices_2024.txt` -> `Ndpr prices 2024`."""
    stem = PurePosixPath(name).stem
    dates_kept = re.sub(r"(?<=\d)-(?=\d)", "\0", stem)
    words = re.sub(r"[-_\s]+", " ", dates_kept).replace("\0", "-").strip()
    return words[:1].upper() + words[1:] or name


def title_from_text(text: str, blocks: Sequence[Block], name: str) -> str:
    """Returns the heading that opens the text when it reads like a title, else the file name's.

    Lines above it that name nothing, such as "FOR IMMEDIATE RELEASE", are passed over.
    """
    for block in blocks[:_OPENING_BLOCKS]:
        title = " ".join(text[block.start : min(block.end, block.start + 1_000)].split())
        if not title:
            continue
        if block.kind is BlockKind.HEADING and is_title(title):
            enough = len(title.split()) >= _MIN_TITLE_WORDS or not title.isascii()
            return title if enough else title_from_name(name)
        if is_title(title):
            break
    return title_from_name(name)
