"""Which folders are indexed, and what was taken out of the index and stays out.

A folder becomes a root when somebody names it. Only roots are walked again, and only inside
them is anything deleted: what else the catalog or a backup says of folders counts for nothing.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from retrieval.domain.records import in_utc
from retrieval.storage.tables import ExclusionRow, RootRow


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A document or folder that was taken out: its absolute path, when and by whom."""

    path: str
    decided_at: datetime
    who: str


@dataclass(frozen=True, slots=True)
class Exclusions:
    """What was decided of paths; of two decisions on one path's folders the nearer one counts."""

    decided: Mapping[str, bool] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.decided)

    def cover(self, path: str) -> bool:
        """Says whether the document or folder at an absolute path was taken out."""
        if not self.decided:
            return False
        above = (path, *map(str, PurePosixPath(path).parents))
        return next((self.decided[one] for one in above if one in self.decided), False)


NOTHING = Exclusions()


class Roots:
    """The folders that are indexed. Every method is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def known(self) -> dict[Path, bool]:
        """Returns the folders that were named to be indexed; True for those named as a whole."""
        query = select(RootRow.path, RootRow.whole)
        with Session(self._engine) as session:
            return {Path(row.path): row.whole for row in session.execute(query)}

    def add(self, root: Path, who: str, *, whole: bool = True) -> None:
        """Notes that a folder was named, or something in it; folders in a whole one are part of it."""
        with Session(self._engine) as session, session.begin():
            rows = {Path(row.path): row for row in session.scalars(select(RootRow))}
            if whole:
                for path, row in rows.items():
                    if path != root and path.is_relative_to(root):
                        session.delete(row)
            if root in rows:
                rows[root].whole = rows[root].whole or whole
            else:
                session.add(
                    RootRow(
                        id=_id(str(root)),
                        path=str(root),
                        whole=whole,
                        named_at=_now(),
                        who=who[:100],
                    )
                )

    def drop(self, folder: Path) -> None:
        """Forgets a folder, and those inside it."""
        with Session(self._engine) as session, session.begin():
            for row in session.scalars(select(RootRow)):
                if Path(row.path).is_relative_to(folder):
                    session.delete(row)

    def exclusions(self) -> Exclusions:
        """Returns what was taken out."""
        query = select(ExclusionRow.path, ExclusionRow.excluded)
        with Session(self._engine) as session:
            return Exclusions({row.path: row.excluded for row in session.execute(query)})

    def excluded(self) -> list[Exclusion]:
        """Returns what was taken out, by path."""
        query = select(ExclusionRow).where(ExclusionRow.excluded).order_by(ExclusionRow.path)
        with Session(self._engine) as session:
            return [
                Exclusion(row.path, in_utc(row.decided_at), row.who)
                for row in session.scalars(query)
            ]

    def exclude(self, path: Path, who: str) -> None:
        """Takes a document or folder out; nothing at or below it is indexed until `include`."""
        with Session(self._engine) as session, session.begin():
            for row in session.scalars(select(ExclusionRow)):
                below = Path(row.path).is_relative_to(path)
                if row.path == str(path) or (below and not row.excluded):
                    session.delete(row)
            session.flush()
            session.add(_row(path, excluded=True, who=who))

    def include(self, paths: Iterable[Path], who: str) -> None:
        """Takes documents or folders in again; what was taken out below them stays out."""
        with Session(self._engine) as session, session.begin():
            for path in paths:
                session.execute(delete(ExclusionRow).where(ExclusionRow.id == _id(str(path))))
                decided = {row.path: row.excluded for row in session.scalars(select(ExclusionRow))}
                if Exclusions(decided).cover(str(path)):
                    session.add(_row(path, excluded=False, who=who))

    def forget(self, path: Path) -> None:
        """Forgets what was decided of a document that is no more."""
        with Session(self._engine) as session, session.begin():
            session.execute(delete(ExclusionRow).where(ExclusionRow.id == _id(str(path))))


def _row(path: Path, *, excluded: bool, who: str) -> ExclusionRow:
    return ExclusionRow(
        id=_id(str(path)), path=str(path), excluded=excluded, decided_at=_now(), who=who[:100]
    )


def _id(path: str) -> str:
    return hashlib.sha256(path.encode()).hexdigest()


def _now() -> datetime:
    return datetime.now(UTC)
