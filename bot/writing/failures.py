"""Why a chat model did not write an answer, whichever provider it is of."""

from collections.abc import Iterator
from enum import StrEnum

from bot.runtime.deadlines import DeadlineError


class ChatFailure(StrEnum):
    """Kinds of failure, as the journal names them."""

    TIMEOUT = "timed out"
    RATE_LIMITED = "rate limited"
    UNAVAILABLE = "unavailable"
    TOO_LONG = "context overflow"
    REFUSED = "refused"
    MALFORMED = "malformed output"
    DENIED = "not allowed"
    REJECTED = "request rejected"
    DEADLINE = "out of time"
    BUDGET = "budget used up"
    BROKEN = "failed"


# What may succeed when it is tried again.
TRANSIENT = frozenset({ChatFailure.TIMEOUT, ChatFailure.RATE_LIMITED, ChatFailure.UNAVAILABLE})
_BY_STATUS = {
    401: ChatFailure.DENIED, 402: ChatFailure.DENIED, 403: ChatFailure.DENIED, 404: ChatFailure.DENIED,
    400: ChatFailure.REJECTED, 422: ChatFailure.REJECTED, 408: ChatFailure.TIMEOUT, 409: ChatFailure.UNAVAILABLE, 413: ChatFailure.TOO_LONG,
    425: ChatFailure.UNAVAILABLE, 429: ChatFailure.RATE_LIMITED, 504: ChatFailure.TIMEOUT,
}  # fmt: skip
# Anthropic says 529 when it is overloaded.
_SERVER_FAILED = 500
_OVERFLOWS = (
    "context length", "context_length", "context window", "context size", "context_size",
    "maximum context", "prompt is too long", "too many tokens", "input is too long",
    "exceeds the available context",
)  # fmt: skip
_NO_MONEY = ("insufficient_quota", "credit balance is too low", "exceeded your current quota")
_NAMES = (
    ("ContextOverflow", ChatFailure.TOO_LONG), ("ContentFilter", ChatFailure.REFUSED),
    ("Refusal", ChatFailure.REFUSED), ("OutputParser", ChatFailure.MALFORMED),
    ("LengthFinishReason", ChatFailure.MALFORMED), ("Timeout", ChatFailure.TIMEOUT),
    ("RateLimit", ChatFailure.RATE_LIMITED), ("Authentication", ChatFailure.DENIED),
    ("Connect", ChatFailure.UNAVAILABLE), ("RemoteProtocol", ChatFailure.UNAVAILABLE),
    ("ReadError", ChatFailure.UNAVAILABLE), ("Overloaded", ChatFailure.UNAVAILABLE),
    ("Endless", ChatFailure.MALFORMED),
)  # fmt: skip


class WritingError(Exception):
    """A chat model did not write.

    `wait` is how many seconds the provider asks for, `output` what was malformed.
    """

    def __init__(
        self, failure: ChatFailure, detail: str, *, wait: float | None = None, output: str = ""
    ) -> None:
        super().__init__(f"{failure}: {detail}")
        self.failure = failure
        self.detail = detail
        self.wait = wait
        self.output = output

    @property
    def transient(self) -> bool:
        """Says whether the same request may succeed later."""
        return self.failure in TRANSIENT


def chat_failure_of(error: Exception) -> WritingError:
    """Returns what `error`, raised by a provider's client, means."""
    if isinstance(error, WritingError):
        return error
    detail = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"[:300]
    return WritingError(_kind(error), detail, wait=_wait(error))


def _kind(error: Exception) -> ChatFailure:
    if isinstance(error, DeadlineError):
        return ChatFailure.DEADLINE
    text = str(error).lower()
    if any(words in text for words in _OVERFLOWS):
        return ChatFailure.TOO_LONG
    if any(words in text for words in _NO_MONEY):
        return ChatFailure.DENIED
    status = _status(error)
    if status >= _SERVER_FAILED or "overloaded" in text:
        return _BY_STATUS.get(status, ChatFailure.UNAVAILABLE)
    return _BY_STATUS.get(status) or _kind_by_name(error)


def _kind_by_name(error: Exception) -> ChatFailure:
    """For what carries no status: a broken line, a client's own checks."""
    names = [kind.__name__ for link in _chain(error) for kind in type(link).__mro__]
    for part, failure in _NAMES:
        if any(part in name for name in names):
            return failure
    return ChatFailure.UNAVAILABLE if isinstance(error, OSError) else ChatFailure.BROKEN


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _status(error: Exception) -> int:
    for holder in (error, getattr(error, "response", None)):
        status = getattr(holder, "status_code", None)
        if isinstance(status, int):
            return status
    return 0


def _wait(error: Exception) -> float | None:
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    try:
        return max(0.0, float(headers.get("retry-after", "")))
    except ValueError:
        return None
