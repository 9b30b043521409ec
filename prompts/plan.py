"""The request that makes a question stand alone and takes it apart."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from prompts.fences import fence, fence_line
from prompts.library import Prompt

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

_MAX_QUESTION_CHARS = 2000


class Planned(BaseModel):
    """What a chat model makes of a question."""

    model_config = ConfigDict(extra="forbid", title="Planned")

    question: str = Field(description="the newest question, standing alone")
    parts: list[str] = Field(description="the questions it is made of; empty for a single one")


def planned_schema() -> dict[str, Any]:
    """Returns the JSON schema of `Planned`, as chat models are given it."""
    return Planned.model_json_schema() | {"description": "The question, standing alone"}


def plan_request(prompt: Prompt, question: str, earlier: Sequence[str]) -> "list[BaseMessage]":
    """Returns the messages that ask a chat model for `Planned`; `earlier` is oldest first."""
    from langchain_core.messages import HumanMessage, SystemMessage

    told = "\n".join(f"- {fence_line(text, _MAX_QUESTION_CHARS)}" for text in earlier)
    asked = f"<earlier>\n{told}\n</earlier>\n\n<question>\n{fence(question)}\n</question>"
    return [SystemMessage(prompt.fill()), HumanMessage(asked)]
