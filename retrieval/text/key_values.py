"""Lines that give one thing a value, such as "Buyer: Ardennes Aciers", and what they say of a document."""

import re
from dataclasses import dataclass
from itertools import takewhile

from retrieval.domain.documents import BlockKind, Document

# A label is short and holds no sentence; "http://" and times of day are none.
_FIELD = re.compile(r"\A\s*+[^\W\d_][^:\n.!?;|]{0,38}[:：](?!//)\s*\S")
_LABEL_WORDS = 5
# Labels that head no section even where they stand alone.
_KNOWN = re.compile(
    r"\A\s*+(?:date|time|place|venue|location|present|attendees|participants|apologies|author|authors|"
    r"written by|prepared by|approved by|from|to|cc|subject|re|contact|status|version|owner|"
    r"distribution|reference|ref)\s*[:：]\s*\S",
    re.IGNORECASE,
)
_MAX_LEAD_CHARS = 120
_LEAD_KINDS = (BlockKind.HEADING, BlockKind.LIST_ITEM)


def is_field(line: str) -> bool:
    """Says whether a line reads like a label and its value."""
    return bool(_FIELD.match(line)) and len(re.split("[:：]", line)[0].split()) <= _LABEL_WORDS


def value_of(line: str) -> str:
    """Returns what a field says after its label; of any other line, the line."""
    return re.split("[:：]", line, maxsplit=1)[1] if is_field(line) else line


def is_known_field(line: str) -> bool:
    """Says whether a line is a field that needs no other field beside it to be one."""
    return bool(_KNOWN.match(line))


@dataclass(frozen=True, slots=True)
class Lead:
    """The fields that open a document, in a line, and where in its text the last one ends."""

    line: str = ""
    end: int = 0


def leading_fields(document: Document) -> Lead:
    """Returns the fields that open a document: they say what all of it is about.

    None where it opens otherwise; no more fields than fit into 120 characters.
    """
    opening = takewhile(
        lambda block: block.kind in _LEAD_KINDS,
        (block for block in document.blocks if block.kind is not BlockKind.BOILERPLATE),
    )
    lead = Lead()
    for block in opening:
        field = " ".join(document.text[block.start : block.end].split())
        if is_field(field):
            longer = f"{lead.line}; {field}" if lead.line else field
            if len(longer) > _MAX_LEAD_CHARS:
                break
            lead = Lead(longer, block.end)
    return lead
