"""Words an answer is framed with: dates of sources, readings, not knowing."""

import re
from collections.abc import Sequence
from itertools import groupby

from bot.citations import CitedStatement

_MONTHS = (
    "January February March April May June July August September October November December".split()
)
NOT_FOUND = "I don't know: the documents don't seem to answer this."
_BULLET_LINE = re.compile(r"\n\s*(?=(?:[-*•]|\d{1,2}[.)])\s)")


def readable_date(iso: str) -> str:
    """Returns an ISO date in words: `2024-12` -> `December 2024`, `2024-12-31` -> `31 December 2024`."""
    parts = iso.split("-")
    words = [parts[0]]
    if len(parts) > 1:
        words.insert(0, _MONTHS[int(parts[1]) - 1])
    if len(parts) > 2:
        words.insert(0, str(int(parts[2])))
    return " ".join(words)


def readable_quote(quote: str) -> str:
    """Returns a quote with its white space folded; items of a list keep their lines."""
    return "\n".join(" ".join(line.split()) for line in _BULLET_LINE.split(quote))


def as_answer(statements: Sequence[CitedStatement]) -> str:
    """Returns the text of an answer: statements with markers, sources' dates before them."""
    runs = groupby(statements, key=lambda cited: (cited.citation.document, cited.citation.date))
    parts = []
    for (_, date), run in runs:
        text = " ".join(f"{cited.statement} [{cited.citation.number}]" for cited in run)
        parts.append(f"As of {readable_date(date)}: {text}" if date else text)
    return "\n\n".join(parts)


def as_readings(statements: Sequence[CitedStatement]) -> str:
    """Returns the text of an answer that differs from place to place."""
    lines = [f"The documents give {_count(len(statements))} readings:"]
    for cited in statements:
        date = cited.citation.date
        dated = f" (as of {readable_date(date)})" if date else ""
        lines.append(f"{len(lines)}. {cited.statement} [{cited.citation.number}]{dated}")
    return "\n".join(lines)


def _count(number: int) -> str:
    return {2: "two", 3: "three"}.get(number, str(number))
