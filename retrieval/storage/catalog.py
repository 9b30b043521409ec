"""The catalog: which documents there are, which version of each is live, and their texts.

The vector and lexical indexes are derived from it. A hit counts only when its
passage belongs to a live version of the live build, so one commit here switches
a document, or a whole build, at once.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import Engine, delete, func, insert, select, update
from sqlalchemy.orm import Session

from retrieval.domain.access import OPERATOR, Reader
from retrieval.domain.ledger import ledger_from
from retrieval.domain.metadata import from_json
from retrieval.domain.records import (
    BuildInfo,
    DocumentInfo,
    DocumentKey,
    LiveVersion,
    NewVersion,
    StoredPassage,
    in_utc,
)
from retrieval.storage.catalog_rows import (
    in_chunks,
    info_of,
    live_build_query,
    live_passage_query,
    live_passages_by_id,
    of_live_documents,
    passage_query,
    passage_rows,
    to_stored,
    version_row,
)
from retrieval.storage.tables import Build, DetailsRow, PassageRow, State, Version


class Catalog:
    """Reads and writes the catalog. Every method is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # Builds

    def live_build(self) -> BuildInfo | None:
        """Returns the build that questions are answered from, or None before the first."""
        with self._engine.connect() as connection:
            row = connection.execute(live_build_query()).one_or_none()
            return row and BuildInfo(row.id, row.fingerprint, row.generation, in_utc(row[3]))

    def stage_build(self, fingerprint: str) -> BuildInfo:
        """Records a new build that nobody answers from yet."""
        now = datetime.now(UTC)
        build = BuildInfo(uuid4().hex, fingerprint, 0, now)
        with Session(self._engine) as session, session.begin():
            session.add(
                Build(
                    id=build.id,
                    fingerprint=fingerprint,
                    state=State.STAGED,
                    generation=0,
                    created_at=now,
                    updated_at=now,
                )
            )
        return build

    def switch_build(self, build_id: str) -> int:
        """Makes a staged build the live one, in one commit; returns its generation."""
        with Session(self._engine) as session, session.begin():
            old = session.scalar(select(Build).where(Build.state == State.LIVE))
            generation = (old.generation if old else 0) + 1
            if old:
                old.state = State.RETIRED
            new = session.get_one(Build, build_id)
            new.state, new.generation, new.updated_at = State.LIVE, generation, datetime.now(UTC)
            return generation

    def builds(self) -> set[str]:
        """Returns all builds, dead ones and those being made included."""
        with Session(self._engine) as session:
            return set(session.scalars(select(Build.id)))

    def dead_builds(self) -> list[str]:
        """Returns the builds that were retired or never finished."""
        with Session(self._engine) as session:
            return list(session.scalars(select(Build.id).where(Build.state != State.LIVE)))

    def forget_build(self, build_id: str) -> None:
        """Deletes a build with all its versions and passages."""
        with Session(self._engine) as session, session.begin():
            session.execute(delete(Build).where(Build.id == build_id))

    # Versions

    def live_versions(self, build_id: str) -> dict[DocumentKey, LiveVersion]:
        """Returns the live version of every document of a build."""
        query = select(
            Version.root,
            Version.name,
            Version.id,
            Version.content_hash,
            DetailsRow.access,
            DetailsRow.outdated_since,
        ).join(DetailsRow, DetailsRow.version_id == Version.id)
        query = query.where(Version.build_id == build_id, Version.state == State.LIVE)
        with Session(self._engine) as session:
            return {
                DocumentKey(root, name): LiveVersion(identifier, digest, access, outdated)
                for root, name, identifier, digest, access, outdated in session.execute(query)
            }

    def access_labels(self) -> frozenset[str]:
        """Returns the access labels of the live documents."""
        query = of_live_documents(select(DetailsRow.access)).distinct()
        with Session(self._engine) as session:
            return frozenset(session.scalars(query))

    def set_access(self, build_id: str, labels: Mapping[str, str]) -> None:
        """Changes who may see versions, by their ids, at once; one commit, a new generation."""
        with Session(self._engine) as session, session.begin():
            for identifier, label in labels.items():
                change = update(DetailsRow).where(DetailsRow.version_id == identifier)
                session.execute(change.values(access=label))
            _advance(session, build_id)

    def mark_outdated(self, version_id: str, since: datetime | None) -> None:
        """Notes since when the file of a version is known to say something else; None if it does not."""
        change = update(DetailsRow).where(DetailsRow.version_id == version_id)
        with Session(self._engine) as session, session.begin():
            session.execute(change.values(outdated_since=since))

    def stage(self, build_id: str, versions: Sequence[NewVersion]) -> None:
        """Records versions and their passages before anything of them reaches another store."""
        now = datetime.now(UTC)
        rows = [version_row(build_id, version, now) for version in versions]
        passages = [row for version in versions for row in passage_rows(version)]
        details = [
            {
                "version_id": one.version_id,
                "access": one.access,
                "said": one.said.as_json(),
                "ledger": one.ledger.as_json(),
                "outdated_since": one.outdated_since,
            }
            for one in versions
        ]
        with Session(self._engine) as session, session.begin():
            if rows:
                session.execute(insert(Version), rows)
                session.execute(insert(DetailsRow), details)
            if passages:
                session.execute(insert(PassageRow), passages)

    def commit(
        self, build_id: str, staged: Sequence[str], removed: Iterable[DocumentKey] = ()
    ) -> int:
        """Makes staged versions live, retires what they replace and what was removed.

        One commit; returns the build's new generation.
        """
        with Session(self._engine) as session, session.begin():
            gone = list(removed)
            for chunk in in_chunks(staged):
                query = select(Version.root, Version.name).where(Version.id.in_(chunk))
                gone.extend(DocumentKey(root, name) for root, name in session.execute(query))
            for key in gone:
                session.execute(
                    update(Version)
                    .where(
                        Version.build_id == build_id,
                        Version.state == State.LIVE,
                        Version.root == key.root,
                        Version.name == key.name,
                    )
                    .values(state=State.RETIRED)
                )
            for chunk in in_chunks(staged):
                session.execute(
                    update(Version).where(Version.id.in_(chunk)).values(state=State.LIVE)
                )
            return _advance(session, build_id)

    def leftovers(self, build_id: str) -> list[str]:
        """Returns versions of a build whose traces must go: retired, or staged by a dead run."""
        query = select(Version.id).where(Version.build_id == build_id, Version.state != State.LIVE)
        with Session(self._engine) as session:
            return list(session.scalars(query))

    def staged_versions(self, build_id: str) -> set[str]:
        """Returns versions of a build that a run is about to make live, or has died over."""
        query = select(Version.id).where(
            Version.build_id == build_id, Version.state == State.STAGED
        )
        with Session(self._engine) as session:
            return set(session.scalars(query))

    def leftover_passages(self, build_id: str) -> set[str]:
        """Returns the ids of the passages of those versions."""
        query = select(PassageRow.id).join(Version, Version.id == PassageRow.version_id)
        query = query.where(Version.build_id == build_id, Version.state != State.LIVE)
        with Session(self._engine) as session:
            return set(session.scalars(query))

    def forget(self, version_ids: Sequence[str]) -> None:
        """Deletes versions and their passages, from the database's journal too if readers let it."""
        with Session(self._engine) as session, session.begin():
            for chunk in in_chunks(version_ids):
                session.execute(delete(Version).where(Version.id.in_(chunk)))
        if self._engine.dialect.name == "sqlite":
            with self._engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    # Reading

    def live_passages(self, ids: Sequence[str], reader: Reader) -> dict[str, StoredPassage]:
        """Returns those of the passages `ids` that are live in the live build, and `reader`'s to see."""
        found: dict[str, StoredPassage] = {}
        with self._engine.connect() as connection:
            for chunk in in_chunks(ids):
                for row in connection.execute(live_passages_by_id(), {"ids": chunk}):
                    stored = to_stored(row)
                    if reader.may_see(stored.access):
                        found[stored.id] = stored
        return found

    def all_passages(self, build_id: str) -> Iterable[StoredPassage]:
        """Yields every live passage of a build, for rebuilding an index."""
        query = (
            passage_query()
            .where(Version.build_id == build_id, Version.state == State.LIVE)
            .order_by(PassageRow.version_id, PassageRow.ordinal)
            .execution_options(yield_per=1000)
        )
        with Session(self._engine) as session:
            for row in session.execute(query):
                yield to_stored(row)

    def version(self, version_id: str) -> NewVersion:
        """Returns a version with its passages, to copy it. Raises `NoResultFound` if unknown."""
        query = passage_query().where(PassageRow.version_id == version_id)
        with Session(self._engine) as session:
            row = session.get_one(Version, version_id)
            details = session.get_one(DetailsRow, version_id)
            found = session.execute(query.order_by(PassageRow.ordinal))
            return NewVersion(
                row.id, DocumentKey(row.root, row.name), row.content_hash, row.format, row.title,
                row.date, row.text, tuple(to_stored(passage).passage for passage in found),
                details.access, from_json(details.said), ledger_from(details.ledger),
                details.outdated_since and in_utc(details.outdated_since),
            )  # fmt: skip

    def excerpt(self, version_id: str, start: int, end: int) -> str | None:
        """Returns `text[start:end]` of a version's stored text, or None when it is gone."""
        query = select(func.substr(Version.text, start + 1, end - start))
        with Session(self._engine) as session:
            return session.scalar(query.where(Version.id == version_id))

    def neighbours(self, version_id: str, first: int, last: int) -> list[StoredPassage]:
        """Returns the live passages of a version with ordinals `first` to `last`, in order."""
        query = live_passage_query().where(
            PassageRow.version_id == version_id, PassageRow.ordinal.between(first, last)
        )
        with Session(self._engine) as session:
            rows = session.execute(query.order_by(PassageRow.ordinal))
            return [to_stored(row) for row in rows]

    def documents(self, reader: Reader = OPERATOR) -> list[DocumentInfo]:
        """Returns the live documents of the live build that `reader` may see, by name."""
        columns = select(
            Version.name,
            Version.title,
            Version.date,
            Version.format,
            Version.passage_count,
            DetailsRow.access,
            DetailsRow.said,
            Version.indexed_at,
            DetailsRow.ledger,
            DetailsRow.outdated_since,
            Version.root,
            Version.id,
        )
        query = of_live_documents(columns).order_by(Version.name)
        with Session(self._engine) as session:
            return [info_of(row) for row in session.execute(query) if reader.may_see(row.access)]

    def text(self, version_id: str, start: int = 0, length: int | None = None) -> str:
        """Returns the text of a version as it was read, or a part of it; "" when it is gone."""
        column = Version.text if length is None else func.substr(Version.text, start + 1, length)
        with Session(self._engine) as session:
            return session.scalar(select(column).where(Version.id == version_id)) or ""

    def document_count(self, reader: Reader = OPERATOR) -> int:
        """Returns how many live documents `reader` may see."""
        query = of_live_documents(select(DetailsRow.access, func.count()))
        with Session(self._engine) as session:
            return sum(
                count
                for label, count in session.execute(query.group_by(DetailsRow.access))
                if reader.may_see(label)
            )

    def passage_count(self, build_id: str) -> int:
        """Returns the number of live passages of a build."""
        query = select(func.coalesce(func.sum(Version.passage_count), 0)).where(
            Version.build_id == build_id, Version.state == State.LIVE
        )
        with Session(self._engine) as session:
            return int(session.scalar(query) or 0)


def _advance(session: Session, build_id: str) -> int:
    """Gives a changed build its next generation; returns it."""
    build = session.get_one(Build, build_id)
    build.generation += 1
    build.updated_at = datetime.now(UTC)
    return build.generation
