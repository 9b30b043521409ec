"""Reads what a question asks for: a number, a person, a time, a cause, a definition."""

import re
from dataclasses import dataclass

from bot.questions.answer_kinds import AnswerKind, kinds_asked
from retrieval.domain.errors import MonaziteError
from retrieval.domain.sanitizing import clean_line
from retrieval.text.terms import content_words

MAX_QUESTION_CHARS = 2000

_ASKS_DEFINITION = re.compile(
    r"^\W*+(?:what(?:’s|'s| is| are| was| were)\b(?!.*\b(?:of|for|in|at|on|from|doing|going)\b)|"
    r"(?:define|explain|tell me about)\b|what does .+ mean\b|what do .+ mean\b|什么是|.+是什么)",
    re.IGNORECASE,
)
_LATEST = re.compile(
    r"\b(?:latest|newest|current(?:ly)?|most recent(?:ly)?|last known|up to date|now|still|today|these days)\b|"
    r"最新|目前|现在",
    re.IGNORECASE,
)
_FOCUS = re.compile(
    r"\bhow (?:many|much)\s+(?P<counted>[\w-]++(?:\s+[\w-]++){0,3}?)\s+"
    r"(?:did|does|do|is|are|may|must|can|could|was|were|work|works|will|should|has|have|would)\b|"
    r"\b(?:which|what)\s+(?P<kind>(?!is\b|are\b|was\b|were\b|did\b|do\b|does\b|should\b|could\b|"
    r"will\b|would\b|can\b|must\b|may\b|has\b|have\b|happens?\b|made\b|part\b|kinds?\b|sorts?\b)[\w-]+)|"
    r"\bwhat (?:is|was|are|were) the (?P<property>[\w' -]{1,80}?) (?:of|for|in|at)\b",
    re.IGNORECASE,
)


class QuestionError(MonaziteError):
    """A question that cannot be asked: empty, or too long."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question with what a sentence must hold to answer it.

    `kinds` are what is expected, `defines` says that a definition is asked for, `latest`
    that the newest of several answers is; `focus` are the words for the thing asked for:
    "price" in "what is the price of cerium?".
    """

    text: str
    kinds: tuple[AnswerKind, ...]
    defines: bool
    focus: tuple[str, ...]
    latest: bool = False

    @property
    def expects(self) -> tuple[str, ...]:
        """Returns the names of the kinds of content expected."""
        return tuple(kind.name for kind in self.kinds)

    def fit(self, sentence: str) -> float:
        """Returns 1 if `sentence` holds what is expected, -1 if not, 0 if nothing is expected."""
        return max(-1.0, min(1.0, sum(kind.fit(sentence) for kind in self.kinds)))


def read_question(text: str) -> Question:
    """Returns the question in `text`, cleaned, white space folded.

    Raises `QuestionError` when it holds no words or is longer than 2,000 characters.
    """
    folded = clean_line(text)
    if not any(character.isalnum() for character in folded):
        raise QuestionError(
            "The question is empty; ask something like: What is the two bases policy?"
        )
    if len(folded) > MAX_QUESTION_CHARS:
        raise QuestionError(
            f"The question has {len(folded):,} characters; shorten it to {MAX_QUESTION_CHARS:,} or fewer"
        )
    kinds = kinds_asked(folded)
    defines = not kinds and bool(_ASKS_DEFINITION.search(folded))
    return Question(folded, kinds, defines, _focus(folded), bool(_LATEST.search(folded)))


def _focus(text: str) -> tuple[str, ...]:
    match = _FOCUS.search(text)
    if not match:
        return ()
    return tuple(content_words(match["counted"] or match["kind"] or match["property"] or ""))
