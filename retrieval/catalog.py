"""The catalog: which documents there are, which version of each is live, and their texts.

The vector and lexical indexes are derived from it. A hit counts only when its
passage belongs to a live version of the live build, so one commit here switches
a document, or a whole build, at once.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine, Row, Select, delete, func, insert, select, update
from sqlalchemy.orm import Session

from retrieval.passages import Passage, Sentence
from retrieval.records import (
    BuildInfo,
    DocumentInfo,
    DocumentKey,
    LiveVersion,
    NewVersion,
    StoredPassage,
    in_utc,
    passage_id,
)
from retrieval.tables import Build, PassageRow, State, Version

# Below the number of bound parameters that every supported SQLite allows (999).
_IN_LIMIT = 500


class Catalog:
    """Reads and writes the catalog. Every method is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # Builds

    def live_build(self) -> BuildInfo | None:
        """Returns the build that questions are answered from, or None before the first."""
        query = select(Build.id, Build.fingerprint, Build.generation, Build.updated_at)
        with self._engine.connect() as connection:
            row = connection.execute(query.where(Build.state == State.LIVE)).one_or_none()
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
        query = select(Version.root, Version.name, Version.id, Version.content_hash)
        query = query.where(Version.build_id == build_id, Version.state == State.LIVE)
        with Session(self._engine) as session:
            rows = session.execute(query)
            return {
                DocumentKey(root, name): LiveVersion(vid, digest)
                for root, name, vid, digest in rows
            }

    def stage(self, build_id: str, versions: Sequence[NewVersion]) -> None:
        """Records versions and their passages before anything of them reaches another store."""
        now = datetime.now(UTC)
        rows = [_version_row(build_id, version, now) for version in versions]
        passages = [row for version in versions for row in _passage_rows(version)]
        with Session(self._engine) as session, session.begin():
            if rows:
                session.execute(insert(Version), rows)
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
            for chunk in _chunks(staged):
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
            for chunk in _chunks(staged):
                session.execute(
                    update(Version).where(Version.id.in_(chunk)).values(state=State.LIVE)
                )
            build = session.get_one(Build, build_id)
            build.generation += 1
            build.updated_at = datetime.now(UTC)
            return build.generation

    def leftovers(self, build_id: str) -> list[str]:
        """Returns versions of a build whose traces must go: retired, or staged by a dead run."""
        query = select(Version.id).where(Version.build_id == build_id, Version.state != State.LIVE)
        with Session(self._engine) as session:
            return list(session.scalars(query))

    def leftover_passages(self, build_id: str) -> set[str]:
        """Returns the ids of the passages of those versions."""
        query = select(PassageRow.id).join(Version, Version.id == PassageRow.version_id)
        query = query.where(Version.build_id == build_id, Version.state != State.LIVE)
        with Session(self._engine) as session:
            return set(session.scalars(query))

    def forget(self, version_ids: Sequence[str]) -> None:
        """Deletes versions and their passages."""
        with Session(self._engine) as session, session.begin():
            for chunk in _chunks(version_ids):
                session.execute(delete(Version).where(Version.id.in_(chunk)))

    # Reading

    def live_passages(self, ids: Sequence[str]) -> dict[str, StoredPassage]:
        """Returns those of the passages `ids` that are live in the live build."""
        found: dict[str, StoredPassage] = {}
        with self._engine.connect() as connection:
            for chunk in _chunks(ids):
                query = _live_passages().where(PassageRow.id.in_(chunk))
                for row in connection.execute(query):
                    stored = _stored(row)
                    found[stored.id] = stored
        return found

    def all_passages(self, build_id: str) -> Iterable[StoredPassage]:
        """Yields every live passage of a build, for rebuilding an index."""
        query = (
            _passages_of_versions()
            .where(Version.build_id == build_id, Version.state == State.LIVE)
            .order_by(PassageRow.version_id, PassageRow.ordinal)
            .execution_options(yield_per=1000)
        )
        with Session(self._engine) as session:
            for row in session.execute(query):
                yield _stored(row)

    def version(self, version_id: str) -> NewVersion:
        """Returns a version with its passages, to copy it. Raises `NoResultFound` if unknown."""
        query = _passages_of_versions().where(PassageRow.version_id == version_id)
        with Session(self._engine) as session:
            row = session.get_one(Version, version_id)
            found = session.execute(query.order_by(PassageRow.ordinal))
            return NewVersion(
                row.id, DocumentKey(row.root, row.name), row.content_hash, row.format, row.title,
                row.date, row.text, tuple(_stored(passage).passage for passage in found),
            )  # fmt: skip

    def excerpt(self, version_id: str, start: int, end: int) -> str | None:
        """Returns `text[start:end]` of a version's stored text, or None when it is gone."""
        query = select(func.substr(Version.text, start + 1, end - start))
        with Session(self._engine) as session:
            return session.scalar(query.where(Version.id == version_id))

    def neighbours(self, version_id: str, first: int, last: int) -> list[StoredPassage]:
        """Returns the live passages of a version with ordinals `first` to `last`, in order."""
        query = _live_passages().where(
            PassageRow.version_id == version_id, PassageRow.ordinal.between(first, last)
        )
        with Session(self._engine) as session:
            rows = session.execute(query.order_by(PassageRow.ordinal))
            return [_stored(row) for row in rows]

    def documents(self) -> list[DocumentInfo]:
        """Returns the live documents of the live build, by name."""
        query = (
            select(
                Version.name,
                Version.title,
                Version.date,
                Version.format,
                Version.passage_count,
                Version.indexed_at,
            )
            .join(Build, Build.id == Version.build_id)
            .where(Build.state == State.LIVE, Version.state == State.LIVE)
            .order_by(Version.name)
        )
        with Session(self._engine) as session:
            return [DocumentInfo(*row[:-1], in_utc(row[-1])) for row in session.execute(query)]

    def document_count(self) -> int:
        """Returns the number of live documents of the live build."""
        query = (
            select(func.count())
            .select_from(Version)
            .join(Build, Build.id == Version.build_id)
            .where(Build.state == State.LIVE, Version.state == State.LIVE)
        )
        with Session(self._engine) as session:
            return int(session.scalar(query) or 0)

    def passage_count(self, build_id: str) -> int:
        """Returns the number of live passages of a build."""
        query = select(func.coalesce(func.sum(Version.passage_count), 0)).where(
            Version.build_id == build_id, Version.state == State.LIVE
        )
        with Session(self._engine) as session:
            return int(session.scalar(query) or 0)


