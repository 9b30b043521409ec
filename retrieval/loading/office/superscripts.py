"""Tells a raised note mark from a power or an ordinal."""

import re

_MARK = re.compile(r"\s*+[(\[]?\s*+(\d{1,3}|[a-zA-Z]|\*{1,4}|[†‡§¶#])\s*+[)\]]?\s*+\Z")
# What a raised figure is a power of: lengths, ten, and brackets.
_POWER = re.compile(
    r"(?:(?:\A|[^A-Za-z])(?:[kcdmµn]?m|ft|in|yd|s|h|a|kg|mol|K)|[×x·*]\s?10|\)|\A10)\Z"
)
_RAISED = str.maketrans("0123456789+-−()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁽⁾ⁿ")
_ORDINALS = ("st", "nd", "rd", "th", "er", "e", "o", "a")


def note_marks(before: str, raised: str) -> tuple[str, ...]:
    """Returns the note marks in raised text that follows `before`, or none where it is no mark."""
    marks = [_MARK.match(part) for part in re.split(r"[,;\s]+", raised.strip()) if part]
    if not marks or not all(marks) or is_power(before, raised):
        return ()
    return tuple(mark[1] for mark in marks if mark)


def is_power(before: str, raised: str) -> bool:
    """Says whether raised text is a power (m², 10⁶) or an ordinal's ending rather than a note mark."""
    text = raised.strip()
    if before[-1:].isdigit() and text in _ORDINALS[:4]:
        return True
    power = text.lstrip("+-−").isdigit()
    return power and (text[0] in "+-−" or bool(_POWER.search(before[-12:])))


def raised(text: str) -> str:
    """Returns a power in raised letters, so that it stands apart from the number before it."""
    return text.translate(_RAISED) if text.strip("0123456789+-−()n ") == "" else text
