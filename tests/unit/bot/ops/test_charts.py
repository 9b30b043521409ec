from datetime import UTC, datetime, timedelta

from bot.journal.figures import FiguresPeriod
from bot.ops.charts import HEIGHT, WIDTH, charts_of, waterfall
from bot.ops.rendering import dollars, milliseconds, moment, percent, query

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def period(hour: int, waits: list[float], **outcomes: int) -> FiguresPeriod:
    found = FiguresPeriod(NOON + timedelta(hours=hour), waits=waits, cost=0.01 * len(waits))
    found.outcomes.update(outcomes)
    return found


def test_bars_stand_on_one_another_within_the_chart() -> None:
    volume, *_ = charts_of([period(0, [], answered=3, abstained=1), period(1, [])], "%H:00")
    first, second = volume.bars
    assert first.y + first.height == HEIGHT
    assert second.y + second.height == first.y
    assert second.y >= 0
    assert first.says == "12:00: answered 3"
    assert second.x + second.width <= WIDTH / 2
    assert volume.top == "5"


def test_the_slowest_stand_on_the_median() -> None:
    _, waits, *_ = charts_of([period(0, [100.0] * 19 + [2000.0], answered=20)], "%H:00")
    assert [bar.kind for bar in waits.bars] == ["half", "slowest twentieth"]
    assert waits.bars[0].says == "12:00: half 100 ms"


def test_an_empty_time_has_charts_without_bars() -> None:
    assert all(chart.bars == () for chart in charts_of([period(0, [])], "%H:00"))


def test_not_every_period_is_named() -> None:
    (volume, *_) = charts_of([period(hour, []) for hour in range(24)], "%H:00")
    assert [name for _, name in volume.labels] == ["12:00", "17:00", "22:00", "03:00", "08:00"]


def test_steps_follow_one_another_and_what_is_left_comes_last() -> None:
    steps = waterfall({"embed": 20.0, "search": 30.0, "write": 0.0, "total": 100.0})
    assert [(step.name, step.took, step.left, step.width) for step in steps] == [
        ("embed", 20.0, 0.0, 20.0), ("search", 30.0, 20.0, 30.0), ("other", 50.0, 50.0, 50.0),
    ]  # fmt: skip
    assert waterfall({}) == []


def test_figures_are_worded_for_people() -> None:
    assert [milliseconds(one) for one in (None, 3.4, 9999, 12_000)] == [
        "–", "3 ms", "9,999 ms", "12.0 s",
    ]  # fmt: skip
    assert [percent(one) for one in (None, 0.734)] == ["–", "73%"]
    assert [dollars(one) for one in (None, 0.0123, 12.5)] == ["–", "$0.0123", "$12.50"]
    assert moment(NOON) == "2026-11-24 12:00:00"
    assert moment(None) == "–"
    assert query({"words": "a b&c", "outcome": "", "before": None}) == "words=a+b%26c"
