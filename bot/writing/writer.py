"""Answers written by a chat model: each statement is handed on as soon as it has passed the gate."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from bot.answers.citations import Claim
from bot.runtime.deadlines import Deadline
from bot.writing.chat import Chat, PartialOutput
from bot.writing.failures import ChatFailure, WritingError
from bot.writing.gate import Drop, StatementGate
from bot.writing.transcript import Transcript, WrittenStatement
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
    gate: StatementGate


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
        self,
        question: str,
        passages: Sequence[StoredPassage],
        transcript: Transcript,
        deadline: Deadline,
    ) -> Iterator[Claim]:
        """Yields the claims of the answer, in order; keeps account of the rest in `transcript`.

        What fails is tried again while there is time and nothing has been handed on; fewer
        passages are sent where all of them are too many. Raises `WritingError` after that.
        """
        while True:
            try:
                yield from self._try(question, passages, transcript, deadline)
            except WritingError as error:
                if (
                    error.failure is not ChatFailure.TOO_LONG
                    or transcript.claims
                    or len(passages) == 1
                ):
                    raise
                passages = passages[: len(passages) // 2]
                _log.info("The passages are too many for the model; %d are sent", len(passages))
            else:
                return

    def _try(
        self,
        question: str,
        passages: Sequence[StoredPassage],
        transcript: Transcript,
        deadline: Deadline,
    ) -> Iterator[Claim]:
        request = _Request(
            answer_request(self._prompts.answer, question, passages, self._max_words),
            guided_schema(passages) if self._chat.guided else draft_schema(),
            StatementGate(passages, self._glossary),
        )
        for attempt in _retrying(transcript, deadline):
            with attempt:
                yield from self._with_repair(request, transcript, deadline)

    def _with_repair(
        self, request: _Request, transcript: Transcript, deadline: Deadline
    ) -> Iterator[Claim]:
        """One request, and a second one where the output of the first is no answer at all."""
        try:
            yield from self._take(request, transcript, deadline, "answer")
        except WritingError as error:
            if (
                error.failure is not ChatFailure.MALFORMED
                or transcript.claims
                or transcript.repaired
            ):
                raise
            transcript.repaired = True
            prompt, sent = self._prompts.repair, request.messages
            again = repair_request(prompt, sent, error.output, error.detail)
            yield from self._take(replace(request, messages=again), transcript, deadline, "repair")

    def _take(
        self, request: _Request, transcript: Transcript, deadline: Deadline, purpose: str
    ) -> Iterator[Claim]:
        taken = 0
        reading = PartialOutput({}, whole=False)
        readings = self._chat.read(
            request.schema, request.messages, deadline, transcript.usage, purpose
        )
        for reading in readings:
            entries = _entries(reading)
            # While the output comes in, the last statement may still grow.
            ready = entries if reading.whole else entries[:-1]
            for entry in ready[taken:_MAX_STATEMENTS]:
                taken += 1
                claim = _examined(entry, request.gate, transcript)
                if claim:
                    yield claim
            if taken == _MAX_STATEMENTS:
                return
        _check_end(reading, taken, transcript)


def _entries(reading: PartialOutput) -> list[Any]:
    """The statements that have come in; none where the model says that there is no answer."""
    entries = reading.value.get("statements")
    if reading.value.get("in_documents") is False or not isinstance(entries, list):
        return []
    return entries


def _examined(entry: Any, gate: StatementGate, transcript: Transcript) -> Claim | None:
    """The claim of an entry, or None where it is dropped; either way the transcript tells of it."""
    try:
        statement = Statement.model_validate(entry)
    except ValidationError as error:
        transcript.dropped.append(Drop("malformed", error.errors()[0]["msg"], str(entry)[:200]))
        return None
    transcript.written.append(WrittenStatement(statement, gate.named(statement)))
    outcome = gate.examine(statement)
    if isinstance(outcome, Drop):
        transcript.dropped.append(outcome)
        return None
    transcript.claims.append(outcome)
    return outcome


def _check_end(reading: PartialOutput, taken: int, transcript: Transcript) -> None:
    """Raises `WritingError` when the output is not an answer, not even a part of one."""
    in_documents = reading.value.get("in_documents")
    entries = _entries(reading)
    if not reading.whole and len(entries) > taken:
        transcript.dropped.append(Drop("cut off", "", str(entries[-1])[:200]))
    transcript.in_documents = in_documents if isinstance(in_documents, bool) else None
    if transcript.claims or transcript.in_documents is False:
        return
    shaped = reading.whole and isinstance(reading.value.get("statements"), list)
    if not shaped or (entries and all(drop.reason == "malformed" for drop in transcript.dropped)):
        complaint = "it is not the JSON that was asked for, or it was cut off"
        raise WritingError(ChatFailure.MALFORMED, complaint, output=reading.output)


def _retrying(transcript: Transcript, deadline: Deadline) -> "Retrying":
    """Tries again what may pass, unless something was handed on or there is no time to wait."""
    from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

    backoff = wait_random_exponential(multiplier=_FIRST_WAIT, max=_LONGEST_WAIT)
    attempts = stop_after_attempt(_MAX_ATTEMPTS)

    def may_pass(error: BaseException) -> bool:
        return isinstance(error, WritingError) and error.transient and not transcript.claims

    def wait(state: "RetryCallState") -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.wait if isinstance(error, WritingError) else None
        return backoff(state) if asked is None else asked

    def stop(state: "RetryCallState") -> bool:
        return attempts(state) or state.upcoming_sleep >= deadline.remaining

    return Retrying(retry=retry_if_exception(may_pass), wait=wait, stop=stop, reraise=True)
