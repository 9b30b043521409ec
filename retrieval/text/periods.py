"""Months, quarters and halves of a year in a question, by all the names that documents give them."""

import re
from dataclasses import dataclass

from retrieval.text.dates import MONTHS, month_number

_ORDINALS = ("first", "second", "third", "fourth")
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_MONTH = "|".join(rf"{name[:3]}(?:{name[3:]}|t?\.?)" for name in MONTHS)
_MONTHLY = re.compile(rf"\b(?P<month>{_MONTH})(?:\s+of)?,?\s+{_YEAR}\b", re.IGNORECASE)
_SHORT = re.compile(
    rf"\b(?P<kind>[QH])(?P<number>[1-4])(?:\s+of)?,?[\s/-]+{_YEAR}\b", re.IGNORECASE
)
_LONG = re.compile(
    rf"\b(?P<ordinal>{'|'.join(_ORDINALS)})[\s-](?P<kind>quarter|half)(?:\s+of)?,?\s+{_YEAR}\b",
    re.IGNORECASE,
)
_KINDS = {"q": "quarter", "h": "half"}


@dataclass(frozen=True, slots=True)
class CalendarPeriod:
    """A stretch of time that a text names at `text[start:end]`; `names` are ways to write it."""

    names: tuple[str, ...]
    start: int
    end: int


def periods_in(text: str) -> list[CalendarPeriod]:
    """Returns the months, quarters and halves of a stated year in `text`, in order."""
    found = [
        CalendarPeriod(_month_names(match), *match.span()) for match in _MONTHLY.finditer(text)
    ]
    for pattern in (_SHORT, _LONG):
        found += [
            CalendarPeriod(_part_names(match), *match.span()) for match in pattern.finditer(text)
        ]
    return sorted(found, key=lambda period: period.start)


def spell_periods(text: str) -> str:
    """Returns `text` with "Q1 2023" followed by "first quarter of 2023", which a model knows better."""
    return _SHORT.sub(lambda match: f"{match.group()} ({_part_names(match)[0]})", text)


def _month_names(match: re.Match[str]) -> tuple[str, ...]:
    number = month_number(match["month"])
    return f"{MONTHS[number - 1].title()} {match['year']}", f"{match['year']}-{number:02}"


def _part_names(match: re.Match[str]) -> tuple[str, ...]:
    kind = match["kind"].lower()
    parts = match.groupdict()
    number = int(parts.get("number") or 1 + _ORDINALS.index(parts.get("ordinal", "first").lower()))
    long = _KINDS.get(kind, kind)
    spelled = f"{_ORDINALS[number - 1]} {long}"
    return f"{spelled} of {match['year']}", f"{long[0].upper()}{number} {match['year']}"
