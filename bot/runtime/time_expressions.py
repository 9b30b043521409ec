"""Times as people give them: an hour ago, or a date."""

import re
from datetime import UTC, datetime, timedelta

from retrieval.domain.errors import ConfigurationError

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def time_of(text: str, now: datetime) -> datetime:
    """Returns the time that `30m`, `1h`, `2d`, `1w` before `now`, or an ISO date, means; in UTC.

    Raises `ConfigurationError` for anything else.
    """
    try:
        if ago := re.fullmatch(r"(\d{1,6})\s*([mhdw])", text.strip()):
            return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        given = datetime.fromisoformat(text.strip())
        return (given if given.tzinfo else given.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ConfigurationError(
            f"{text!r} is no time; write 30m, 1h, 2d, 1w or a date such as 2026-11-25"
        ) from None
