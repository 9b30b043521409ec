"""One request to a chat model: structured output as it comes in, in time, and counted."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

from bot.costs.prices import Prices, Tokens
from bot.costs.usage import Call, Usage
from bot.runtime.deadlines import Deadline, current_cancellation
from bot.writing.failures import ChatFailure, WritingError, chat_failure_of

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage

_CHARS_PER_TOKEN = 4
# A whole answer has about 3,000 characters, a long quote 500. Small models go round in circles:
# in white space, in one endless string, in the same statement over and over.
_MAX_OUTPUT_CHARS = 40_000
_MAX_PIECE_CHARS = 4_000
_MAX_BLANK_CHARS = 1_000
_REFUSALS = frozenset({"refusal", "content_filter", "safety", "blocked", "prohibited_content"})


@dataclass(frozen=True, slots=True)
class PartialOutput:
    """What has come in so far; `whole` says that it is all there, and well formed.

    `output` is what the model wrote, once it has ended.
    """

    value: dict[str, Any]
    whole: bool
    output: str = ""


class Chat:
    """A chat model that answers with JSON objects. Shared between threads.

    `method` is how it is held to a schema: "json_schema", "function_calling", "json_mode",
    or None for what LangChain takes for its provider. `guided` says that its server
    decodes by grammar, and takes any schema.
    """

    def __init__(
        self, model: "BaseChatModel", prices: Prices, method: str | None = None, *,
        guided: bool = False,
    ) -> None:  # fmt: skip
        self.guided = guided
        self._model = model
        self._prices = prices
        self._method: dict[str, Any] = {"method": method} if method else {}

    def read(
        self, schema: dict[str, Any], messages: "Sequence[BaseMessage]", deadline: Deadline,
        usage: Usage, purpose: str,
    ) -> Iterator[PartialOutput]:  # fmt: skip
        """Yields readings, the last one whole unless the output was cut off.

        Raises `WritingError`, also for more output than any answer has. Reading ends, and the
        connection with it, when nobody takes the readings any more.
        """
        record = _CallRecord(messages)
        runnable = self._model.with_structured_output(schema, **self._method)
        config: Any = {"callbacks": [record.handler()]}
        latest: dict[str, Any] = {}
        outcome = "abandoned"
        try:
            for value in deadline.bound(lambda: runnable.stream(list(messages), config)):
                if isinstance(value, dict):
                    _check_pieces(value)
                    latest = value
                    yield PartialOutput(latest, whole=False)
            yield PartialOutput(latest, record.check_end(), record.output)
            outcome = "ok"
        except Exception as error:
            failure = _explain(error, record)
            outcome = str(failure.failure)
            raise failure from error
        finally:
            usage.add(record.call(purpose, outcome, self._prices))


def _check_pieces(value: Any) -> None:
    """Raises `WritingError` where a string is too long: of what comes in, only the last may grow."""
    if isinstance(value, str) and len(value) > _MAX_PIECE_CHARS:
        raise _endless(f"a piece of it has more than {_MAX_PIECE_CHARS:,} characters")
    if isinstance(value, dict):
        for part in value.values():
            _check_pieces(part)
    elif isinstance(value, list) and value:
        for part in value[-2:]:
            _check_pieces(part)


def _endless(complaint: str) -> WritingError:
    return WritingError(ChatFailure.MALFORMED, complaint)


def _explain(error: Exception, record: "_CallRecord") -> WritingError:
    failure = chat_failure_of(error)
    if record.refused:
        failure = WritingError(ChatFailure.REFUSED, "the model refused")
    failure.output = record.output
    return failure


class _CallRecord:
    """Listens to one call: the message it ended with, its tokens, how long it took."""

    def __init__(self, messages: "Sequence[BaseMessage]") -> None:
        self._sent = sum(len(str(message.content)) for message in messages)
        self._began = perf_counter()
        self._received = 0
        self._blank = 0
        self._message: Any = None

    def handler(self) -> Any:
        """Returns the LangChain callback that fills this record."""
        from langchain_core.callbacks import BaseCallbackHandler

        record = self

        class Handler(BaseCallbackHandler):
            # What `on_llm_new_token` raises ends the stream.
            raise_error = True

            def on_llm_new_token(self, token: Any, *, chunk: Any = None, **_: Any) -> None:
                record._heard(token, chunk)

            def on_llm_end(self, response: Any, **_: Any) -> None:
                record._message = response.generations[0][0].message

        return Handler()

    def _heard(self, token: Any, chunk: Any) -> None:
        call = current_cancellation()
        if call is not None and call.cancelled:
            return  # the connection is being ended, see `connections.py`
        calls = getattr(getattr(chunk, "message", None), "tool_call_chunks", None) or []
        pieces = [
            token if isinstance(token, str) else "",
            *(one.get("args") or "" for one in calls),
        ]
        written = "".join(pieces)
        self._received += len(written)
        self._blank = 0 if written.strip() else self._blank + len(written)
        if self._received > _MAX_OUTPUT_CHARS:
            raise _endless(f"it has more than {_MAX_OUTPUT_CHARS:,} characters")
        if self._blank > _MAX_BLANK_CHARS:
            raise _endless("it goes on in white space")

    @property
    def refused(self) -> bool:
        """Says whether the model, or its provider's filter, declined."""
        meta = getattr(self._message, "response_metadata", None) or {}
        reason = str(meta.get("stop_reason") or meta.get("finish_reason") or "").lower()
        extra = getattr(self._message, "additional_kwargs", None) or {}
        return reason in _REFUSALS or bool(extra.get("refusal"))

    @property
    def output(self) -> str:
        """What the model wrote: the arguments of its tool call, or its text."""
        message = self._message
        chunks = getattr(message, "tool_call_chunks", None)
        if chunks:
            return str(chunks[0].get("args") or "")
        calls = getattr(message, "tool_calls", None)
        if calls:
            return json.dumps(calls[0]["args"], ensure_ascii=False)
        return str(getattr(message, "text", "") or "")

    def check_end(self) -> bool:
        """Returns whether the output is complete JSON; raises `WritingError` for a refusal or none."""
        if self.refused:
            raise WritingError(ChatFailure.REFUSED, "the model refused")
        output = self.output.strip()
        if not output:
            raise WritingError(ChatFailure.MALFORMED, "the model wrote nothing")
        try:
            json.loads(output.removeprefix("```json").removeprefix("```").removesuffix("```"))
        except ValueError:
            return False
        return True

    def call(self, purpose: str, outcome: str, prices: Prices) -> Call:
        """Returns the call, for the account of what was used."""
        tokens = self._tokens()
        seconds = perf_counter() - self._began
        return Call(purpose, outcome, tokens, prices.cost(tokens), seconds)

    def _tokens(self) -> Tokens:
        usage = getattr(self._message, "usage_metadata", None)
        if not usage or not usage["input_tokens"]:
            read, written = self._sent // _CHARS_PER_TOKEN, self._received // _CHARS_PER_TOKEN
            return Tokens(read, written, estimated=True)
        cached = (usage.get("input_token_details") or {}).get("cache_read") or 0
        return Tokens(usage["input_tokens"], usage["output_tokens"], cached)
