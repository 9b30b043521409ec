import threading
import time
from collections.abc import Iterator

import pytest

from bot.runtime.deadlines import Deadline, DeadlineError


def test_what_comes_in_time_is_passed_on_in_order() -> None:
    assert list(Deadline(5).bound(lambda: iter([1, 2, 3]))) == [1, 2, 3]


def test_what_fails_fails_where_it_is_waited_for() -> None:
    def start() -> Iterator[int]:
        yield 1
        raise OSError("broken")

    found = Deadline(5).bound(start)
    assert next(found) == 1
    with pytest.raises(OSError, match="broken"):
        next(found)


def test_what_comes_too_late_is_not_waited_for_and_stops() -> None:
    gate, closed = threading.Event(), threading.Event()

    def start() -> Iterator[int]:
        try:
            yield 1
            gate.wait(5)
            yield 2
        finally:
            closed.set()

    found = Deadline(0.2).bound(start)
    assert next(found) == 1
    began = time.monotonic()
    with pytest.raises(DeadlineError):
        next(found)
    assert time.monotonic() - began < 3
    gate.set()
    assert closed.wait(3)


def test_no_time_is_left_after_the_end() -> None:
    assert Deadline(0).remaining == 0
    assert 0 < Deadline(5).remaining <= 5
