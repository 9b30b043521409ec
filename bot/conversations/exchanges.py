"""Exchanges: questions asked in conversations, their answers' places, and readers' verdicts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.conversations.tables import ExchangeRow, IdempotencyKeyRow, VerdictRow

_KEPT = timedelta(days=90)
# Whoever asked longer ago has stopped waiting, and Slack has closed its response URLs.
_WORTH_ANSWERING = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question asked in a conversation.

    `stamp` identifies the message that asked, "" when there was none; `reply` the message
    that answers, None until there is one; `understood` is the question as it was answered,
    with what it leaned on spelled out. `withdrawn` says that the question was taken back.
    `owner` is the process that has taken it, `begun` a message that holds the beginning of its
    answer, and `particulars` whatever another process needs to answer it, until it is answered.
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
    owner: str = ""
    begun: str | None = None
    particulars: dict[str, Any] | None = None

    @property
    def standalone(self) -> str:
        """The question as it was understood, or as it was asked while it is not yet answered."""
        return self.understood or self.question


class Exchanges:
    """Remembers exchanges, for edits, deletions, follow-ups and feedback. Thread-safe."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def open(self, exchange: Exchange, claims: Sequence[str] = ()) -> bool:
        """Remembers a question before it is answered, and hands out `claims`; both, or neither.

        Returns False when one of the claims was handed out before: the question is no new one.
        """
        fields = {name: getattr(exchange, name) for name in Exchange.__slots__}
        now = datetime.now(UTC)
        try:
            with self._engine.begin() as connection:
                for key in claims:
                    connection.execute(insert(IdempotencyKeyRow).values(key=key, claimed_at=now))
                connection.execute(insert(ExchangeRow).values(**fields, asked_at=now))
        except IntegrityError:
            return False
        return True

    def close(self, request_id: str, understood: str, answered: bool, reply: str | None) -> None:
        """Remembers how a question was understood, and where its answer stands."""
        self._set(
            request_id, understood=understood, answered=answered, reply=reply, particulars=None
        )

    def began(self, request_id: str, message: str) -> None:
        """Remembers the message that holds the beginning of an answer."""
        self._set(request_id, begun=message)

    def orphans(self, owners: Collection[str]) -> list[Exchange]:
        """Returns the open questions of the last hour that none of `owners` has taken, oldest first."""
        return self._find(
            ExchangeRow.answered.is_(None),
            ExchangeRow.withdrawn.is_(False),
            ExchangeRow.owner.not_in(["", *owners]),
            ExchangeRow.asked_at >= datetime.now(UTC) - _WORTH_ANSWERING,
            limit=100,
        )

    def adopt(self, exchange: Exchange, owner: str) -> bool:
        """Gives a question to another owner; False when somebody else was quicker."""
        change = update(ExchangeRow).where(
            ExchangeRow.request_id == exchange.request_id,
            ExchangeRow.owner == exchange.owner,
            ExchangeRow.answered.is_(None),
        )
        with self._engine.begin() as connection:
            return connection.execute(change.values(owner=owner)).rowcount == 1

    def follow(
        self, request_ids: Sequence[str], claims: Sequence[str], question: str | None = None
    ) -> bool:
        """Remembers that questions were edited, or deleted without `question`, and hands out `claims`.

        Both, or neither. Returns False when one of the claims was handed out before.
        """
        change: dict[str, Any] = (
            {"withdrawn": True, "particulars": None} if question is None else {"question": question}
        )
        now = datetime.now(UTC)
        try:
            with self._engine.begin() as connection:
                for key in claims:
                    connection.execute(insert(IdempotencyKeyRow).values(key=key, claimed_at=now))
                connection.execute(
                    update(ExchangeRow)
                    .where(ExchangeRow.request_id.in_(request_ids))
                    .values(**change)
                )
        except IntegrityError:
            return False
        return True

    def reword(self, request_id: str, question: str) -> None:
        """Remembers that a question was edited."""
        self._set(request_id, question=question)

    def withdraw(self, request_id: str) -> None:
        """Remembers that a question was deleted."""
        self._set(request_id, withdrawn=True, particulars=None)

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
