"""Tables of conversations. Changes here need a migration in `retrieval/database/migrations`."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Double, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from retrieval.database.base import Base


class IdempotencyKeyRow(Base):
    """A key that was taken; see `bot/conversations/idempotency_keys.py`."""

    __tablename__ = "claims"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    claimed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)


class ExchangeRow(Base):
    """A question that was asked in a conversation, and where its answer stands."""

    __tablename__ = "exchanges"
    __table_args__ = (
        Index("exchanges_by_message", "channel", "stamp"),
        Index("exchanges_by_asker", "asker", "asked_at"),
    )

    request_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    channel: Mapped[str] = mapped_column(String(40))
    thread: Mapped[str] = mapped_column(String(40))
    stamp: Mapped[str] = mapped_column(String(40))
    asker: Mapped[str] = mapped_column(String(40))
    workspace: Mapped[str] = mapped_column(String(40), default="")
    question: Mapped[str] = mapped_column(Text)
    understood: Mapped[str] = mapped_column(Text)
    answered: Mapped[bool | None]
    reply: Mapped[str | None] = mapped_column(String(40))
    withdrawn: Mapped[bool]
    asked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    owner: Mapped[str] = mapped_column(String(32), default="", server_default="")
    begun: Mapped[str | None] = mapped_column(String(40))
    particulars: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class HeartbeatRow(Base):
    """A process that answers questions; `beat` grows while it lives. See `bot/conversations/heartbeats.py`."""

    __tablename__ = "replicas"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    place: Mapped[str] = mapped_column(Text)
    beat: Mapped[int] = mapped_column(BigInteger)


class RateWindowRow(Base):
    """How many questions a person or channel has asked since `began`; see `bot/conversations/rate_windows.py`.

    `began` is in seconds since 1970, because the database reckons with it.
    """

    __tablename__ = "rate_windows"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    began: Mapped[float] = mapped_column(Double)
    asked: Mapped[int]


class VerdictRow(Base):
    """What a reader thought of an answer; one a reader."""

    __tablename__ = "verdicts"

    request_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    reader: Mapped[str] = mapped_column(String(40), primary_key=True)
    helpful: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(40))
    comment: Mapped[str] = mapped_column(Text)
    given_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
