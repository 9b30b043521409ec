"""Gives a document a title when its format does not."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from retrieval.domain.documents import Block, BlockKind
from retrieval.text.dates import dates_in

_MIN_TITLE_WORDS = 3
_MAX_TITLE_CHARS = 200


# What stands at the top of a document, or in a format's field for it, and names nothing.
_NO_TITLE = re.compile(
    r"\A\W{0,20}(?:(?:prepared|written|submitted|compiled|presented|published|approved|edited|authored|"
    r"drafted|issued|signed|reviewed)\s{1,3}(?:by|for|to)\b.{0,200}|by\s{0,3}:?\s{1,3}[A-Z].{0,200}|"
    r"for\s{1,3}immediate\s{1,3}(?:release|distribution).{0,200}|(?:press|news|media)\s{1,3}release|embargoed\b.{0,200}|"
    r"(?:strictly\s{1,3}|private\s{1,3}and\s{1,3}|company\s{1,3})?confidential\b.{0,40}|draft|internal(?:\s{1,3}use)?(?:\s{1,3}only)?|"
    r"(?:accession\s{1,3}(?:number|no\.?)\W{0,5})?\d{10}-?\d{2}-?\d{6}\b.{0,40}|"
    r"untitled\b.{0,200}|(?:document|presentation|slide|page|sheet|book|mappe|dokument|präsentation)\s?\d{0,5}|"
    r"microsoft\s{1,3}(?:word|excel|powerpoint)\b.{0,200}|powerpoint[- ](?:presentation|präsentation)|"
    r"[^\n]{0,120}\.(?:docx?|pdf|indd|qxd|xlsx?|pptx?|html?|rtf|txt|md|tmp|dvi|ps|eps|tex)|"
    r"(?:table\s{1,3}of\s{1,3})?contents|inhalt(?:sverzeichnis)?|(?:no|document|page|your|insert|enter)?\s{0,3}title(?:\s{1,3}here)?|"
    r"new\s{1,3}(?:page|document)|default|null|none|n/?a|anonymous|home(?:page)?|index|welcome|[\d\W_]{0,200}|"
    r"(?:to|from|cc|dear|subject|re|date|attn|attention)\b\s{0,3}[:,].{0,200}|dear\s.{0,200}|page\s{1,3}\d{1,5}\s{1,3}of\s{1,3}\d{1,5})\W{0,20}\Z",
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


def prose_lines(text: str, blocks: Sequence[Block]) -> list[str]:
    """Returns the blocks of a text that may state its own date: a table's cells never do."""
    return [text[one.start : one.end] for one in blocks if one.kind is not BlockKind.TABLE_ROW]


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
