"""Requirements: what a question obliges its answer to show: a price is told in money, a depth in a length.

`answer_kinds.py` says which sentences are the likelier answers, and lets many pass; this says of
the answer chosen that it cannot be one.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from bot.questions.answer_kinds import MONEY, WHICH_BODY
from retrieval.text.dates import MONTHS
from retrieval.text.terms import stems

_NUMBER = (
    r"(?:\d|[一二三四五六七八九十百千万两半]|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|"
    r"thirteen|fourteen|fifteen|sixteen|twenty|thirty|forty|fifty|hundred|thousand|half|no|none|dozen|third|"
    r"quarter|once|twice)\b)"
)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NO_NAMES = frozenset((*MONTHS, *_DAYS))
_NAME = re.compile(
    r"(?<=[\w,;:(“\"'] )[A-Z][\w'’-]{2,}|^[A-Z][\w'’-]+(?= [A-Z])|[\u4e00-\u9fff]{2,}"
)
# Somebody may be named by what they are.
_ROLE = re.compile(
    r"\bby (?:the|an?) \w|\b(?:director|foreman|head|board|chief|manager|officer|minist\w+|committee|council|"
    r"agency|company|department|team|crew|contractor|engineer|supervisor|doctor|lawyer|inspector|president)\b",
    re.IGNORECASE,
)
# The words between "what is" and the thing asked for; after "for" or "of" it is another thing.
_WHAT_IS = r"\bwhat (?:is|was|are|were) (?!an? )(?:(?!(?:for|of|behind|with|on|to|in|about)\b)[\w'’-]+ ){0,5}"
_COUNTED = re.compile(
    r"\bhow many ((?:[\w-]+ ){0,3}?[\w-]+?) (?:did|does|do|is|are|may|must|can|could|was|were|work|will|"
    r"should|has|have|would|of|in|there)\b",
    re.IGNORECASE,
)
# People are counted by many names, and units are shortened.
_PEOPLE = "people jobs employees persons staff workers men women"
_UNITS = (
    "tonnes tons kilograms kilos grams metres meters kilometres kilometers litres liters hectares percent "
    "degrees dollars euros hours minutes seconds days weeks months years times megawatts"
)


@dataclass(frozen=True, slots=True)
class _Requirement:
    """A question that matches `asks` is answered only by a text of which `met_by` is true."""

    name: str
    asks: re.Pattern[str]
    met_by: Callable[[str, str], bool]


def unmet(question: str, answer: str) -> tuple[str, ...]:
    """Returns the names of what `question` asks for and `answer` does not show."""
    return tuple(
        expected.name
        for expected in _EXPECTATIONS
        if expected.asks.search(question) and not expected.met_by(question, answer)
    )


def _expect(name: str, asks: str, met_by: Callable[[str, str], bool]) -> _Requirement:
    return _Requirement(name, re.compile(asks, re.IGNORECASE), met_by)


def _holding(pattern: str) -> Callable[[str, str], bool]:
    compiled = re.compile(pattern, re.IGNORECASE)
    return lambda _, answer: bool(compiled.search(answer))


def _names_somebody(question: str, answer: str) -> bool:
    """Says whether the answer holds a name that the question does not, or a role."""
    asked = question.lower()
    names = (match.group().lower() for match in _NAME.finditer(answer))
    new = (name for name in names if name not in _NO_NAMES and name.removesuffix("'s") not in asked)
    return any(new) or bool(_ROLE.search(answer))


def _counts_it(question: str, answer: str) -> bool:
    """Says whether the answer speaks of the things whose number is asked for."""
    match = _COUNTED.search(question)
    counted = stems(match.group(1)) if match else []
    if not counted or counted[-1] in _stems_of(_UNITS):
        return True
    said, people = set(stems(answer)), _stems_of(_PEOPLE)
    return counted[-1] in said or (counted[-1] in people and bool(people & said))


@cache
def _stems_of(words: str) -> frozenset[str]:
    return frozenset(stems(words))


_EXPECTATIONS = (
    _expect(
        "somebody",
        r"^\W*who(?:m|se)?\b(?! (?:may|can|could|must|should|need|needs|has to|have to|gets?|is allowed)\b)|"
        rf"{WHICH_BODY}|谁|哪家",
        _names_somebody,
    ),
    _expect(
        "money",
        rf"{_WHAT_IS}(?:prices?|costs?|salary|profit|revenue)\b|\b(?:what|which) price\b|"
        r"\A(?>.*?\bhow much\b).*\b(?:costs?|earns?|paid|pay)\b|"
        r"\A(?>.*?\bwhat (?:do|does|did|will|would)\b).*\bcost\b|"
        r"价格(?:是|为)?多少|多少钱",
        _holding(rf"{MONEY}|\b(?:million|billion|free)\b"),
    ),
    _expect(
        "length",
        r"\bhow (?:deep|wide|thick|tall) |\bhow far (?:is|are|away|apart|from)\b|多深|多高|多宽|多远",
        _holding(
            rf"{_NUMBER}.{{0,25}}(?:\b(?:m|metres?|meters?|km|kilomet\w+|cm|mm|millimet\w+|centimet\w+|feet|"
            r"miles?|micro\w+|µm)\b|米|公里)"
        ),
    ),
    _expect(
        "number",
        r"\bhow (?:many|much|old)\b|多少",
        _holding(rf"{_NUMBER}|\b(?:all|most|every|each|both|nothing|nobody|enough)\b"),
    ),
    _expect(
        "temperature",
        rf"\b(?:what|which) temperature\b|{_WHAT_IS}(?:boiling|melting) (?:point|temperature)|\bhow hot\b|"
        r"熔点|沸点|多少度",
        _holding(r"\bdegrees?\b|°|\bcelsius\b|\bkelvin\b|度"),
    ),
    _expect(
        "colour",
        r"\b(?:what|which) colou?r|什么颜色",
        _holding(
            r"\b(?:red|green|blue|yellow|white|black|gr[ae]y|orange|pink|violet|purple|brown|silver\w*|colou?r\w*)\b|色"
        ),
    ),
    _expect(
        "area",
        rf"{_WHAT_IS}area of\b|\bhow large an area\b|面积",
        _holding(r"\b(?:hectares?|acres?|square|km2|m2)\b|²|平方|公顷|亩"),
    ),
    _expect("what is counted", r"\bhow many\b", _counts_it),
)
