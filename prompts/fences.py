"""Keeps text from documents and people inside its fence, and orders to machines out of it."""

import re

from retrieval.instructions import withhold

# Look-alikes: nothing in a text can close the element that it stands in.
_BRACKETS = str.maketrans({"<": "‹", ">": "›"})
# Invisible characters carry orders that no reader sees: zero width, directions, tags.
_INVISIBLE = re.compile(
    "[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\U000e0000-\U000e007f]"
)


def fence(text: str) -> str:
    """Returns `text` such that it stands in a prompt as data and nothing else."""
    return _INVISIBLE.sub("", withhold(text)).translate(_BRACKETS)
