"""Rows of the catalog's tables, made from records and made into them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, TypeVarTuple

from sqlalchemy import Row, Select, bindparam, select

from retrieval.domain.ledger import ledger_from
from retrieval.domain.metadata import from_json
from retrieval.domain.passages import Passage, Sentence
from retrieval.domain.places import place_of
from retrieval.domain.records import DocumentInfo, NewVersion, StoredPassage, in_utc, passage_id
from retrieval.storage.tables import Build, DetailsRow, PassageRow, State, Version

# Below the number of bound parameters that every supported SQLite allows (999).
_IN_LIMIT = 500
_COLUMNS = (
    PassageRow.id, PassageRow.version_id, PassageRow.ordinal, PassageRow.start, PassageRow.end,
    PassageRow.text, PassageRow.section, PassageRow.page, PassageRow.header, PassageRow.context,
    PassageRow.brief, PassageRow.sentences, Version.name, Version.title, Version.date, DetailsRow.access,
    DetailsRow.outdated_since,
)  # fmt: skip


_Columns = TypeVarTuple("_Columns")
_PassageQuery = Select[*tuple[Any, ...]]


def passage_query() -> _PassageQuery:
    """Passages with what a citation needs of their documents; columns, as rows cost less."""
    query = select(*_COLUMNS).join(Version, Version.id == PassageRow.version_id)
    return query.join(DetailsRow, DetailsRow.version_id == Version.id)


def live_passage_query() -> _PassageQuery:
    """Passages of live versions of the live build."""
    return _live(passage_query())


@cache
def live_passages_by_id() -> _PassageQuery:
    """Those with one of `ids`; a question asks for them, and building a statement takes it longer."""
    return live_passage_query().where(PassageRow.id.in_(bindparam("ids", expanding=True)))


@cache
def live_build_query() -> Select[str, str, int, datetime]:
    """The build that questions are answered from."""
    query = select(Build.id, Build.fingerprint, Build.generation, Build.updated_at)
    return query.where(Build.state == State.LIVE)


def of_live_documents(columns: Select[*_Columns]) -> Select[*_Columns]:
    """Columns of versions and their details, of the live documents of the live build."""
    query = columns.select_from(Version).join(DetailsRow, DetailsRow.version_id == Version.id)
    return _live(query)


def _live(query: Select[*_Columns]) -> Select[*_Columns]:
    query = query.join(Build, Build.id == Version.build_id)
    return query.where(Build.state == State.LIVE, Version.state == State.LIVE)


def to_stored(found: Row[*tuple[Any, ...]]) -> StoredPassage:
    """Returns the passage in a row of `passage_query`."""
    identifier, version, *fields, brief, sentences, name, title, date, access, outdated = found
    passage = _passage(fields, brief, sentences)
    since = outdated and in_utc(outdated)
    return StoredPassage(identifier, version, name, title, date, passage, access, since)


def _passage(fields: Sequence[Any], brief: str, sentences: Sequence[Sequence[Any]]) -> Passage:
    ordinal, start, end, text, section, page, header, context = fields
    spans = tuple(_sentence(*span) for span in sentences)
    return Passage(ordinal, start, end, text, section, page, header, context, spans, brief)


def _sentence(start: int, end: int, block: int, place: dict[str, Any] | None = None) -> Sentence:
    """What `_span` wrote, or an earlier release, which knew no places."""
    return Sentence(start, end, block, place_of(place)) if place else Sentence(start, end, block)


def _span(sentence: Sentence) -> list[object]:
    place = sentence.place.as_json()
    return [sentence.start, sentence.end, sentence.block, *([place] if place else [])]


def info_of(row: Row[*tuple[Any, ...]]) -> DocumentInfo:
    """Returns what the columns of `Catalog.documents` say."""
    name, title, date, kind, passages, access, said, indexed, ledger, outdated, root, version = row
    return DocumentInfo(
        name, title, date, kind, passages, access, from_json(said), in_utc(indexed),
        ledger_from(ledger), outdated and in_utc(outdated), root, version,
    )  # fmt: skip


def version_row(build_id: str, version: NewVersion, now: datetime) -> dict[str, object]:
    """Returns the row of a version that is about to be staged."""
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


def passage_rows(version: NewVersion) -> list[dict[str, object]]:
    """Returns the rows of a version's passages."""
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
            "sentences": [_span(sentence) for sentence in passage.sentences],
            "brief": passage.brief,
            "text": passage.text,
        }
        for passage in version.passages
    ]


def in_chunks(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    """Yields parts of `ids` that one statement may name."""
    for start in range(0, len(ids), _IN_LIMIT):
        yield ids[start : start + _IN_LIMIT]
