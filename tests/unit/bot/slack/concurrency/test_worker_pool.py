import threading
import time

import pytest

from bot.slack.concurrency.waiting import (
    AbandonedError,
    aside_when_slow,
    may_wait,
    step_aside,
    step_back,
    wait,
    while_ours,
)
from bot.slack.concurrency.worker_pool import WorkerPool
from tests.slack.server import wait_for


def test_places_are_told_and_a_full_desk_refuses() -> None:
    gate = threading.Event()
    pool = WorkerPool(workers=1, room=3)
    assert [pool.submit(lambda: gate.wait(5) and None) for _ in range(4)] == [0, 1, 2, None]
    gate.set()
    pool.close()
    assert pool.idle


def test_a_job_that_fails_makes_room_all_the_same() -> None:
    pool = WorkerPool(workers=1, room=1)

    def fail() -> None:
        raise ValueError

    pool.submit(fail)
    pool.close()
    assert pool.idle


def test_a_closed_desk_takes_nothing() -> None:
    pool = WorkerPool()
    pool.close()
    assert pool.submit(lambda: None) is None


def test_a_job_that_waits_gives_its_place_away_and_takes_one_before_going_on() -> None:
    pool = WorkerPool(workers=1)
    at_work, most = 0, 0
    lock, done = threading.Lock(), []

    def begin(change: int) -> None:
        nonlocal at_work, most
        with lock:
            at_work += change
            most = max(most, at_work)

    def work(number: int) -> None:
        begin(1)
        time.sleep(0.01)
        begin(-1)
        wait(0.2)
        begin(1)
        time.sleep(0.01)
        begin(-1)
        done.append(number)

    began = time.monotonic()
    for number in range(20):
        pool.submit(lambda number=number: work(number))
    pool.close()
    assert sorted(done) == list(range(20))
    assert most == 1
    # One after another they would wait for four seconds.
    assert time.monotonic() - began < 3


def test_threads_that_are_not_needed_any_more_go() -> None:
    pool = WorkerPool(workers=2, name="test-desk-threads")

    def alive() -> int:
        return sum(one.name == "test-desk-threads" for one in threading.enumerate())

    for _ in range(30):
        pool.submit(lambda: (step_aside(), time.sleep(0.3)))
    wait_for(lambda: alive() > 10)
    wait_for(lambda: alive() <= 2)
    pool.close()
    wait_for(lambda: alive() == 0)


def test_a_job_is_never_held_twice_nor_left_twice() -> None:
    pool = WorkerPool(workers=1)
    seen = []

    def work() -> None:
        mine = [step_aside(), step_aside()]
        step_back()
        step_back()
        seen.append([*mine, step_aside()])

    for _ in range(3):
        pool.submit(work)
    pool.close()
    assert seen == [[True, False, True]] * 3
    assert pool.depth == 0


def test_whoever_has_most_in_a_full_queue_makes_room_for_others() -> None:
    gate, begun, refused, done = threading.Event(), threading.Event(), [], []
    pool = WorkerPool(workers=1, room=4)

    def put(key: str, name: str) -> int | None:
        return pool.submit(
            lambda: (begun.set(), gate.wait(5), done.append(name)),
            key,
            lambda: refused.append(name),
        )

    places = [put("a", "a0")]
    begun.wait(5)
    places += [put("a", f"a{number}") for number in range(1, 5)]
    assert places == [0, 1, 2, 3, None]
    assert put("b", "b0") == 2
    assert put("b", "b1") is None
    assert refused == ["a3"]
    gate.set()
    pool.close()
    assert done == ["a0", "a1", "b0", "a2"]


def test_closing_does_not_wait_for_a_job_that_waits_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.slack.concurrency.worker_pool._GRACE_SECONDS", 0.5)
    pool, began, done = WorkerPool(), time.monotonic(), []
    pool.submit(lambda: (wait(60), done.append("long")))
    pool.submit(lambda: (wait(0.3), done.append("short")))
    pool.close()
    assert time.monotonic() - began < 10
    assert done == ["short"]


def test_a_job_that_became_somebody_elses_ends_after_its_wait() -> None:
    pool, ended = WorkerPool(), []

    def work() -> None:
        with while_ours(lambda: False):
            try:
                wait(0.01)
            except AbandonedError:
                ended.append("abandoned")

    pool.submit(work)
    pool.close()
    assert ended == ["abandoned"]


def test_a_job_may_wait_whoever_submitted_it() -> None:
    from bot.slack.concurrency.waiting import not_waiting

    pool, told = WorkerPool(), []
    with not_waiting():
        assert not may_wait()
        pool.submit(lambda: told.append(may_wait()))
    assert may_wait()
    pool.close()
    assert told == [True]


def test_a_job_that_would_end_its_thread_costs_no_worker() -> None:
    pool, done = WorkerPool(workers=1), []

    def leave() -> None:
        raise SystemExit

    for _ in range(3):
        pool.submit(leave)
    pool.submit(lambda: done.append(1))
    pool.close()
    assert done == [1]


def test_a_slow_call_gives_its_place_away_and_a_quick_one_keeps_it() -> None:
    pool, order = WorkerPool(workers=1), []

    def call(name: str, seconds: float) -> None:
        with aside_when_slow(0.2):
            time.sleep(seconds)
        order.append(name)

    pool.submit(lambda: call("quick", 0.05))
    pool.submit(lambda: call("slow", 1.0))
    pool.submit(lambda: call("next", 0.0))
    pool.close()
    assert order == ["quick", "next", "slow"]
    assert pool.depth == 0
