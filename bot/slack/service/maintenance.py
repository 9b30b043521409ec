"""What a service does beside answering: it follows the catalog, and forgets what is old."""

from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING

from retrieval.domain.errors import IndexMismatchError, IndexMissingError

if TYPE_CHECKING:
    from bot.wiring.installation import Installation

_DAY = 24 * 3600.0


class Maintenance:
    """Often, it follows the catalog; daily, it forgets what is old."""

    def __init__(
        self, installation: "Installation", clock: Callable[[], float] = monotonic
    ) -> None:
        self._installation = installation
        self._clock = clock
        self._next = clock()

    def look(self) -> None:
        """Does what is due."""
        installation = self._installation
        if self._clock() >= self._next:
            self._next = self._clock() + _DAY
            installation.idempotency_keys.forget_old()
            installation.exchanges.forget_old()
            installation.rate_windows.forget_old()
            installation.journal.forget_old(installation.settings.journal_days)
        try:
            # Before anybody asks, what an indexer elsewhere has changed.
            installation.lexical_replica.tidy(installation.searcher.snapshot().build)
        except (IndexMissingError, IndexMismatchError):
            return
