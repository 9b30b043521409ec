import httpx
import pytest

from bot.runtime.deadlines import DeadlineError
from bot.writing.failures import ChatFailure, WritingError, chat_failure_of


class StatusError(Exception):
    """As providers' clients raise them: a status, and the response it came with."""

    def __init__(self, status: int, text: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(text)
        self.response = httpx.Response(status, headers=headers or {})


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (StatusError(401), ChatFailure.DENIED),
        (StatusError(404), ChatFailure.DENIED),
        (StatusError(429), ChatFailure.RATE_LIMITED),
        (StatusError(429, "insufficient_quota"), ChatFailure.DENIED),
        (StatusError(400, "Your credit balance is too low"), ChatFailure.DENIED),
        (StatusError(400, "prompt is too long: 9 > 8"), ChatFailure.TOO_LONG),
        (StatusError(400, "the request exceeds the available context size"), ChatFailure.TOO_LONG),
        (StatusError(400, "unknown parameter"), ChatFailure.REJECTED),
        (StatusError(500), ChatFailure.UNAVAILABLE),
        (StatusError(504), ChatFailure.TIMEOUT),
        (StatusError(529), ChatFailure.UNAVAILABLE),
        (httpx.ReadTimeout("slow"), ChatFailure.TIMEOUT),
        (httpx.ConnectError("nobody there"), ChatFailure.UNAVAILABLE),
        (httpx.RemoteProtocolError("peer closed"), ChatFailure.UNAVAILABLE),
        (ConnectionResetError("reset"), ChatFailure.UNAVAILABLE),
        (DeadlineError("late"), ChatFailure.DEADLINE),
        (ValueError("a defect of ours"), ChatFailure.BROKEN),
    ],
)
def test_a_failure_is_read_whichever_client_raises_it(
    error: Exception, failure: ChatFailure
) -> None:
    assert chat_failure_of(error).failure is failure


def test_what_a_client_wraps_is_read_too() -> None:
    error = RuntimeError("wrapped")
    error.__cause__ = httpx.ReadTimeout("slow")
    assert chat_failure_of(error).failure is ChatFailure.TIMEOUT


def test_the_wait_that_a_provider_asks_for_is_kept() -> None:
    assert chat_failure_of(StatusError(429, headers={"retry-after": "7"})).wait == 7.0
    assert chat_failure_of(StatusError(429, headers={"retry-after": "soon"})).wait is None


def test_only_what_may_pass_is_transient() -> None:
    assert WritingError(ChatFailure.TIMEOUT, "").transient
    assert not WritingError(ChatFailure.DENIED, "").transient
