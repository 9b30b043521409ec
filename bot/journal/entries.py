"""The journal: every answer given, what it was made of and what it cost."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from bot.journal.tables import JournalRow
from retrieval.domain.records import in_utc
from retrieval.domain.sanitizing import clean_tree


@dataclass(frozen=True, slots=True)
class Entry:
    """An answer given. `outcome` is "answered", "abstained" or "failed"; `cost` US dollars.

    `writing` is what a chat model did for it: statements written, verified and dropped with
    the reason, versions of prompts, tokens; None where none was asked. `found` are the passages
    that were read, by id with their scores; their words stay in the catalog.
    """

    request_id: str
    question: str
    understood: str
    outcome: str
    mode: str = ""
    workspace: str = ""
    asker: str = ""
    confidence: float = 0.0
    text: str = ""
    note: str = ""
    citations: tuple[dict[str, Any], ...] = ()
    timings: dict[str, float] | None = None
    writing: dict[str, Any] | None = None
    cost: float | None = None
    answered_at: datetime | None = None
    channel: str = ""
    found: tuple[dict[str, Any], ...] = ()


class Journal:
    """Keeps entries. Thread-safe."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(self, entry: Entry) -> None:
        """Keeps an entry; it is dated now unless it says otherwise."""
        fields = {name: getattr(entry, name) for name in Entry.__slots__}
        fields |= {"citations": list(entry.citations), "found": list(entry.found)}
        fields["timings"] = entry.timings or {}
        # What a chat model has written may hold what no database takes.
        fields = {name: clean_tree(value) for name, value in fields.items()}
        fields["answered_at"] = entry.answered_at or datetime.now(UTC)
        with Session(self._engine) as session, session.begin():
            session.add(JournalRow(**fields))

    def of_request(self, request_id: str) -> list[Entry]:
        """Returns the entries of a request, oldest first."""
        query = select(JournalRow).where(JournalRow.request_id == request_id)
        with Session(self._engine) as session:
            return [entry_of(row) for row in session.scalars(query.order_by(JournalRow.id))]

    def spent(self, workspace: str, since: datetime) -> float:
        """Returns the US dollars that answers have cost a workspace since `since`."""
        query = select(func.sum(JournalRow.cost)).where(
            JournalRow.workspace == workspace, JournalRow.answered_at >= since
        )
        with Session(self._engine) as session:
            return float(session.scalar(query) or 0.0)

    def forget_old(self, days: int) -> None:
        """Deletes entries older than `days`; 0 keeps all."""
        if not days:
            return
        oldest = datetime.now(UTC) - timedelta(days=days)
        with self._engine.begin() as connection:
            connection.execute(delete(JournalRow).where(JournalRow.answered_at < oldest))


def entry_of(row: JournalRow) -> Entry:
    """Returns the entry that a row holds, its time in UTC."""
    fields = {name: getattr(row, name) for name in Entry.__slots__}
    fields |= {"citations": tuple(row.citations), "found": tuple(row.found)}
    return Entry(**(fields | {"answered_at": in_utc(row.answered_at)}))
