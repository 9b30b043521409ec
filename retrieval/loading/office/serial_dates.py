"""Shows a spreadsheet's dates: days since 1900 or 1904, worded by a format code's date parts."""

import locale
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import lru_cache

_KINDS = ("date", "elapsed", "meridiem")
# 29 February 1900, which never was, counts as day 60 of Excel's calendar (ECMA-376-1, 18.17.4.1).
_LEAP_THAT_NEVER_WAS = 60
_SECONDS_A_DAY = 86_400


def is_date_token(kind: str) -> bool:
    """Says whether a token of this kind makes a format code one of a date or time."""
    return kind in _KINDS


def date_of(value: float, since_1904: bool = False, places: int = 0) -> datetime:
    """Returns the date and time of a serial number, rounded to `places` digits of a second.

    Raises `ValueError` or `OverflowError` for a number that is no date.
    """
    if value < 0:
        raise ValueError("no date is before the first day")
    if since_1904:
        first = datetime(1904, 1, 1)  # noqa: DTZ001  a spreadsheet knows no time zone
    else:
        first = datetime(1899, 12, 30 if value > _LEAP_THAT_NEVER_WAS else 31)  # noqa: DTZ001
    return first + timedelta(seconds=round(value * _SECONDS_A_DAY, places))


class DateShown:
    """The date parts of a format code. `language` is a Windows language number, 0 for English."""

    def __init__(self, tokens: Sequence[tuple[str, str]], language: int) -> None:
        self._tokens = list(_with_minutes(tokens))
        self._language = language
        self._places = _fraction_digits(tokens)
        self._halves = any(kind == "meridiem" for kind, _ in tokens)

    def shown(self, value: float, since_1904: bool) -> str:
        """Returns a serial number as date or time; raises as `date_of` does."""
        if any(kind == "elapsed" for kind, _ in self._tokens) and value < 0:
            return f"-{self.shown(-value, since_1904)}"
        when = date_of(value, since_1904, self._places)
        total = round(value * _SECONDS_A_DAY)
        words, skip = [], 0
        for number, (kind, text) in enumerate(self._tokens):
            if skip:
                skip -= 1
            elif kind == "elapsed":
                words.append(f"{_elapsed(text, total):0{len(text)}d}")
            elif kind == "meridiem":
                words.append("AM" if when.hour < 12 else "PM")
            elif kind in ("date", "minute"):
                words.append(self._part(kind, text, when))
            elif text == "." and self._next_is_digit(number):
                words.append(f".{when.microsecond:06d}"[: self._places + 1])
                skip = self._places
            else:
                words.append("" if text in ("@", "general") else text)
        return " ".join("".join(words).split())

    def _next_is_digit(self, number: int) -> bool:
        return number + 1 < len(self._tokens) and self._tokens[number + 1][0] == "digit"

    def _part(self, kind: str, text: str, when: datetime) -> str:
        size = len(text)
        if kind == "minute":
            return f"{when.minute:0{min(size, 2)}d}"
        if text[0] == "y":
            return f"{when.year:04d}" if size > 2 else f"{when.year % 100:02d}"
        if text[0] == "h":
            hour = (when.hour - 1) % 12 + 1 if self._halves else when.hour
            return f"{hour:0{min(size, 2)}d}"
        if text[0] == "s":
            return f"{when.second:0{min(size, 2)}d}"
        number = when.month if text[0] == "m" else when.day
        if size <= 2:
            return f"{number:0{size}d}"
        width = {3: "abbreviated", 5: "narrow"}.get(size, "wide")
        names = _names("months" if text[0] == "m" else "days", width, self._language)
        return names[when.month if text[0] == "m" else when.weekday()]


@lru_cache(maxsize=256)
def _names(kind: str, width: str, language: int) -> dict[int, str]:
    from babel import Locale, UnknownLocaleError

    try:
        spoken = Locale.parse(locale.windows_locale.get(language, "en_US"))
    except (ValueError, UnknownLocaleError):
        spoken = Locale.parse("en_US")
    names: dict[int, str] = dict(
        (spoken.months if kind == "months" else spoken.days)["format"][width]
    )
    return names


def _with_minutes(tokens: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """An `m` behind hours or before seconds is minutes; any other is a month."""
    parts = [i for i, (kind, _) in enumerate(tokens) if kind in ("date", "elapsed")]
    for number, (kind, text) in enumerate(tokens):
        if kind == "date" and text[0] == "m" and len(text) <= 2:
            at = parts.index(number)
            before = tokens[parts[at - 1]][1] if at else " "
            after = tokens[parts[at + 1]][1] if at + 1 < len(parts) else " "
            if before[0] == "h" or after[0] == "s":
                yield "minute", text
                continue
        yield kind, text


def _fraction_digits(tokens: Sequence[tuple[str, str]]) -> int:
    return min(6, sum(kind == "digit" for kind, _ in tokens))


def _elapsed(text: str, total: int) -> int:
    return total // {"h": 3600, "m": 60}.get(text[0], 1)
