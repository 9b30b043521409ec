import httpx
import pytest

from bot.runtime.deadlines import DeadlineError
from bot.writing.failures import Failure, WritingError, read_failure


class StatusError(Exception):
    """As providers' clients raise them: a status, and the response it came with."""

    def __init__(self, status: int, text: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(text)
        self.response = httpx.Response(status, headers=headers or {})


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (StatusError(401), Failure.DENIED),
        (StatusError(404), Failure.DENIED),
        (StatusError(429), Failure.RATE_LIMITED),
        (StatusError(429, "insufficient_quota"), Failure.DENIED),
        (StatusError(400, "Your credit balance is too low"), Failure.DENIED),
        (StatusError(400, "prompt is too long: 9 > 8"), Failure.TOO_LONG),
        (StatusError(400, "the request exceeds the available context size"), Failure.TOO_LONG),
        (StatusError(400, "unknown parameter"), Failure.REJECTED),
        (StatusError(500), Failure.UNAVAILABLE),
        (StatusError(504), Failure.TIMEOUT),
        (StatusError(529), Failure.UNAVAILABLE),
        (httpx.ReadTimeout("slow"), Failure.TIMEOUT),
        (httpx.ConnectError("nobody there"), Failure.UNAVAILABLE),
        (httpx.RemoteProtocolError("peer closed"), Failure.UNAVAILABLE),
        (ConnectionResetError("reset"), Failure.UNAVAILABLE),
        (DeadlineError("late"), Failure.DEADLINE),
        (ValueError("a defect of ours"), Failure.BROKEN),
    ],
)
def test_a_failure_is_read_whichever_client_raises_it(error: Exception, failure: Failure) -> None:
    assert read_failure(error).failure is failure


def test_what_a_client_wraps_is_read_too() -> None:
    error = RuntimeError("wrapped")
    error.__cause__ = httpx.ReadTimeout("slow")
    assert read_failure(error).failure is Failure.TIMEOUT


def test_the_wait_that_a_provider_asks_for_is_kept() -> None:
    assert read_failure(StatusError(429, headers={"retry-after": "7"})).wait == 7.0
    assert read_failure(StatusError(429, headers={"retry-after": "soon"})).wait is None


def test_only_what_may_pass_is_transient() -> None:
    assert WritingError(Failure.TIMEOUT, "").transient
    assert not WritingError(Failure.DENIED, "").transient
