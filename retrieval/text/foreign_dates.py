"""Reads dates that name their month in another language than English, with dateparser."""

import re
from functools import cache
from typing import Any

_LANGUAGES = (
    "de fr es it pt nl sv da nb fi pl cs sk hu ro bg hr sl tr ru uk el et lv lt id vi"
).split()
_DATE = re.compile(
    r"(?<!\w)(?:(?P<day>\d{1,2})(?:\.|er|º|°|ème|-го)?\s+(?:de\s+|d['’])?)?"
    r"(?P<month>[^\W\d_]{3,14})\.?,?\s+(?:de\s+|del\s+)?(?P<year>(?:19|20)\d\d)(?!\d)",
    re.IGNORECASE,
)
# A short word beside a year is rarely a month: "set 2024", "mag 2024".
_SHORTEST_ALONE = 4
_SHORT_NAMES = frozenset("mai maj mei май mayo maio".split())


def parse_foreign_date(text: str) -> str | None:
    """Returns the first date in `text` as ISO 8601, to the day or to the month as stated, or None.

    Looks at 200 characters at most.
    """
    for match in _DATE.finditer(text[:200]):
        day, month, year = match["day"], match["month"], match["year"]
        if not day and len(month) < _SHORTEST_ALONE and month.lower() not in _SHORT_NAMES:
            continue
        found = _parser().get_date_data(f"{day or 1} {month} {year}").date_obj
        if found is not None and str(found.year) == year and found.day == int(day or 1):
            return f"{found:%Y-%m-%d}" if day else f"{found:%Y-%m}"
    return None


@cache
def _parser() -> Any:
    from dateparser.date import DateDataParser

    settings = {"REQUIRE_PARTS": ["day", "month", "year"], "DATE_ORDER": "DMY"}
    return DateDataParser(languages=_LANGUAGES, settings=settings)
