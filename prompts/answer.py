"""The request for a written answer: passages and question fenced off as data."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from retrieval.records import StoredPassage

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

_TEMPLATE = Path(__file__).parent / "answer.txt"
_FENCES = str.maketrans({"<": "‹", ">": "›"})


class Statement(BaseModel):
    """One sentence of the answer, with the passage and the words that prove it."""

    text: str = Field(description="one sentence of the answer")
    passage: int = Field(description="the number of the passage that proves it")
    quote: str = Field(description="words copied exactly from that passage")


class Draft(BaseModel):
    """An answer as statements; none when the passages do not hold it."""

    statements: list[Statement]


def answer_request(
    question: str, passages: Sequence[StoredPassage], max_words: int
) -> "list[BaseMessage]":
    """Returns the messages that ask a chat model for a `Draft`; passages are numbered from 1."""
    from langchain_core.prompts import ChatPromptTemplate

    template = ChatPromptTemplate.from_messages(
        [
            ("system", _TEMPLATE.read_text(encoding="utf-8")),
            ("human", "<passages>\n{passages}\n</passages>\n\n<question>\n{question}\n</question>"),
        ]
    )
    numbered = "\n\n".join(
        _fenced(number, stored) for number, stored in enumerate(passages, start=1)
    )
    return template.format_messages(
        passages=numbered, question=question.translate(_FENCES), max_words=max_words
    )


def _fenced(number: int, stored: StoredPassage) -> str:
    """A passage that cannot close its own fence: angle brackets become look-alikes."""
    place = " › ".join(part for part in (stored.title, stored.passage.section) if part)
    dated = f", {stored.date}" if stored.date else ""
    head, text = f"{place}{dated}".translate(_FENCES), stored.passage.text.translate(_FENCES)
    return f'<passage number="{number}">\n{head}\n\n{text}\n</passage>'
