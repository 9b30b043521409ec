"""Figures of the journal: how much was asked, answered, waited for and spent, period by period."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import quantiles

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from bot.conversations.tables import VerdictRow
from bot.journal.tables import JournalRow
from retrieval.domain.records import in_utc


@dataclass(slots=True)
class FiguresPeriod:
    """Figures of the time from `start` on; waits in milliseconds, cost in US dollars."""

    start: datetime
    outcomes: Counter[str] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    cost: float = 0.0

    @property
    def questions(self) -> int:
        """How many were asked."""
        return self.outcomes.total()

    @property
    def answered_share(self) -> float | None:
        """The share that was answered, 0 to 1; None where nothing was asked."""
        return self.outcomes["answered"] / self.questions if self.questions else None

    def wait(self, percent: int) -> float | None:
        """Returns the wait that `percent` of the questions did not exceed."""
        if len(self.waits) < 2:
            return self.waits[0] if self.waits else None
        return quantiles(self.waits, n=100, method="inclusive")[percent - 1]


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of a time as a whole, and of its periods, oldest first; `verdicts` by helpfulness."""

    whole: FiguresPeriod
    periods: tuple[FiguresPeriod, ...]
    verdicts: dict[bool, int]


def read_figures(engine: Engine, since: datetime, until: datetime, step: timedelta) -> Figures:
    """Returns the figures from `since` to `until`, in periods of `step`."""
    query = select(
        JournalRow.answered_at, JournalRow.outcome, JournalRow.timings, JournalRow.cost
    ).where(JournalRow.answered_at >= since, JournalRow.answered_at < until)
    judged = select(VerdictRow.helpful, func.count()).where(VerdictRow.given_at >= since)
    count = max(1, -(-(until - since) // step))
    periods = tuple(FiguresPeriod(since + step * number) for number in range(count))
    whole = FiguresPeriod(since)
    with Session(engine) as session:
        for at, outcome, timings, cost in session.execute(query.execution_options(yield_per=1000)):
            for period in (whole, periods[(in_utc(at) - since) // step]):
                _add(period, outcome, timings.get("total"), cost)
        verdicts = {bool(helpful): int(number) for helpful, number in session.execute(
            judged.group_by(VerdictRow.helpful)
        )}  # fmt: skip
    return Figures(whole, periods, verdicts)


def count_cited(engine: Engine, since: datetime) -> Counter[str]:
    """Returns how many answers cited each document since `since`."""
    query = select(JournalRow.citations).where(
        JournalRow.answered_at >= since, JournalRow.outcome == "answered"
    )
    with Session(engine) as session:
        return Counter(_documents(session.scalars(query.execution_options(yield_per=1000))))


def _documents(answers: Iterable[list[dict[str, object]]]) -> Iterator[str]:
    for citations in answers:
        yield from {str(one["document"]) for one in citations}


def _add(period: FiguresPeriod, outcome: str, wait: float | None, cost: float | None) -> None:
    period.outcomes[outcome] += 1
    period.cost += cost or 0.0
    if wait is not None:
        period.waits.append(wait)
