"""The table of answers given. Changes here need a migration in `retrieval/database/migrations`."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from retrieval.database.base import Base


class JournalRow(Base):
    """One answer that was given; an edited question has one for each time it was answered."""

    __tablename__ = "journal"
    __table_args__ = (Index("journal_by_workspace", "workspace", "answered_at"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    request_id: Mapped[str] = mapped_column(String(32), index=True)
    workspace: Mapped[str] = mapped_column(String(40))
    asker: Mapped[str] = mapped_column(String(40))
    answered_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    question: Mapped[str] = mapped_column(Text)
    understood: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(String(20))
    mode: Mapped[str] = mapped_column(String(20))
    confidence: Mapped[float]
    text: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
    citations: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    timings: Mapped[dict[str, float]] = mapped_column(JSON)
    writing: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    cost: Mapped[float | None]
    channel: Mapped[str] = mapped_column(String(40), default="", server_default="")
    found: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, server_default="[]")
