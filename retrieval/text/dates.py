"""Finds the date that a document gives itself; never the date of an event it tells of."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

MONTHS = (
    "january february march april may june july august september october november december".split()
)
_MONTHS = {name: number for number, name in enumerate(MONTHS, start=1)}
_MONTHS |= {name[:3]: number for name, number in _MONTHS.items()} | {"sept": 9}
_MONTH = rf"(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})(?![^\W\d_])\.?"
_YEAR = r"(?P<year>(?:19|20)\d\d)(?!\d)"
_ANY_YEAR = re.compile(_YEAR)
_YEAR_ALONE = re.compile(rf"\A{_YEAR}\W{{0,20}}\Z")
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<mark>[-/.])(?P<number>\d{1,2})(?P=mark)(?P<day>\d{1,2})(?!\d)",
        r"(?P<year>(?:19|20)\d\d)\s?年\s?(?P<number>\d{1,2})\s?月(?:\s?(?P<day>\d{1,2})\s?日)?",
        rf"\b{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+{_YEAR}",
        rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?\s+(?:of\s+)?{_MONTH},?\s+{_YEAR}",
        rf"\b{_MONTH}(?:\s+of)?,?\s+{_YEAR}",
        r"(?<![\d-])(?P<year>(?:19|20)\d\d)-(?P<number>\d{1,2})(?![\d-])",
    )
)
# "31.05.2024" has its day first, as all of Europe writes it; between slashes that is sure only
# where one number is no month.
_NUMBERS = re.compile(
    rf"(?<![\d./-])(?P<first>\d{{1,2}})(?P<mark>[./-])(?P<second>\d{{1,2}})(?P=mark){_YEAR}(?![/-]\d)"
)
_LABEL = re.compile(
    r"\A\W{0,20}(?:(?:date|datum|fecha|data|dato)(?:\s{1,5}(?:of|de|da|der)\s{1,5}(?:the\s{1,5}|la\s{1,5})?(?:publication|"
    r"publicación|issue|report|release|letter|memo|posting))?|dated|published(?:\s{1,5}(?:on|at))?|"
    r"publication\s{1,5}date|date\s{1,5}(?:published|issued|posted)|posted(?:\s{1,5}on)?|"
    r"(?:last\s{1,5})?(?:updated|modified|revised)(?:\s{1,5}on)?|issued(?:\s{1,5}on)?|issue\s{1,5}date|"
    r"effective(?:\s{1,5}(?:date|from))?|released?(?:\s{1,5}(?:on|date))?|report\s{1,5}date|veröffentlicht(?:\s{1,5}am)?|stand|publié\s{1,5}le|"
    r"publicado(?:\s{1,5}(?:el|em))?|pubblicato(?:\s{1,5}il)?|opublikowano|publicerad|"
    r"дата|发布(?:日期|时间)|更新(?:日期|时间)|日期)"
    r"(?:\s{0,5}[:：]\s{0,5}|\s{1,5}(?=\d)|\s{1,5}(?=[A-Z][a-z]{2,8}\.?\s{1,5}\d))(?P<rest>.{4,60})",
    re.IGNORECASE,
)
# What a date stands beside that is not the day a document was published.
_OTHER_DAYS = re.compile(
    r"\b(?:valid|until|till|expir\w{0,10}|expiry|deadlines?|due|no\s{1,5}later|next|review\s{1,5}(?:by|date)|"
    r"founded|established|since|born|birth|incorporat\w{0,10}|granted|commissioned|"
    r"(?:years?|quarters?|periods?|months)\s{1,5}end(?:ed|ing|s)?|end(?:s|ed|ing)?|starts?|starting|"
    r"begins?|meetings?\s{1,5}(?:of|on)|from\s{1,5}.{1,40}\s{1,5}to|gültig\w{0,10}|bis|frist|fällig\w{0,10}|ablauf|"
    r"valable|jusqu\w{0,10}|expire|vence|vencimiento|válid\w{0,10}|copyright)\b|"
    r"\b(?:in|during|between|since|to|through)\s{1,5}(?:\d{1,2}\s{1,5})?[A-Z][a-z]{2,8}\.?\s{1,5}(?:\d{1,2},?\s{1,5})?(?:19|20)\d\d|"
    r"\bby\s{1,5}(?:the\s{1,5})?(?:\d|[A-Z][a-z]{2,8}\.?\s{1,5}\d)|©|有效期|截止|到期|\A\W{0,20}(?:re|subject|betreff|betrifft|"
    r"objet|asunto)\s{0,5}[:：]|\s\|\s|\t",
    re.IGNORECASE,
)
_FIELD_LABEL = re.compile(r"\A[^:：]{1,40}[:：]")
_DATE_WORD = re.compile(r"\b(?:date|datum|fecha|dato)\b", re.IGNORECASE)
_FILE_NAME = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<mark>[-_.]?)(?P<number>0[1-9]|1[0-2])"
    r"(?:(?P=mark)(?P<day>[0-3]\d))?(?![^\W_]|-?[KQ](?![^\W_]))"
)
_SENTENCE_ENDS = (".", "!", "?", "。", "！", "？", ";", "；")
_CHINESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
_LINES_TO_READ, _LONGEST_LINE = 15, 70


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date in a text, at `text[start:end]`; `iso` is ISO 8601, as precise as stated."""

    iso: str
    start: int
    end: int


