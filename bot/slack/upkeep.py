"""What a service does beside answering."""

from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING

from retrieval.domain.errors import IndexMismatchError, IndexMissingError

if TYPE_CHECKING:
    from bot.assembly import Assembly

_DAY = 24 * 3600.0


class Upkeep:
    """Often, it follows the catalog; daily, it forgets what is old."""

    def __init__(self, assembly: "Assembly", clock: Callable[[], float] = monotonic) -> None:
        self._assembly = assembly
        self._clock = clock
        self._next = clock()

    def look(self) -> None:
        """Does what is due."""
        assembly = self._assembly
        if self._clock() >= self._next:
            self._next = self._clock() + _DAY
            assembly.claims.forget_old()
            assembly.exchanges.forget_old()
            assembly.rate_windows.forget_old()
            assembly.journal.forget_old(assembly.settings.journal_days)
        try:
            # Before anybody asks, what an indexer elsewhere has changed.
            assembly.lexical_replica.tidy(assembly.searcher.snapshot().build)
        except (IndexMissingError, IndexMismatchError):
            return