_COLUMNS = (
    PassageRow.id, PassageRow.version_id, PassageRow.ordinal, PassageRow.start, PassageRow.end,
    PassageRow.text, PassageRow.section, PassageRow.page, PassageRow.header, PassageRow.context,
    PassageRow.sentences, Version.name, Version.title, Version.date,
)  # fmt: skip


_PassageQuery = Select[*tuple[Any, ...]]


def _passages_of_versions() -> _PassageQuery:
    """Passages with what a citation needs of their documents; columns, as rows cost less."""
    query = select(*_COLUMNS)
    return query.join(Version, Version.id == PassageRow.version_id)


def _live_passages() -> _PassageQuery:
    """Passages of live versions of the live build."""
    return (
        _passages_of_versions()
        .join(Build, Build.id == Version.build_id)
        .where(Build.state == State.LIVE, Version.state == State.LIVE)
    )


def _stored(found: Row[*tuple[Any, ...]]) -> StoredPassage:
    identifier, version, *fields, sentences, name, title, date = found
    return StoredPassage(identifier, version, name, title, date, _passage(fields, sentences))


def _passage(fields: Sequence[Any], sentences: Sequence[Sequence[int]]) -> Passage:
    ordinal, start, end, text, section, page, header, context = fields
    spans = tuple(Sentence(*span) for span in sentences)
    return Passage(ordinal, start, end, text, section, page, header, context, spans)


def _version_row(build_id: str, version: NewVersion, now: datetime) -> dict[str, object]:
    return {
        "id": version.version_id,
        "build_id": build_id,
        "root": version.key.root,
        "name": version.key.name,
        "content_hash": version.content_hash,
        "format": version.format,
        "title": version.title,
        "date": version.date,
        "text": version.text,
        "passage_count": len(version.passages),
        "state": State.STAGED,
        "indexed_at": now,
    }


def _passage_rows(version: NewVersion) -> list[dict[str, object]]:
    return [
        {
            "id": passage_id(version.version_id, passage.ordinal),
            "version_id": version.version_id,
            "ordinal": passage.ordinal,
            "start": passage.start,
            "end": passage.end,
            "section": passage.section,
            "page": passage.page,
            "header": passage.header,
            "context": passage.context,
            "sentences": [[span.start, span.end, span.block] for span in passage.sentences],
            "text": passage.text,
        }
        for passage in version.passages
    ]


def _chunks(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    for start in range(0, len(ids), _IN_LIMIT):
        yield ids[start : start + _IN_LIMIT]
