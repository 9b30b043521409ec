"""How often a key was counted within a window of time, for all the processes of a database."""

import time
from collections.abc import Callable

from sqlalchemy import Engine, case, delete, or_
from sqlalchemy.dialects import postgresql, sqlite

from bot.conversations.tables import RateWindowRow

_KEPT_SECONDS = 3600.0


class RateWindows:
    """Fixed windows that begin with a key's first count; one statement a count.

    The clock is the wall clock, which processes share more or less. Where it was set back, a
    window that would begin in the future begins anew.
    """

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._clock = clock

    def count(self, key: str, seconds: float) -> tuple[int, float]:
        """Counts `key` once; returns its count in this window, and when the window ends, in seconds."""
        now = self._clock()
        insert = (sqlite if self._engine.dialect.name == "sqlite" else postgresql).insert
        row = RateWindowRow
        is_over = or_(row.began <= now - seconds, row.began > now + seconds)
        statement = (
            insert(row)
            .values(key=key, began=now, asked=1)
            .on_conflict_do_update(
                index_elements=[row.key],
                set_={
                    "asked": case((is_over, 1), else_=row.asked + 1),
                    "began": case((is_over, now), else_=row.began),
                },
            )
            .returning(row.asked, row.began)
        )
        with self._engine.begin() as connection:
            asked, began = connection.execute(statement).one()
        return int(asked), min(float(began) + seconds - now, seconds)

    def forget_all(self) -> None:
        """Begins every window anew."""
        with self._engine.begin() as connection:
            connection.execute(delete(RateWindowRow))

    def forget_old(self) -> None:
        """Deletes windows that began more than an hour ago, or so far in the future."""
        now = self._clock()
        old = or_(
            RateWindowRow.began < now - _KEPT_SECONDS, RateWindowRow.began > now + _KEPT_SECONDS
        )
        with self._engine.begin() as connection:
            connection.execute(delete(RateWindowRow).where(old))
