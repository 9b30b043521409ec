"""Kinds of content that questions ask for, and how a sentence shows that it holds one."""

import re
from dataclasses import dataclass

from retrieval.text.dates import MONTHS

_NUMBER_WORDS = (
    r"(?:two|three|four|five|six|seven|eight|nine|ten|twelve|once|twice|half|thirds?|quarters?|tenths?|"
    r"dozen|hundred|fifty)"
)
_NUMBER = rf"(?:\d|\b{_NUMBER_WORDS}\b)"
MONEY = r"[$€£¥]|\b(?:dollars?|euros?|yuan|pounds?|cents?|francs?|crowns?|kroner|USD|EUR|RMB|percent)\b|[%％元]"
WHICH_BODY = r"\bwhich (?:director|person|company|supplier|firm|bank|body|agency)\b"
_SPAN = r"(?:second|minute|hour|day|night|week|month|quarter|season|year)s?"
_MONTHS = "|".join([*map(str.title, MONTHS), "spring", "summer", "autumn", "winter"])


@dataclass(frozen=True, slots=True)
class AnswerKind:
    """A question of this kind matches `asks`; a sentence that may answer it matches `holds`.

    Where a sentence may answer without showing it, as a cause is often stated without a
    "because", its absence is `optional` and counts for nothing.
    """

    name: str
    asks: re.Pattern[str]
    holds: re.Pattern[str]
    optional: bool = False

    def fit(self, sentence: str) -> float:
        """Returns 1 if `sentence` holds such content; -1 if not, or 0 where that is optional."""
        if self.holds.search(sentence):
            return 1.0
        return 0.0 if self.optional else -1.0


def _kind(
    name: str, asks: str, holds: str, *, cased: bool = False, optional: bool = False
) -> AnswerKind:
    flags = re.NOFLAG if cased else re.IGNORECASE
    return AnswerKind(name, re.compile(asks, re.IGNORECASE), re.compile(holds, flags), optional)


KINDS = (
    _kind(
        "number",
        r"\bhow (?:much|many|long|large|big|deep|high|far|hot|old|often|frequently|heavy|fast|quickly|"
        r"soon|small|strong|safe|thick|wide)\b|\A(?>.*?\b(?:what|which)\b).*\b(?:price|cost|value|rate|share|"
        r"limit|grade|output|revenue|npv|irr|capital|amount|number|percentage|size|temperature)\b|"
        r"\bcosts?\b|多少|几|多久",
        _NUMBER,
    ),
    _kind(
        "duration",
        r"\bhow (?:long|soon|quickly|fast|old)\b|多久",
        rf"{_NUMBER}.{{0,20}}\b{_SPAN}\b|\buntil\b|[天月年周]",
    ),
    _kind(
        "frequency",
        r"\bhow (?:often|frequently)\b|多久.{0,6}一次",
        rf"\b(?:every|each|per|once|twice|times|daily|weekly|monthly|quarterly|yearly|annual(?:ly)?)\b|"
        rf"\ban? {_SPAN}\b|每",
    ),
    _kind(
        "money",
        r"\bcosts?\b|\bprices?\b|\bpaid?\b|\bhow much (?:money|is|was|were|are)\b|价格|价",
        MONEY,
        optional=True,
    ),
    _kind(
        "share",
        r"\b(?:what|which) (?:share|percentage|percent|proportion|part)\b|\bhow (?:big|large) a (?:share|part)\b",
        r"[%％]|\b(?:percent|share|half|third|quarters?|tenths?)\b",
    ),
    _kind(
        "person",
        rf"\bwho(?:m|se)?\b|{WHICH_BODY}|谁|哪家",
        r"(?<=[\w,.:;(“] )[A-Z][a-z]+|[\u4e00-\u9fff]{2}",
        cased=True,
    ),
    _kind(
        "time",
        r"\bwhen\b|\b(?:what|which) (?:year|date|month|day)\b|何时|什么时候|哪一?年",
        rf"\b(?:19|20)\d\d\b|\b(?:{_MONTHS})\b|\b{_SPAN}\b|[年月日]",
        cased=True,
    ),
    _kind(
        "place",
        r"\bwhere\b|\b(?:what|which) (?:country|city|town|place|port|state|province|region)\b|哪里|何处",
        r"\b(?:in|at|near|from|to|of|on|outside|around) (?:the )?[A-Z]|^[A-Z]\w+ (?:is|was)\b|[省市县州]",
        cased=True,
        optional=True,
    ),
    _kind(
        "cause",
        r"\bwhy\b|\bwhat (?:made|caused?|moved)\b|\b(?:reason|cause)s?\b|\bhow come\b|为什么|为何",
        r"\b(?:because|since|so that|due to|owing|therefore|as a result|in order|after|"
        r"reasons?|causes?d?)\b|因为|由于",
        optional=True,
    ),
)  # fmt: skip


def kinds_asked(question: str) -> tuple[AnswerKind, ...]:
    """Returns the kinds that a question asks for, most often none or one."""
    return tuple(kind for kind in KINDS if kind.asks.search(question))