def month_number(name: str) -> int:
    """Returns 1 to 12 for the name of a month, or how it is shortened; 0 for anything else."""
    return _MONTHS.get(name.lower().rstrip("."), 0)


def dates_in(text: str) -> list[FoundDate]:
    """Returns the dates in `text` that state a month at least, in order, none inside another.

    A date whose day and month could be exchanged, such as 03/05/2024, is not among them.
    """
    found: list[FoundDate] = []
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            _keep(found, match, _to_iso(match.groupdict()))
    for match in _NUMBERS.finditer(text):
        _keep(found, match, _of_numbers(match))
    return sorted(found, key=lambda one: one.start)


def parse_date(text: str) -> str | None:
    """Returns the first date in `text` as ISO 8601, as precise as stated, or None."""
    found = dates_in(text)
    return found[0].iso if found else None


def is_past(iso: str) -> bool:
    """Says whether a date, however precise, is not after today; a day's grace for time zones."""
    latest = (datetime.now(UTC).date() + timedelta(days=1)).isoformat()
    return iso <= latest[: len(iso)]


def stated_date(lines: Iterable[str]) -> str | None:
    """Returns the publication date stated in a document's first lines, or None.

    Counts are a labelled date ("Published: 3 May 2024") and a line that is
    little more than a date; a date inside a sentence is an event's. Dates until which
    something holds, dates of meetings and periods, and days in the future are never meant.
    """
    top = [line.strip() for line in lines if line.strip()][:_LINES_TO_READ]
    for line in top:
        label = _LABEL.match(line) if len(line) < 120 else None
        found = _labelled(label["rest"]) if label and not _OTHER_DAYS.search(line) else None
        if found and is_past(found):
            return found
    return next((found for line in top if (found := _date_line(line)) and is_past(found)), None)


def date_in_name(name: str) -> str | None:
    """Returns the year-month or date in a file name such as `report-2024-12.txt`, or None."""
    stem = name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    found = None
    for match in _FILE_NAME.finditer(stem):
        # "202412" may be any number; "20241231" is a day.
        if match["mark"] or match["day"]:
            found = _to_iso(match.groupdict())
            break
    found = found or parse_date(stem.replace("_", " "))
    return found if found and is_past(found) else None


def _keep(found: list[FoundDate], match: re.Match[str], iso: str | None) -> None:
    apart = all(match.end() <= other.start or match.start() >= other.end for other in found)
    if iso and apart:
        found.append(FoundDate(iso, match.start(), match.end()))


def _labelled(rest: str) -> str | None:
    """The date behind a label; its year alone where no more is sure."""
    if found := parse_date(rest) or _of_other_languages(rest):
        return found
    ambiguous = _NUMBERS.match(rest) or _YEAR_ALONE.match(rest)
    return ambiguous["year"] if ambiguous else None


def _date_line(line: str) -> str | None:
    if len(line) > _LONGEST_LINE or line.endswith(_SENTENCE_ENDS) or _OTHER_DAYS.search(line):
        return None
    if len(_CHINESE.findall(line)) > 14 or "，" in line:
        return None
    if _FIELD_LABEL.match(line) and not _DATE_WORD.search(line.split(":", maxsplit=1)[0]):
        return None
    dates = {found.iso for found in dates_in(line)}
    found = dates.pop() if len(dates) == 1 else None if dates else _of_other_languages(line)
    if found is None:
        return None
    words = [word for word in re.findall(r"[^\W\d_]+", line) if not month_number(word)]
    return found if len(words) <= 4 else None


def _of_other_languages(line: str) -> str | None:
    if not _ANY_YEAR.search(line):
        return None
    from retrieval.text.foreign_dates import parse_foreign_date

    return parse_foreign_date(line)


def _of_numbers(match: re.Match[str]) -> str | None:
    first, second = int(match["first"]), int(match["second"])
    if match["mark"] == "." or first > 12 or first == second:
        day, month = first, second
    elif second > 12:
        day, month = second, first
    else:
        return None
    return _checked(int(match["year"]), month, day)


def _to_iso(parts: dict[str, str | None]) -> str | None:
    name = parts.get("month")
    month = month_number(name) if name else int(parts.get("number") or 0)
    return _checked(int(parts["year"] or 0), month, int(parts.get("day") or 0))


def _checked(year: int, month: int, day: int) -> str | None:
    try:
        checked = date(year, month, day or 1)
    except ValueError:
        return None
    return checked.isoformat() if day else f"{year:04d}-{month:02d}"
