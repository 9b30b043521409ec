from typing import Any

import pytest

from bot.slack.api.client import Pauses, seconds_told
from tests.attacks.cases import read_cases


class Clock:
    """A clock that is set by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("case", read_cases("retry_after"), ids=lambda case: case["what"])
def test_what_retry_after_says_is_read_whatever_it_says(case: dict[str, Any]) -> None:
    assert seconds_told(case["header"]) == case["seconds"]


def test_a_pause_holds_for_its_key_until_it_is_over() -> None:
    clock = Clock()
    pauses = Pauses(clock)
    pauses.turn("chat.postMessage C1", 20)
    assert pauses.left("chat.postMessage C1") == 20
    assert pauses.left("chat.postMessage C2") == 0
    clock.now += 20
    assert pauses.left("chat.postMessage C1") == 0


def test_those_who_wait_for_the_same_try_again_one_after_another() -> None:
    pauses = Pauses(Clock())
    assert [pauses.turn("chat.update", 5) for _ in range(4)] == [5, 6, 7, 8]
    assert pauses.turn("chat.stopStream", 5) == 5


def test_old_pauses_are_forgotten() -> None:
    clock = Clock()
    pauses = Pauses(clock)
    for number in range(1000):
        clock.now += 10
        pauses.turn(f"chat.postMessage C{number}", 5)
    assert len(pauses._ends) == len(pauses._turns) == 1
