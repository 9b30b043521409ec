"""Keeps text from documents and people inside its fence, and orders to machines out of it."""

from retrieval.domain.single_line import single_line
from retrieval.text.instructions import INVISIBLE, withhold

# Look-alikes: nothing in a text can close the element that it stands in.
_BRACKETS = str.maketrans({"<": "‹", ">": "›"})


def fence(text: str) -> str:
    """Returns `text` such that it stands in a prompt as data and nothing else."""
    return INVISIBLE.sub("", withhold(text)).translate(_BRACKETS)


def fence_line(text: str, limit: int) -> str:
    """Returns a title or question as `fence` does, on one line: none of it can pass for another one."""
    return fence(single_line(text, limit))
