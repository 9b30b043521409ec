"""Names and titles from outside as one visible line: what they say, and nothing that they do.

A file name, a title or a sheet's name may hold line breaks that forge a line of ours, marks
that turn the direction of what follows, and characters that nobody sees.
"""

import re

MAX_NAME_CHARS = 200
_ELLIPSIS = "…"
# Unicode's Default_Ignorable_Code_Point (DerivedCoreProperties.txt), but for the variation
# selectors 15 and 16, which choose between a sign and an emoji: zero width, directions, tags.
# The blank of Braille is not among them, and as invisible.
_UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u2800\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)
# Controls (C0 and C1 but for white space), halves of characters, and what is no character.
_NO_CHARACTERS = "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
_INVISIBLE = re.compile(f"[{_UNSEEN}{_NO_CHARACTERS}]")
# Directions, and what no terminal or client should be sent, in text that keeps its lines.
_HARMFUL = re.compile(f"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\x1f{_NO_CHARACTERS}]")
# Line ends by other names: a client may begin a line at any of them.
_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
# More marks than that on one letter are no writing: they cover the lines above and below.
_MARKS = re.compile("([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{4})"
                    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")  # fmt: skip


def without_invisible(text: str) -> str:
    """Returns `text` without the characters that nobody sees; line breaks and tabs stay."""
    return _INVISIBLE.sub("", text)


def without_controls(text: str) -> str:
    """Returns `text` without controls and marks of direction, all its line ends line feeds."""
    return _LINE_ENDS.sub("\n", _HARMFUL.sub("", text))


def single_line(text: str, limit: int = MAX_NAME_CHARS) -> str:
    """Returns a name or title as one line of at most `limit` characters, the last one `…` if cut.

    White space of every kind is folded to single blanks. Linear in the length of `text`.
    """
    line = " ".join(without_invisible(text).split())
    line = _MARKS.sub(r"\1", line)
    return line if len(line) <= limit else line[: limit - 1].rstrip() + _ELLIPSIS


def single_line_path(path: str, limit: int = MAX_NAME_CHARS) -> str:
    """Returns a path of folders or headings, or an address, as one line; where it is cut, its end stays."""
    line = single_line(path, len(path) + 1)
    return line if len(line) <= limit else _ELLIPSIS + line[1 - limit :].lstrip()
