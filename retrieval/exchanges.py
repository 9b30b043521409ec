"""Exchanges: questions asked in conversations, their answers' places, and readers' verdicts."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, delete, select, update
from sqlalchemy.orm import Session

from retrieval.tables import ExchangeRow, VerdictRow

_KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question asked in a conversation.

    `stamp` identifies the message that asked, "" when there was none; `reply` the message
    that answers, None until there is one; `understood` is the question as it was answered,
    with what it leaned on spelled out. `withdrawn` says that the question was taken back.
    """

    request_id: str
    channel: str
    thread: str
    stamp: str
    asker: str
    question: str
    understood: str = ""
    answered: bool | None = None
    reply: str | None = None
    withdrawn: bool = False
    workspace: str = ""

    @property
    def standalone(self) -> str:
        """The question as it was understood, or as it was asked while it is not yet answered."""
        return self.understood or self.question


class Exchanges:
    """Remembers exchanges, for edits, deletions, follow-ups and feedback. Thread-safe."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def open(self, exchange: Exchange) -> None:
        """Remembers a question before it is answered."""
        fields = {name: getattr(exchange, name) for name in Exchange.__slots__}
        with Session(self._engine) as session, session.begin():
            session.add(ExchangeRow(**fields, asked_at=datetime.now(UTC)))

    def close(self, request_id: str, understood: str, answered: bool, reply: str | None) -> None:
        """Remembers how a question was understood, and where its answer stands."""
        self._set(request_id, understood=understood, answered=answered, reply=reply)

    def reword(self, request_id: str, question: str) -> None:
        """Remembers that a question was edited."""
        self._set(request_id, question=question)

    def withdraw(self, request_id: str) -> None:
        """Remembers that a question was deleted."""
        self._set(request_id, withdrawn=True)

    def get(self, request_id: str) -> Exchange | None:
        """Returns an exchange, or None."""
        with Session(self._engine) as session:
            row = session.get(ExchangeRow, request_id)
            return None if row is None else _exchange(row)

    def of_message(self, channel: str, stamp: str) -> list[Exchange]:
        """Returns the exchanges that a message opened, oldest first."""
        return self._find(ExchangeRow.channel == channel, ExchangeRow.stamp == stamp)

    def of_thread(self, channel: str, thread: str, limit: int = 20) -> list[Exchange]:
        """Returns the newest exchanges of a thread that still stand, oldest first."""
        return self._find(
            ExchangeRow.channel == channel,
            ExchangeRow.thread == thread,
            ExchangeRow.withdrawn.is_(False),
            limit=limit,
        )

    def of_asker(self, asker: str, limit: int = 5) -> list[Exchange]:
        """Returns a person's newest exchanges that still stand, oldest first."""
        return self._find(ExchangeRow.asker == asker, ExchangeRow.withdrawn.is_(False), limit=limit)

    def judge(
        self, request_id: str, reader: str, *, helpful: bool, reason: str = "", comment: str = ""
    ) -> None:
        """Remembers a reader's verdict on an answer, in place of an earlier one."""
        with Session(self._engine) as session, session.begin():
            session.merge(
                VerdictRow(
                    request_id=request_id, reader=reader, helpful=helpful, reason=reason,
                    comment=comment, given_at=datetime.now(UTC),
                )
            )  # fmt: skip

    def verdict(self, request_id: str, reader: str) -> tuple[bool, str, str] | None:
        """Returns a reader's verdict on an answer: helpful, reason, comment."""
        with Session(self._engine) as session:
            row = session.get(VerdictRow, (request_id, reader))
            return None if row is None else (row.helpful, row.reason, row.comment)

    def forget_old(self) -> None:
        """Deletes exchanges and verdicts older than 90 days."""
        oldest = datetime.now(UTC) - _KEPT
        with self._engine.begin() as connection:
            connection.execute(delete(ExchangeRow).where(ExchangeRow.asked_at < oldest))
            connection.execute(delete(VerdictRow).where(VerdictRow.given_at < oldest))

    def _set(self, request_id: str, **fields: object) -> None:
        change = update(ExchangeRow).where(ExchangeRow.request_id == request_id).values(**fields)
        with self._engine.begin() as connection:
            connection.execute(change)

    def _find(self, *conditions: object, limit: int = 20) -> list[Exchange]:
        query = select(ExchangeRow).where(*conditions)  # type: ignore[arg-type]
        with Session(self._engine) as session:
            newest = session.scalars(query.order_by(ExchangeRow.asked_at.desc()).limit(limit))
            return [_exchange(row) for row in newest][::-1]


def _exchange(row: ExchangeRow) -> Exchange:
    return Exchange(**{name: getattr(row, name) for name in Exchange.__slots__})
