"""Indexes by the clock: `MONAZITE_REINDEX_CRON`, once for all the replicas."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from bot.conversations.idempotency_keys import IdempotencyKeys
from bot.runtime.request_ids import new_request_id
from bot.slack.work.index_jobs import IndexJobOutcome
from retrieval.domain.access import PUBLIC, Reader

_log = logging.getLogger("monazite")


class RunIndexJob(Protocol):
    """Indexes on somebody's behalf."""

    def __call__(self, who: str) -> IndexJobOutcome:
        """Returns what came of it."""


class Schedule:
    """Runs at the times of a cron expression, by the local clock, until it is stopped.

    `tell` is given what went wrong, `report` what nobody expected. What is told goes to `reader`.
    """

    def __init__(
        self, cron: str, index: RunIndexJob, idempotency_keys: IdempotencyKeys, tell: Callable[[str], object],
        report: Callable[[Exception, str], object], reader: Reader = PUBLIC,
    ) -> None:  # fmt: skip
        self._cron = cron
        self._index = index
        self._idempotency_keys = idempotency_keys
        self._tell = tell
        self._report = report
        self._reader = reader
        self._stop = threading.Event()

    def start(self) -> None:
        """Runs on a thread of its own."""
        threading.Thread(target=self._work, name="schedule", daemon=True).start()

    def stop(self) -> None:
        """Ends it; a run at work goes on."""
        self._stop.set()

    def run(self, moment: datetime) -> bool:
        """Indexes for `moment`, unless another process does; returns whether it did."""
        if not self._idempotency_keys.claim(f"schedule:{moment.isoformat()}"):
            return False
        outcome = self._index("the schedule")
        _log.info("Indexed by schedule: %s", outcome.text.partition("\n")[0])
        if not outcome.clean:
            self._tell(f"By schedule. {outcome.told_to(self._reader, alone=False)}")
        return True

    def _work(self) -> None:
        from croniter import croniter

        while not self._stop.is_set():
            # Reckoned anew each time: what was missed meanwhile is not made up for.
            now = datetime.now().astimezone()
            moment = croniter(self._cron, now).get_next(datetime)
            if self._stop.wait((moment - now).total_seconds()):
                return
            try:
                self.run(moment)
            except Exception as error:  # noqa: BLE001  the next time may work
                self._report(error, new_request_id())
