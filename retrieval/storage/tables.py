"""The catalog's tables. Changes here need a migration in `retrieval/database/migrations`."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from retrieval.database.base import Base


class State(StrEnum):
    """Where a build or version stands.

    Staged rows may be half written in the derived indexes; only live ones are
    answered from; retired ones wait for their traces to be deleted.
    """

    STAGED = "staged"
    LIVE = "live"
    RETIRED = "retired"


class Build(Base):
    """One index: a Chroma collection and a lexical index made with one model and pipeline."""

    __tablename__ = "builds"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(300))
    state: Mapped[str] = mapped_column(String(10))
    generation: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Version(Base):
    """One state of one document in one build; at most one a document is live."""

    __tablename__ = "versions"
    __table_args__ = (
        Index(
            "one_live_version",
            "build_id",
            "root",
            "name",
            unique=True,
            sqlite_where=text("state = 'live'"),
            postgresql_where=text("state = 'live'"),
        ),
        Index("versions_by_state", "build_id", "state"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    build_id: Mapped[str] = mapped_column(ForeignKey("builds.id", ondelete="CASCADE"))
    root: Mapped[str] = mapped_column(String(1000))
    name: Mapped[str] = mapped_column(String(1000))
    content_hash: Mapped[str] = mapped_column(String(64))
    format: Mapped[str] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(Text)
    date: Mapped[str | None] = mapped_column(String(10))
    passage_count: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    indexed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    # Last, because SQLite reads through a long text to reach what stands behind it.
    text: Mapped[str] = mapped_column(Text)


class DetailsRow(Base):
    """What is said of a version beside its text, and who may see it.

    Every version has one: a version without is seen by nobody. A table of its own, because
    a column behind the long text would be slow to reach.
    """

    __tablename__ = "version_details"

    version_id: Mapped[str] = mapped_column(
        ForeignKey("versions.id", ondelete="CASCADE"), primary_key=True
    )
    access: Mapped[str] = mapped_column(Text)
    said: Mapped[dict[str, Any]] = mapped_column(JSON)
    ledger: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    outdated_since: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class AccessReportRow(Base):
    """What the access rules of an indexed folder did in its latest run; see `access_report.py`."""

    __tablename__ = "access_reports"

    root: Mapped[str] = mapped_column(String(1000), primary_key=True)
    report: Mapped[dict[str, Any]] = mapped_column(JSON)


class PassageRow(Base):
    """One passage of one version; its id is also its id in Chroma and the lexical index."""

    __tablename__ = "passages"

    id: Mapped[str] = mapped_column(String(50), primary_key=True)
    version_id: Mapped[str] = mapped_column(
        ForeignKey("versions.id", ondelete="CASCADE"), index=True
    )
    ordinal: Mapped[int]
    start: Mapped[int]
    end: Mapped[int]
    section: Mapped[str] = mapped_column(Text)
    page: Mapped[int | None]
    header: Mapped[str] = mapped_column(Text)
    context: Mapped[str] = mapped_column(Text)
    sentences: Mapped[list[list[Any]]] = mapped_column(JSON)
    brief: Mapped[str] = mapped_column(Text, default="", server_default="")
    text: Mapped[str] = mapped_column(Text)


class RootRow(Base):
    """A folder that was named to be indexed, as a `whole` or for a file in it; see `roots.py`.

    `id` is the hash of its path.
    """

    __tablename__ = "roots"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    path: Mapped[str] = mapped_column(Text)
    whole: Mapped[bool]
    named_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    who: Mapped[str] = mapped_column(String(100))


class ExclusionRow(Base):
    """A path that was taken out of the index, or one below it that was taken in again."""

    __tablename__ = "exclusions"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    path: Mapped[str] = mapped_column(Text)
    excluded: Mapped[bool]
    decided_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    who: Mapped[str] = mapped_column(String(100))


class RunRow(Base):
    """A run that changed the index, or tried to; see `retrieval/storage/runs.py`."""

    __tablename__ = "runs"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    who: Mapped[str] = mapped_column(String(100))
    started_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    outcome: Mapped[str] = mapped_column(String(20))
    report: Mapped[dict[str, Any]] = mapped_column(JSON)
    error: Mapped[str] = mapped_column(Text)


class LockRow(Base):
    """A lock that one run holds; `beat` grows while its owner lives."""

    __tablename__ = "locks"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    owner: Mapped[str] = mapped_column(String(32))
    place: Mapped[str] = mapped_column(Text)
    beat: Mapped[int] = mapped_column(BigInteger)
    cancelled: Mapped[bool]
