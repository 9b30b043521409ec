"""The daily budget of a workspace for written answers."""

from collections.abc import Callable
from datetime import UTC, datetime

from bot.journal.entries import Journal


def _now() -> datetime:
    return datetime.now(UTC)


class Budget:
    """Compares what the journal says was spent since midnight UTC with a limit in US dollars.

    Questions in flight are not in the journal yet: a workspace may go over its limit by
    what they cost. Without a limit there is always money.
    """

    def __init__(
        self, journal: Journal, dollars: float | None, now: Callable[[], datetime] = _now
    ) -> None:
        self._journal = journal
        self._dollars = dollars
        self._now = now

    def used_up(self, workspace: str) -> bool:
        """Says whether `workspace` has spent what it may spend today."""
        if self._dollars is None:
            return False
        midnight = self._now().replace(hour=0, minute=0, second=0, microsecond=0)
        return self._journal.spent(workspace, midnight) >= self._dollars
