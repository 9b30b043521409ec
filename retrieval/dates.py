"""Finds the date that a document gives itself; never the date of an event it tells of."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

MONTHS = (
    "january february march april may june july august september october november december".split()
)
_MONTHS = {name[:3]: number for number, name in enumerate(MONTHS, start=1)}
_MONTH = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?P<year>(?:19|20)\d\d)[-/.](?P<number>\d{1,2})[-/.](?P<day>\d{1,2})(?!\d)",
        r"(?P<year>(?:19|20)\d\d)年(?P<number>\d{1,2})月(?:(?P<day>\d{1,2})日)?",
        rf"\b{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>(?:19|20)\d\d)\b",
        rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+{_MONTH},?\s+(?P<year>(?:19|20)\d\d)\b",
        rf"\b{_MONTH},?\s+(?P<year>(?:19|20)\d\d)\b",
        r"(?P<year>(?:19|20)\d\d)-(?P<number>\d{1,2})(?!\d)",
    )
)
_LABEL = re.compile(
    r"^\W*(?:date(?:\s+of\s+(?:publication|issue|report))?|published(?:\s+(?:on|at))?|publication\s+date|"
    r"posted(?:\s+on)?|(?:last\s+)?updated|issued(?:\s+on)?|released?(?:\s+(?:on|date))?|"
    r"report\s+date|effective(?:\s+date)?|发布日期|日期)\W{1,3}(?P<rest>.{4,60})",
    re.IGNORECASE,
)
_FILE_NAME = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)(?:[-_.](?P<number>0[1-9]|1[0-2])(?:[-_.](?P<day>[0-3]\d))?)?(?!\d)"
)
_LINES_TO_READ = 15


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date in a text, at `text[start:end]`; `iso` is ISO 8601, as precise as stated."""

    iso: str
    start: int
    end: int


def month_number(name: str) -> int:
    """Returns 1 to 12 for the name of a month, or how it is shortened; 0 for anything else."""
    return _MONTHS.get(name.lower()[:3], 0)


def dates_in(text: str) -> list[FoundDate]:
    """Returns the dates in `text` that state a month at least, in order, none inside another."""
    found: list[FoundDate] = []
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            iso = _to_iso(match.groupdict())
            apart = all(match.end() <= other.start or match.start() >= other.end for other in found)
            if iso and apart:
                found.append(FoundDate(iso, match.start(), match.end()))
    return sorted(found, key=lambda one: one.start)


def parse_date(text: str) -> str | None:
    """Returns the first date in `text` as ISO 8601, as precise as stated, or None."""
    found = dates_in(text)
    return found[0].iso if found else None


def stated_date(lines: Iterable[str]) -> str | None:
    """Returns the publication date stated in a document's first lines, or None.

    Counts are a labelled date ("Published: 3 May 2024") and a line that is
    little more than a date; a date inside a sentence is an event's.
    """
    top = [line.strip() for line in lines if line.strip()][:_LINES_TO_READ]
    for line in top:
        label = _LABEL.match(line)
        found = parse_date(label["rest"]) if label else None
        if found:
            return found
    return next((found for line in top if (found := _date_line(line))), None)


def date_in_name(name: str) -> str | None:
    """Returns the year-month or date in a file name such as `report-2024-12.txt`, or None."""
    stem = name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    match = _FILE_NAME.search(stem)
    return _to_iso(match.groupdict()) if match and match["number"] else None


def _date_line(line: str) -> str | None:
    found = parse_date(line) if len(line) <= 70 and not line.endswith(".") else None
    if found is None:
        return None
    words = [word for word in re.findall(r"[^\W\d_]+", line) if word.lower()[:3] not in _MONTHS]
    return found if len(words) <= 4 else None


def _to_iso(parts: dict[str, str | None]) -> str | None:
    year, month = int(parts["year"] or 0), _month_number(parts)
    day = int(parts.get("day") or 0)
    if not month:
        return None
    try:
        checked = date(year, month, day or 1)
    except ValueError:
        return None
    return checked.isoformat() if day else f"{year:04d}-{month:02d}"


def _month_number(parts: dict[str, str | None]) -> int:
    if parts.get("number"):
        return int(parts["number"] or 0)
    return month_number(parts.get("month") or "")
