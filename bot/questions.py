"""Reads what a question asks for: a number, a person, a time, a cause, a definition."""

import re
from dataclasses import dataclass

from retrieval.analysis import content_words
from retrieval.errors import MonaziteError

MAX_QUESTION_CHARS = 2000

_NUMBER_WORDS = (
    r"(?:two|three|four|five|six|seven|eight|nine|ten|twelve|half|third|dozen|hundred|fifty)"
)
_HAS_NUMBER = re.compile(rf"\d|\b{_NUMBER_WORDS}\b", re.IGNORECASE)
_HAS_NAME = re.compile(r"(?<=[\w,] )[A-Z][a-z]+")
_HAS_TIME = re.compile(
    r"\b(?:19|20)\d\d\b|\b(?:January|February|March|April|May|June|July|August|September|October|"
    r"November|December|spring|summer|autumn|winter)\b|\b(?:day|week|month|year)s?\b|[年月日]"
)
_HAS_CAUSE = re.compile(
    r"\b(?:because|since|so that|due to|owing|therefore|as a result|in order|reasons?|causes?d?)\b",
    re.IGNORECASE,
)
_ASKS = {
    "number": re.compile(
        r"\bhow (?:much|many|long|large|big|deep|high|far|hot|old|often|heavy|fast|quickly|small|"
        r"strong|safe)\b|\b(?:what|which)\b.*\b(?:price|cost|value|rate|share|limit|grade|output|"
        r"revenue|npv|irr|capital|amount|number|percentage)\b|\bcosts?\b|多少|几",
        re.IGNORECASE,
    ),
    "person": re.compile(
        r"\bwho(?:m|se)?\b|\bwhich (?:director|person|company|supplier|firm|bank|body|agency)\b|谁|哪家",
        re.IGNORECASE,
    ),
    "time": re.compile(
        r"\bwhen\b|\b(?:what|which) (?:year|date|month|day)\b|何时|什么时候|哪一?年", re.IGNORECASE
    ),
    "cause": re.compile(
        r"\bwhy\b|\bwhat (?:made|caused?)\b|\b(?:reason|cause)s?\b|\bhow come\b|为什么|为何",
        re.IGNORECASE,
    ),
}
_FITS = {"number": _HAS_NUMBER, "person": _HAS_NAME, "time": _HAS_TIME, "cause": _HAS_CAUSE}
_ASKS_DEFINITION = re.compile(
    r"^\W*(?:what(?:’s|'s| is| are| was| were)\b(?!.*\b(?:of|for|in|at|on|from|doing|going)\b)|"
    r"(?:define|explain|tell me about)\b|what does .+ mean\b|what do .+ mean\b|什么是|.+是什么)",
    re.IGNORECASE,
)
_FOCUS = re.compile(
    r"\bhow (?:many|much)\s+(?P<counted>[\w-]+(?:\s+[\w-]+){0,3}?)\s+"
    r"(?:did|does|do|is|are|may|must|can|could|was|were|work|works|will|should|has|have|would)\b|"
    r"\b(?:which|what)\s+(?P<kind>(?!is\b|are\b|was\b|were\b|did\b|do\b|does\b|should\b|could\b|"
    r"will\b|would\b|can\b|must\b|may\b|has\b|have\b|happens?\b|made\b|part\b|kinds?\b|sorts?\b)[\w-]+)|"
    r"\bwhat (?:is|was|are|were) the (?P<property>[\w' -]+?) (?:of|for|in|at)\b",
    re.IGNORECASE,
)


class QuestionError(MonaziteError):
    """A question that cannot be asked: empty, or too long."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question with what a sentence must hold to answer it.

    `expects` names kinds of content ("number", "person", "time", "cause"), `defines`
    says that a definition is asked for, `focus` are the words for the thing asked
    for: "price" in "what is the price of cerium?".
    """

    text: str
    expects: tuple[str, ...]
    defines: bool
    focus: tuple[str, ...]

    def fit(self, sentence: str) -> float:
        """Returns 1 if `sentence` holds what is expected, -1 if not, 0 if nothing is expected.

        A cause is often stated without a marker, so its absence counts for nothing.
        """
        fits = [
            1.0 if _FITS[kind].search(sentence) else 0.0 if kind == "cause" else -1.0
            for kind in self.expects
        ]
        return max(-1.0, min(1.0, sum(fits)))


def read_question(text: str) -> Question:
    """Returns the question in `text`, white space folded.

    Raises `QuestionError` when it holds no words or is longer than 2,000 characters.
    """
    folded = " ".join(text.split())
    if not any(character.isalnum() for character in folded):
        raise QuestionError(
            "The question is empty; ask something like: What is the two bases policy?"
        )
    if len(folded) > MAX_QUESTION_CHARS:
        raise QuestionError(
            f"The question has {len(folded):,} characters; shorten it to {MAX_QUESTION_CHARS:,} or fewer"
        )
    expects = tuple(kind for kind, pattern in _ASKS.items() if pattern.search(folded))
    defines = not expects and bool(_ASKS_DEFINITION.search(folded))
    return Question(folded, expects, defines, _focus(folded))


def _focus(text: str) -> tuple[str, ...]:
    match = _FOCUS.search(text)
    if not match:
        return ()
    return tuple(content_words(match["counted"] or match["kind"] or match["property"] or ""))
