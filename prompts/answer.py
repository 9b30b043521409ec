"""The request for a written answer: passages and question fenced off as data."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from prompts.fences import fence
from prompts.library import Prompt
from retrieval.domain.records import StoredPassage
from retrieval.domain.single_line import single_line, single_line_path
from retrieval.text.instructions import WITHHELD, safe_text
from retrieval.text.sentences import sentence_spans

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

_MAX_SECTION_CHARS = 300


class Evidence(BaseModel):
    """Words of a passage that prove a statement."""

    model_config = ConfigDict(extra="forbid")

    passage: int = Field(description="number of the passage")
    quote: str = Field(description="words copied from that passage, character for character")


class Statement(BaseModel):
    """One sentence of the answer; its evidence comes first, so that it is written from it."""

    model_config = ConfigDict(extra="forbid")

    evidence: list[Evidence] = Field(description="one or more quotes that prove the sentence")
    text: str = Field(description="one plain sentence of the answer, saying what the quotes say")


class Draft(BaseModel):
    """An answer as statements; `in_documents` is false when the passages do not hold it."""

    model_config = ConfigDict(extra="forbid", title="Draft")

    in_documents: bool = Field(description="whether the passages answer the question")
    statements: list[Statement] = Field(description="the answer; empty when it is not there")


def draft_schema() -> dict[str, Any]:
    """Returns the JSON schema of `Draft`, as chat models are given it."""
    return Draft.model_json_schema() | {"description": "The answer, as statements with quotes"}


def guided_schema(passages: Sequence[StoredPassage]) -> dict[str, Any]:
    """Returns the schema of a `Draft` about `passages`, for servers that decode by grammar.

    A quote must be one of the passages' sentences, so that even a small model quotes them
    to the letter; limits to lengths and counts keep it from going round in circles.
    OpenAI's and Anthropic's own servers take no such schema.
    """
    schema = draft_schema()
    evidence, statement = schema["$defs"]["Evidence"], schema["$defs"]["Statement"]
    evidence["properties"]["passage"] |= {"enum": list(range(1, len(passages) + 1))}
    evidence["properties"]["quote"] |= {"enum": _quotable(passages)}
    statement["properties"]["text"] |= {"minLength": 12, "maxLength": 300}
    statement["properties"]["evidence"] |= {"minItems": 1, "maxItems": 2}
    schema["properties"]["statements"] |= {"maxItems": 3}
    return schema


def _quotable(passages: Sequence[StoredPassage]) -> list[str]:
    """The sentences of passages, as the model sees them; none that gives orders."""
    found = []
    for stored in passages:
        text = fence(safe_text(stored.passage))
        found += [text[start:end] for start, end in sentence_spans(text)]
    return list(dict.fromkeys(" ".join(one.split()) for one in found if WITHHELD not in one))


def answer_request(
    prompt: Prompt, question: str, passages: Sequence[StoredPassage], max_words: int
) -> "list[BaseMessage]":
    """Returns the messages that ask a chat model for a `Draft`; passages are numbered from 1."""
    from langchain_core.messages import HumanMessage, SystemMessage

    numbered = "\n\n".join(
        _numbered(number, stored) for number, stored in enumerate(passages, start=1)
    )
    asked = f"<passages>\n{numbered}\n</passages>\n\n<question>\n{fence(question)}\n</question>"
    return [SystemMessage(prompt.fill(max_words=max_words)), HumanMessage(asked)]


def repair_request(
    prompt: Prompt, request: "Sequence[BaseMessage]", output: str, complaint: str
) -> "list[BaseMessage]":
    """Returns the messages that ask once more, saying what was wrong with the first output."""
    from langchain_core.messages import AIMessage, HumanMessage

    return [
        *request,
        AIMessage(output or "(nothing)"),
        HumanMessage(prompt.fill(complaint=complaint)),
    ]


def _numbered(number: int, stored: StoredPassage) -> str:
    lines = single_line(stored.title), single_line_path(stored.passage.section, _MAX_SECTION_CHARS)
    place = " › ".join(part for part in lines if part)
    head = f"{place}, {stored.date}" if stored.date else place
    return f'<passage number="{number}">\n{fence(head)}\n\n{fence(safe_text(stored.passage))}\n</passage>'
