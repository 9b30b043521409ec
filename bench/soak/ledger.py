"""What was asked, and what came of it: each question answered once, or honestly refused."""

import re
import threading
from collections import Counter
from dataclasses import dataclass
from typing import Any

from tests.slack.server import LoopbackSlack

_REQUEST = re.compile(r"request [0-9a-f]{12}")
_REQUEST_OF_AN_APOLOGY = re.compile(r"[:(] ?request [0-9a-f]{12}")
# What an honest refusal or apology says.
_HONEST = ("went wrong", "busy", "ask again", "interrupted", "(request ")


@dataclass(frozen=True, slots=True)
class Question:
    """A question; everybody asks only one, so that the asker tells it from the others."""

    user: str
    stamp: str = ""
    number: str = ""
    undelivered: bool = False


class Ledger:
    """Keeps what was asked, and judges what came of it."""

    def __init__(self, slack: LoopbackSlack) -> None:
        self._slack = slack
        self._questions: list[Question] = []
        self._lock = threading.Lock()

    def ask(self, question: Question) -> None:
        """Notes a question."""
        with self._lock:
            self._questions.append(question)

    def open(self) -> list[str]:
        """Who has heard nothing yet."""
        return [user for user, outcome in self.outcomes().items() if outcome == "silent"]

    def outcomes(self) -> dict[str, str]:
        """What came of each question: once, refused, undelivered, silent, unfinished or twice."""
        messages, whispers = self._by_place()
        with self._lock:
            questions = list(self._questions)
        return {
            one.user: _outcome(one, messages.get(one.stamp or "-", []), whispers.get(one.user, []))
            for one in questions
        }

    def figures(self) -> Counter[str]:
        """How many questions had which outcome."""
        return Counter(self.outcomes().values())

    def _by_place(self) -> tuple[dict[str, list[Any]], dict[str, list[str]]]:
        messages: dict[str, list[Any]] = {}
        for one in list(self._slack.messages):
            messages.setdefault(str(one.get("thread_ts")), []).append(one)
        whispers: dict[str, list[str]] = {}
        for one in [*list(self._slack.ephemerals), *list(self._slack.responses)]:
            whispers.setdefault(str(one["user"]), []).append(f"{one['text']} {one.get('blocks')}")
        return messages, whispers


def _outcome(question: Question, messages: list[Any], whispers: list[str]) -> str:
    if any(one.get("streaming") for one in messages):
        return "unfinished"
    texts = [f"{one.get('text')} {one.get('blocks')}" for one in messages]
    said = texts if question.stamp else [one for one in whispers if _is_answer(one)]
    answers = [one for one in said if _is_answer(one)]
    if len(answers) > 1:
        return "twice"
    if answers:
        return "once"
    if any(word in one for one in [*texts, *whispers] for word in _HONEST):
        return "refused"
    return "undelivered" if question.undelivered else "silent"


def _is_answer(text: str) -> bool:
    """Answers, and what is not known, name their request at the end; apologies say so in their text."""
    return bool(_REQUEST.search(text)) and not _REQUEST_OF_AN_APOLOGY.search(text)
