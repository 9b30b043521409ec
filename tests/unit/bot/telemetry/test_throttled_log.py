import logging

from bot.telemetry.throttled_log import OnceAMinute, ThrottledLog


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_first_is_written_at_once_and_the_rest_once_a_minute_with_their_counts() -> None:
    clock, written = Clock(), []
    log = ThrottledLog(lambda event, counts: written.append((event, counts)), "refused", clock)
    for _ in range(1000):
        log.tell("unsigned")
    assert written == [("refused", {"unsigned": 1})]
    log.tell("stale")
    clock.now = 61
    log.tell("stale")
    assert written[1:] == [("refused", {"unsigned": 999, "stale": 2})]


def test_reasons_do_not_grow_without_end() -> None:
    clock, written = Clock(), []
    log = ThrottledLog(lambda event, counts: written.append(counts), "refused", clock)
    for number in range(1000):
        log.tell(str(number))
    clock.now = 61
    log.tell("last")
    assert len(written[1]) <= 51
    assert sum(written[1].values()) == 1000


def test_each_message_of_a_library_comes_through_once_a_minute() -> None:
    clock = Clock()
    gate = OnceAMinute(clock)

    def passes(text: str) -> bool:
        return gate.filter(logging.LogRecord("x", logging.WARNING, "", 0, text, None, None))

    assert [passes("a"), passes("a"), passes("b"), passes("b")] == [True, False, True, False]
    clock.now = 61
    assert passes("a")
    for number in range(1000):
        passes(str(number))
    assert len(gate._next) <= 50
