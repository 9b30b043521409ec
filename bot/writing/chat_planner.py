"""Plans by a chat model, where the rules say that a question needs it."""

import logging
from collections.abc import Sequence

from pydantic import ValidationError

from bot.costs.usage import Usage
from bot.questions.decomposition import MAX_PARTS
from bot.questions.followups import asked_before
from bot.questions.planner import Plan, Planner
from bot.questions.question import MAX_QUESTION_CHARS
from bot.runtime.deadlines import Deadline
from bot.writing.chat import Chat
from bot.writing.failures import WritingError
from bot.writing.support import StatementEvidence, lacking
from prompts.library import Prompt
from prompts.plan import Planned, plan_request, planned_schema
from retrieval.text.glossary import Glossary

_log = logging.getLogger(__name__)
# Planning may take this share of the time there is, so that enough is left to answer in.
_SHARE = 0.3


class ChatPlanner:
    """Lets a chat model plan; the rules decide whether that is needed, and stand in for it."""

    def __init__(self, chat: Chat, prompt: Prompt, rules: Planner, glossary: Glossary) -> None:
        self._chat = chat
        self._prompt = prompt
        self._rules = rules
        self._glossary = glossary

    def plan(
        self, question: str, earlier: Sequence[str], usage: Usage, deadline: Deadline, /
    ) -> Plan:
        """Returns the model's plan where it adds nothing of its own, else the rules'."""
        by_rules = self._rules.plan(question, earlier, usage, deadline)
        if by_rules == Plan(question):
            return by_rules
        earlier = asked_before(earlier)
        try:
            planned = self._ask(
                question, asked_before(earlier), usage, Deadline(deadline.remaining * _SHARE)
            )
        except (WritingError, ValidationError) as error:
            _log.warning("The rules plan in the chat model's place: %s", type(error).__name__)
            return by_rules
        return self._checked(planned, (question, *earlier)) or by_rules

    def _ask(
        self, question: str, earlier: Sequence[str], usage: Usage, deadline: Deadline
    ) -> Planned:
        request = plan_request(self._prompt, question, earlier)
        value = {}
        for reading in self._chat.read(planned_schema(), request, deadline, usage, "plan"):
            value = reading.value
        return Planned.model_validate(value)

    def _checked(self, planned: Planned, said: Sequence[str]) -> Plan | None:
        """The plan, if it names nothing that was not said before."""
        question = " ".join(planned.question.split())
        parts = tuple(" ".join(part.split()) for part in planned.parts)
        if len(parts) == 1:
            parts = ()
        if len(parts) > MAX_PARTS:
            return None
        evidence = StatementEvidence("\n".join(said), percent=True)
        for text in (question, *parts):
            if not 0 < len(text) <= MAX_QUESTION_CHARS or lacking(text, evidence, self._glossary):
                return None
        return Plan(question, parts)
