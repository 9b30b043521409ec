"""Questions of processes that died are taken over by those that live."""

import threading
from collections.abc import Callable

from bot.conversations.exchanges import Exchange, Exchanges
from bot.conversations.heartbeats import Heartbeats
from bot.runtime.request_ids import new_request_id
from bot.telemetry.logs import log_of
from bot.telemetry.throttled_log import ThrottledLog
from retrieval.database.engine import is_unavailable

_log = log_of(__name__)
_SECONDS_BETWEEN_LOOKS = 2.0


class Takeover:
    """Looks after the others from time to time, and lets them see that this process lives.

    `resume` takes a question up, and returns False where there is no room for it. `also` is done
    at every look.
    """

    def __init__(
        self, heartbeats: Heartbeats, exchanges: Exchanges, resume: Callable[[Exchange], bool],
        report: Callable[[Exception, str], object], also: Callable[[], object] = lambda: None,
    ) -> None:  # fmt: skip
        self._heartbeats = heartbeats
        self._exchanges = exchanges
        self._resume = resume
        self._report = report
        self._also = also
        # A look every two seconds must not fill the log while the database is away.
        self._away = ThrottledLog(_log.warning, "the database is away: nobody is looked after")
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="takeover", daemon=True)

    def start(self) -> None:
        """Makes this process known, and looks after the others on a thread of its own."""
        self._heartbeats.beat()
        self._thread.start()

    def stop(self) -> None:
        """Leaves for good; whatever is still open then is taken over by others."""
        self._stopped.set()
        self._thread.join()
        self._heartbeats.leave()

    def look(self) -> int:
        """Adopts the open questions of processes that died; returns how many there were."""
        self._heartbeats.beat()
        found = 0
        for exchange in self._exchanges.orphans(self._heartbeats.alive()):
            if self._exchanges.adopt(exchange, self._heartbeats.name):
                found += self._take(exchange)
        return found

    def _take(self, exchange: Exchange) -> bool:
        if self._resume(exchange):
            return True
        # No room: it stays with the dead until the next look.
        ours = self._exchanges.get(exchange.request_id)
        if ours:
            self._exchanges.adopt(ours, exchange.owner)
        return False

    def _run(self) -> None:
        while not self._stopped.wait(_SECONDS_BETWEEN_LOOKS):
            try:
                found = self.look()
                if found:
                    _log.warning("questions of a dead process taken over", count=found)
                self._also()
            except Exception as error:  # noqa: BLE001  the next look may go better
                if is_unavailable(error):
                    self._away.tell(type(error).__name__)
                else:
                    self._report(error, new_request_id())
