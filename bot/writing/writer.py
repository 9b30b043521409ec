"""Answers written by a chat model: each statement is handed on as soon as it has passed the gate."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from bot.answers.citations import Claim
from bot.runtime.deadlines import Deadline
from bot.writing.chat import Chat, Reading
from bot.writing.failures import Failure, WritingError
from bot.writing.gate import Drop, Gate
from bot.writing.sheet import Sheet, Written
from prompts.answer import Statement, answer_request, draft_schema, guided_schema, repair_request
from prompts.library import Prompt
from retrieval.domain.records import StoredPassage
from retrieval.text.glossary import Glossary

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage
    from tenacity import RetryCallState, Retrying

_log = logging.getLogger(__name__)
_MAX_ATTEMPTS = 3
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 8.0
# A model that goes round in circles is not listened to for ever.
_MAX_STATEMENTS = 12


@dataclass(frozen=True, slots=True)
class WritingPrompts:
    """The prompts that writing needs."""

    answer: Prompt
    repair: Prompt


@dataclass(frozen=True, slots=True)
class _Request:
    """What is asked for, in which form, and what the answer must pass."""

    messages: "list[BaseMessage]"
    schema: dict[str, Any]
    gate: Gate


class Writer:
    """Asks a chat model for statements with quotes, and lets through what the passages bear out."""

    def __init__(
        self, chat: Chat, prompts: WritingPrompts, glossary: Glossary, max_words: int
    ) -> None:
        self._chat = chat
        self._prompts = prompts
        self._glossary = glossary
        self._max_words = max_words

    def write(
        self, question: str, passages: Sequence[StoredPassage], sheet: Sheet, deadline: Deadline
    ) -> Iterator[Claim]:
        """Yields the claims of the answer, in order; keeps account of the rest in `sheet`.

        What fails is tried again while there is time and nothing has been handed on; fewer
        passages are sent where all of them are too many. Raises `WritingError` after that.
        """
        while True:
            try:
                yield from self._try(question, passages, sheet, deadline)
            except WritingError as error:
                if error.failure is not Failure.TOO_LONG or sheet.claims or len(passages) == 1:
                    raise
                passages = passages[: len(passages) // 2]
                _log.info("The passages are too many for the model; %d are sent", len(passages))
            else:
                return

    def _try(
        self, question: str, passages: Sequence[StoredPassage], sheet: Sheet, deadline: Deadline
    ) -> Iterator[Claim]:
        request = _Request(
            answer_request(self._prompts.answer, question, passages, self._max_words),
            guided_schema(passages) if self._chat.guided else draft_schema(),
            Gate(passages, self._glossary),
        )
        for attempt in _retrying(sheet, deadline):
            with attempt:
                yield from self._with_repair(request, sheet, deadline)

    def _with_repair(self, request: _Request, sheet: Sheet, deadline: Deadline) -> Iterator[Claim]:
        """One request, and a second one where the output of the first is no answer at all."""
        try:
            yield from self._take(request, sheet, deadline, "answer")
        except WritingError as error:
            if error.failure is not Failure.MALFORMED or sheet.claims or sheet.repaired:
                raise
            sheet.repaired = True
            prompt, sent = self._prompts.repair, request.messages
            again = repair_request(prompt, sent, error.output, error.detail)
            yield from self._take(replace(request, messages=again), sheet, deadline, "repair")

    def _take(
        self, request: _Request, sheet: Sheet, deadline: Deadline, purpose: str
    ) -> Iterator[Claim]:
        taken = 0
        reading = Reading({}, whole=False)
        readings = self._chat.read(request.schema, request.messages, deadline, sheet.usage, purpose)
        for reading in readings:
            entries = _entries(reading)
            # While the output comes in, the last statement may still grow.
            ready = entries if reading.whole else entries[:-1]
            for entry in ready[taken:_MAX_STATEMENTS]:
                taken += 1
                claim = _examined(entry, request.gate, sheet)
                if claim:
                    yield claim
            if taken == _MAX_STATEMENTS:
                return
        _check_end(reading, taken, sheet)


def _entries(reading: Reading) -> list[Any]:
    """The statements that have come in; none where the model says that there is no answer."""
    entries = reading.value.get("statements")
    if reading.value.get("in_documents") is False or not isinstance(entries, list):
        return []
    return entries


def _examined(entry: Any, gate: Gate, sheet: Sheet) -> Claim | None:
    """The claim of an entry, or None where it is dropped; either way the sheet tells of it."""
    try:
        statement = Statement.model_validate(entry)
    except ValidationError as error:
        sheet.dropped.append(Drop("malformed", error.errors()[0]["msg"], str(entry)[:200]))
        return None
    sheet.written.append(Written(statement, gate.named(statement)))
    outcome = gate.examine(statement)
    if isinstance(outcome, Drop):
        sheet.dropped.append(outcome)
        return None
    sheet.claims.append(outcome)
    return outcome


def _check_end(reading: Reading, taken: int, sheet: Sheet) -> None:
    """Raises `WritingError` when the output is not an answer, not even a part of one."""
    in_documents = reading.value.get("in_documents")
    entries = _entries(reading)
    if not reading.whole and len(entries) > taken:
        sheet.dropped.append(Drop("cut off", "", str(entries[-1])[:200]))
    sheet.in_documents = in_documents if isinstance(in_documents, bool) else None
    if sheet.claims or sheet.in_documents is False:
        return
    shaped = reading.whole and isinstance(reading.value.get("statements"), list)
    if not shaped or (entries and all(drop.reason == "malformed" for drop in sheet.dropped)):
        complaint = "it is not the JSON that was asked for, or it was cut off"
        raise WritingError(Failure.MALFORMED, complaint, output=reading.output)


def _retrying(sheet: Sheet, deadline: Deadline) -> "Retrying":
    """Tries again what may pass, unless something was handed on or there is no time to wait."""
    from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

    backoff = wait_random_exponential(multiplier=_FIRST_WAIT, max=_LONGEST_WAIT)
    attempts = stop_after_attempt(_MAX_ATTEMPTS)

    def may_pass(error: BaseException) -> bool:
        return isinstance(error, WritingError) and error.transient and not sheet.claims

    def wait(state: "RetryCallState") -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.wait if isinstance(error, WritingError) else None
        return backoff(state) if asked is None else asked

    def stop(state: "RetryCallState") -> bool:
        return attempts(state) or state.upcoming_sleep >= deadline.remaining

    return Retrying(retry=retry_if_exception(may_pass), wait=wait, stop=stop, reraise=True)
