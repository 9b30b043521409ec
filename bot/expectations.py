"""What a question obliges its answer to show: a price is told in money, a depth in a length.

`answer_kinds.py` says which sentences are the likelier answers, and lets many pass; this says of
the answer chosen that it cannot be one.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from retrieval.analysis import stems
from retrieval.dates import MONTHS

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
    r"agency|company)\b",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"\bhow many ((?:[\w-]+ ){0,3}?[\w-]+?) (?:did|does|do|is|are|may|must|can|could|was|were|work|will|"
    r"should|has|have|would|of|in|there)\b",
    re.IGNORECASE,
)
# People are counted by many names.
_PEOPLE = frozenset(stems("people jobs employees persons staff workers men women"))


@dataclass(frozen=True, slots=True)
class _Expectation:
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


def _expect(name: str, asks: str, met_by: Callable[[str, str], bool]) -> _Expectation:
    return _Expectation(name, re.compile(asks, re.IGNORECASE), met_by)


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
    if not counted:
        return True
    said = set(stems(answer))
    return counted[-1] in said or (counted[-1] in _PEOPLE and bool(_PEOPLE & said))


_EXPECTATIONS = (
    _expect(
        "somebody",
        r"^\W*who(?:m|se)?\b|\b(?:by|for|to|from) whom\b|"
        r"\bwhich (?:director|person|company|supplier|firm|bank|body|agency)\b|谁|哪家",
        _names_somebody,
    ),
    _expect(
        "money",
        r"\b(?:the|share|market) prices?\b(?!.*\bmeans?\b)|\bprices? of\b|"
        r"\bhow much\b.*\b(?:costs?|earns?|paid|pay)\b|\bsalary\b|\bprofit\b|\brevenue\b|"
        r"\bwhat\b.*\bcosts?\b|价格|多少钱",
        _holding(
            r"[$€£¥]|\b(?:dollars?|euros?|yuan|pounds?|cents?|francs?|crowns?|kroner|usd|eur|rmb|million|"
            r"billion|percent)\b|[%％元]"
        ),
    ),
    _expect(
        "length",
        r"\bhow (?:deep|high|wide|thick|tall|far)\b|多深|多高|多宽|多远",
        _holding(
            rf"{_NUMBER}.{{0,25}}(?:\b(?:m|metres?|meters?|km|kilomet\w+|cm|mm|millimet\w+|centimet\w+|feet|"
            r"miles?|micro\w+|µm)\b|米|公里)"
        ),
    ),
    _expect(
        "number",
        r"\bhow (?:many|much|large|big|old|often|hot)\b|多少|几|多大|多久",
        _holding(_NUMBER),
    ),
    _expect(
        "temperature",
        r"\b(?:what|which) temperature\b|\b(?:boiling|melting) (?:point|temperature)|\bhow hot\b|熔点|沸点|多少度",
        _holding(r"\bdegrees?\b|°|\bcelsius\b|\bkelvin\b|度"),
    ),
    _expect(
        "colour",
        r"\b(?:what|which) colou?r|颜色",
        _holding(
            r"\b(?:red|green|blue|yellow|white|black|gr[ae]y|orange|pink|violet|purple|brown|silver\w*|colou?r\w*)\b|色"
        ),
    ),
    _expect(
        "area",
        r"\barea\b|面积",
        _holding(r"\b(?:hectares?|acres?|square|km2|m2)\b|²|平方|公顷|亩"),
    ),
    _expect("what is counted", r"\bhow many\b", _counts_it),
)
