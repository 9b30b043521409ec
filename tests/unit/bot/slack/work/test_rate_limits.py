from bot.slack.work.rate_limits import RateLimit


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_key_is_told_how_long_to_wait_and_others_are_let_through() -> None:
    clock = Clock()
    rates = RateLimit(2, clock)
    assert [rates.wait("a"), rates.wait("a"), rates.wait("b")] == [0, 0, 0]
    clock.now = 20.5
    assert rates.wait("a") == 40


def test_a_minute_later_the_key_is_let_through_again() -> None:
    clock = Clock()
    rates = RateLimit(1, clock)
    assert rates.wait("a") == 0
    clock.now = 60.0
    assert rates.wait("a") == 0
    assert rates.wait("a") == 60


def test_refused_questions_do_not_prolong_the_wait() -> None:
    clock = Clock()
    rates = RateLimit(1, clock)
    rates.wait("a")
    for clock.now in (10.0, 20.0, 30.0):
        assert rates.wait("a") == 60 - clock.now


def test_a_limit_of_zero_lets_all_through() -> None:
    rates = RateLimit(0, Clock())
    assert {rates.wait("a") for _ in range(100)} == {0}
