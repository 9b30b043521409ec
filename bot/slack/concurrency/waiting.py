"""How a thread waits for Slack: giving its place away meanwhile, plainly, or not at all.

A thread that nobody depends on sleeps. One that works at a desk gives its place to another job
first. One that Slack itself waits for, or whose call only decorates, does not wait.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

# A call of Slack that takes longer is slow.
_SLOW_SECONDS = 1.0


class AbandonedError(Exception):
    """A job is not ours to finish any more: this process is stopping, or another has taken it over."""


class Seat(Protocol):
    """A job's place among those that are worked on. Thread-safe."""

    @property
    def held(self) -> bool:
        """Says whether the job has its place now."""

    def step_aside(self) -> bool:
        """Gives the place to another job; says whether it was held."""

    def step_back(self) -> None:
        """Waits for a place, and takes it."""

    def sleep(self, seconds: float) -> None:
        """Waits so long. Raises `AbandonedError` when the desk closes before."""


_seat: ContextVar[Seat | None] = ContextVar("seat", default=None)
_may_wait: ContextVar[bool] = ContextVar("may_wait", default=True)
_is_ours: ContextVar[Callable[[], bool] | None] = ContextVar("is_ours", default=None)


def sit(seat: Seat) -> None:
    """The job of this context has a place, and may wait."""
    _seat.set(seat)
    _may_wait.set(True)


def never_wait() -> None:
    """Whatever this context calls is not waited for from now on."""
    _may_wait.set(False)


@contextmanager
def not_waiting() -> Iterator[None]:
    """Whatever is called inside is not waited for."""
    token = _may_wait.set(False)
    try:
        yield
    finally:
        _may_wait.reset(token)


@contextmanager
def while_ours(is_ours: Callable[[], bool]) -> Iterator[None]:
    """Inside, a wait ends in `AbandonedError` when `is_ours` says no afterwards."""
    token = _is_ours.set(is_ours)
    try:
        yield
    finally:
        _is_ours.reset(token)


def may_wait() -> bool:
    """Says whether this context may wait for Slack."""
    return _may_wait.get()


def step_aside() -> bool:
    """Gives this job's place away, if it has one: what is left to do is to wait for others."""
    seat = _seat.get()
    return seat.step_aside() if seat else False


def step_back() -> None:
    """Takes a place again, if this job works at a desk; waits until one is free."""
    seat = _seat.get()
    if seat:
        seat.step_back()


@contextmanager
def aside_when_slow(seconds: float = _SLOW_SECONDS) -> Iterator[None]:
    """What takes longer than `seconds` inside gives the job's place away, and takes one at the end."""
    seat = _seat.get()
    if seat is None or not seat.held:
        yield
        return
    timer = threading.Timer(seconds, seat.step_aside)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        seat.step_back()


def wait(seconds: float) -> None:
    """Waits without holding a place. Raises `AbandonedError` when the job is not ours afterwards."""
    seat = _seat.get()
    if seat is None:
        time.sleep(seconds)
    else:
        held = seat.step_aside()
        seat.sleep(seconds)
        if held:
            seat.step_back()
    is_ours = _is_ours.get()
    if is_ours is not None and not is_ours():
        raise AbandonedError
