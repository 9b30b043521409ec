"""Prepares a question for the search: made to stand alone, and taken apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.costs.usage import Usage
from bot.questions.decomposition import parts_of
from bot.questions.followups import follow
from bot.runtime.deadlines import Deadline
from retrieval.text.glossary import Glossary


@dataclass(frozen=True, slots=True)
class Plan:
    """A question that stands alone, and the questions it is made of: none, or two and more."""

    question: str
    parts: tuple[str, ...] = ()

    @property
    def searches(self) -> tuple[str, ...]:
        """Returns what to search for."""
        return self.parts or (self.question,)


class Planner(Protocol):
    """Makes plans."""

    def plan(
        self, question: str, earlier: Sequence[str], usage: Usage, deadline: Deadline, /
    ) -> Plan:
        """Returns the plan for `question`, asked after the `earlier` ones, oldest first."""


class RulePlanner:
    """Plans by rules, without a language model."""

    def __init__(self, glossary: Glossary) -> None:
        self._glossary = glossary

    def plan(
        self, question: str, earlier: Sequence[str], _usage: Usage, _deadline: Deadline, /
    ) -> Plan:
        """Returns the plan; costs nothing."""
        alone = follow(question, earlier, self._glossary)
        return Plan(alone, parts_of(alone, self._glossary))
