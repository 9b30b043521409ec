from datetime import UTC, datetime, timedelta

import pytest

from bot.runtime.time_expressions import time_of
from retrieval.domain.errors import ConfigurationError

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "ago"),
    [
        ("30m", timedelta(minutes=30)), ("1h", timedelta(hours=1)), (" 2 d ", timedelta(days=2)),
        ("1w", timedelta(weeks=1)), ("0h", timedelta(0)),
    ],
)  # fmt: skip
def test_a_span_is_counted_back_from_now(text: str, ago: timedelta) -> None:
    assert time_of(text, NOW) == NOW - ago


def test_a_date_is_in_utc_unless_it_says_otherwise() -> None:
    assert time_of("2026-11-20", NOW) == datetime(2026, 11, 20, tzinfo=UTC)
    assert time_of("2026-11-20T10:00+02:00", NOW) == datetime(2026, 11, 20, 8, tzinfo=UTC)


@pytest.mark.parametrize("text", ["yesterday", "", "1y", "-1h", "2026-13-01", "999999w"])
def test_what_is_no_time_is_named_with_what_would_be(text: str) -> None:
    with pytest.raises(ConfigurationError, match="is no time; write 30m, 1h, 2d, 1w or a date"):
        time_of(text, NOW)
