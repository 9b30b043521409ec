"""Whether a written statement says more than its evidence: what it names must stand there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from retrieval.text.dates import dates_in
from retrieval.text.glossary import Glossary, Mention
from retrieval.text.terms import STOP_WORDS, content_words, stems

_NUMBER = re.compile(
    r"(?P<digits>\d+(?:[.,]\d+)*)(?:\s*(?P<scale>thousand|million|billion|trillion|bn|mn)\b)?"
    r"(?P<percent>\s*(?:%|per\s?cent\b|percentage points?\b))?",
    re.IGNORECASE,
)
_SCALES = {
    "thousand": 10**3, "million": 10**6, "mn": 10**6, "billion": 10**9, "bn": 10**9,
    "trillion": 10**12,
}  # fmt: skip
_WORD_NUMBERS = {
    word: Decimal(number)
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve".split()
    )
    if number > 1
} | {"twenty": Decimal(20), "thirty": Decimal(30), "fifty": Decimal(50), "hundred": Decimal(100)}
_TOKEN = re.compile(r"(?<![\w’'-])[^\W\d_][\w-]*")
_OPENING = re.compile(r"^\W*|[.?!:]\s+")
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_POSSESSIVE = re.compile(r"[’']s\b")
# "No" is not nobelium.
_AS_WRITTEN = 2
# Sentences open with these without naming anything; what else opens one is held to be a name.
_OPENERS = frozenset(
    """according additionally although altogether approximately around because besides compared
    consequently currently despite due each every finally first following furthermore generally
    hence here however instead later like meanwhile moreover nearly neither nevertheless overall
    second similarly since specifically still therefore thus today together unlike until whereas
    within without yes amount annual building capacity company companies consumption costs customers
    demand deposit documents employment exports figures growth imports inventory investment mining
    output ownership people plans price prices processing producers production profit progress
    projects recovery refining reserves results revenue sales separation shares spending staff
    stocks suppliers supply total workers""".split()
)
# A statement may use two words of its own; beyond that, most must be the evidence's.
_OWN_WORDS = 2
_OWN_SHARE = 0.5
_QUOTED_SHARE = 1 / 3


@dataclass(frozen=True, slots=True)
class StatementEvidence:
    """What a statement may draw on; `percent` says that bare numbers stand in columns of %."""

    text: str
    percent: bool = False


@dataclass(frozen=True, slots=True)
class Lack:
    """What a statement holds and its evidence does not; `reason` is its kind."""

    reason: str
    detail: str


def lacking(statement: str, evidence: StatementEvidence, glossary: Glossary) -> Lack | None:
    """Returns the first thing in `statement` that `evidence` does not bear out, or None.

    Dates and numbers count by value, not by how they are written: "1,200" and "1200",
    "two" and "2", "1.9 million" and "1,900,000", "3 May 2024" and "2024-05-03". A
    percentage must stand there as one. A name may stand under another of its names in
    the glossary: "Dy", "dysprosium".
    """
    dates, rest = _without_dates(statement)
    known_dates = {found.iso for found in dates_in(evidence.text)}
    for iso, written in dates:
        if not any(known.startswith(iso) for known in known_dates):
            return Lack("date", written)
    return (
        _missing_number(rest, evidence)
        or _missing_name(rest, evidence.text, glossary)
        or _too_many_own_words(rest, evidence.text, glossary)
    )


def _without_dates(statement: str) -> tuple[list[tuple[str, str]], str]:
    """The dates of a statement, and what is left of it."""
    found = dates_in(statement)
    rest = statement
    for date in reversed(found):
        rest = f"{rest[: date.start]} {rest[date.end :]}"
    return [(date.iso, statement[date.start : date.end]) for date in found], rest


def _missing_number(statement: str, evidence: StatementEvidence) -> Lack | None:
    numbers = list(_numbers(evidence.text))
    known = {value for value, _, _ in numbers}
    shares = {value for value, is_share, _ in numbers if is_share or evidence.percent}
    for value, is_share, written in _numbers(statement):
        if value not in known:
            return Lack("percentage" if is_share else "number", written)
        if is_share and value not in shares:
            return Lack("percentage", written)
    return None


def _numbers(text: str) -> Iterator[tuple[Decimal, bool, str]]:
    """The numbers of a text by value: whether each is a percentage, and how it is written."""
    for match in _NUMBER.finditer(text):
        digits = re.sub(r",(?=\d{3}(?:\D|$))", "", match["digits"]).replace(",", ".")
        whole, _, fraction = digits.partition(".")
        value = Decimal(f"{whole}.{fraction.replace('.', '') or '0'}")
        scale = _SCALES.get((match["scale"] or "").lower(), 1)
        yield (value * scale).normalize(), bool(match["percent"]), match.group().strip()
    for word in _WORD.findall(text):
        if word.lower() in _WORD_NUMBERS:
            yield _WORD_NUMBERS[word.lower()].normalize(), False, word


def _missing_name(statement: str, evidence: str, glossary: Glossary) -> Lack | None:
    words = _words(evidence)
    stemmed = set(stems(evidence))
    covered = [range(m.start, m.end) for m in _known_mentions(statement, evidence, glossary)]
    openings = {match.end() for match in _OPENING.finditer(statement)}
    for match in _TOKEN.finditer(statement):
        name = match.group().lower()
        if (
            not match.group()[0].isupper()
            or name in words
            or name in STOP_WORDS
            or any(match.start() in span for span in covered)
        ):
            continue
        # What opens a sentence has its capital from there, and may be bent.
        opens = match.start() in openings
        if opens and (name in _OPENERS or set(stems(name)) <= stemmed):
            continue
        return Lack("name", match.group())
    return None


def _too_many_own_words(statement: str, evidence: str, glossary: Glossary) -> Lack | None:
    known = _known_stems(statement, evidence, glossary)
    used = content_words(_NUMBER.sub(" ", statement))
    own = [word for word in used if not set(stems(word)) & known]
    if len(own) > _OWN_WORDS and len(own) > _OWN_SHARE * len(used):
        return Lack("words", " ".join(own[:5]))
    return None


def speaks_of(statement: str, quotes: str, glossary: Glossary) -> bool:
    """Says whether a statement is about what its quotes say: a third of its words are theirs."""
    return known_share(statement, quotes, glossary) >= _QUOTED_SHARE


def known_share(statement: str, evidence: str, glossary: Glossary) -> float:
    """Returns the share of a statement's content words that the evidence has, 1 without any."""
    known = _known_stems(statement, evidence, glossary)
    used = content_words(statement)
    shared = sum(bool(set(stems(word)) & known) for word in used)
    return shared / len(used) if used else 1.0


def _known_stems(statement: str, evidence: str, glossary: Glossary) -> set[str]:
    """The stems of the evidence, and of what the statement calls by another name."""
    named = (stems(mention.form) for mention in _known_mentions(statement, evidence, glossary))
    return set(stems(evidence)).union(*named)


def _known_mentions(statement: str, evidence: str, glossary: Glossary) -> list[Mention]:
    """What a statement names that the evidence names too, if by another name."""
    return [
        mention
        for mention in glossary.mentions(statement)
        if any(_stands(form, evidence) for form in mention.group)
    ]


def _stands(form: str, text: str) -> bool:
    """Says whether a name stands in a text as a whole word; short ones only as written."""
    flags = 0 if len(form) <= _AS_WRITTEN else re.IGNORECASE
    return re.search(rf"(?<!\w){re.escape(form)}(?!\w)", text, flags) is not None


def _words(text: str) -> set[str]:
    """The words of a text in lower case, whole and by the parts of compounds."""
    whole = {word.lower() for word in _WORD.findall(_POSSESSIVE.sub("", text))}
    return whole | {part for word in whole for part in word.split("-")}
