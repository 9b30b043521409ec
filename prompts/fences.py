"""Keeps text from documents and people inside its fence, and orders to machines out of it."""

import re

from retrieval.instructions import withhold
from retrieval.single_line import single_line

# Look-alikes: nothing in a text can close the element that it stands in.
_BRACKETS = str.maketrans({"<": "‹", ">": "›"})
# Invisible characters carry orders that no reader sees: zero width, directions, tags.
_INVISIBLE = re.compile(
    "[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)


def fence(text: str) -> str:
    """Returns `text` such that it stands in a prompt as data and nothing else."""
    return _INVISIBLE.sub("", withhold(text)).translate(_BRACKETS)


def fence_line(text: str, limit: int) -> str:
    """Returns a title or question as `fence` does, on one line: none of it can pass for another one."""
    return fence(single_line(text, limit))
