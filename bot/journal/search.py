"""Finds what the journal holds: by time, outcome, asker, document, words and verdict."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice
from typing import Any

from sqlalchemy import ColumnElement, Engine, String, cast, exists, func, or_, select
from sqlalchemy.orm import Session

from bot.conversations.tables import VerdictRow
from bot.journal.entries import Entry, entry_of
from bot.journal.tables import JournalRow
from retrieval.domain.errors import ConfigurationError
from retrieval.domain.records import in_utc
from retrieval.domain.sanitizing import clean_text

OUTCOMES = ("answered", "abstained", "failed")
_BATCH = 200
_ESCAPE = "\\"
# SQLite takes expressions a thousand levels deep; each word is three of them, in a row.
_MAX_WORDS = 50
# SQLite takes patterns of 50,000 bytes.
_MAX_CHARS = 2000


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a reader thought of an answer."""

    request_id: str
    reader: str
    helpful: bool
    reason: str
    comment: str
    given_at: datetime


@dataclass(frozen=True, slots=True)
class JournalRecord:
    """An entry with its number, which grows with time, and the verdicts on its answer."""

    number: int
    entry: Entry
    verdicts: tuple[Verdict, ...] = ()

    @property
    def documents(self) -> tuple[str, ...]:
        """The documents cited, each once."""
        return tuple(dict.fromkeys(str(one["document"]) for one in self.entry.citations))

    def as_json(self) -> dict[str, Any]:
        """Returns what `monazite logs --json` prints: the entry's fields, with its verdicts."""
        fields = {name: getattr(self.entry, name) for name in Entry.__slots__}
        at = self.entry.answered_at
        verdicts = [
            {"reader": one.reader, "helpful": one.helpful, "reason": one.reason,
             "comment": one.comment, "given_at": one.given_at.isoformat()}
            for one in self.verdicts
        ]  # fmt: skip
        return fields | {"answered_at": at.isoformat() if at else None, "verdicts": verdicts}


@dataclass(frozen=True, slots=True)
class Filter:
    """What an entry must be like; what is left empty does not matter.

    `document` is a part of the name of a document cited; each of `words` must occur in the
    question or the answer; `unhelpful` asks for one reader at least who said so.
    """

    since: datetime | None = None
    until: datetime | None = None
    outcome: str = ""
    asker: str = ""
    document: str = ""
    words: str = ""
    unhelpful: bool = False

    def __post_init__(self) -> None:
        """Cleans what is looked for; raises `ConfigurationError` for what no entry can be like."""
        for name in ("asker", "document", "words"):
            object.__setattr__(self, name, clean_text(getattr(self, name)))
        count = len(self.words.split())
        if count > _MAX_WORDS:
            raise ConfigurationError(f"Look for {_MAX_WORDS} words at most; these are {count:,}")
        for name in ("asker", "document", "words"):
            _check_length(name, getattr(self, name))

    def admits(self, record: JournalRecord) -> bool:
        """Says what SQL cannot: whether it is a document's name that the words stand in."""
        part = self.document.lower()
        return not part or any(part in name.lower() for name in record.documents)


class JournalSearch:
    """Reads the journal; writes nothing. Thread-safe."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def newest(self, wanted: Filter, limit: int, before: int | None = None) -> list[JournalRecord]:
        """Returns up to `limit` records, newest first, those under number `before` if it is given."""
        return list(islice(self.walk(wanted, before), limit))

    def walk(self, wanted: Filter, before: int | None = None) -> Iterator[JournalRecord]:
        """Yields all records, newest first, reading them as they are asked for."""
        while True:
            batch = self._read(wanted, JournalRow.id < before if before is not None else None)
            yield from (record for record in batch if wanted.admits(record))
            if len(batch) < _BATCH:
                return
            before = batch[-1].number

    def after(self, wanted: Filter, number: int) -> list[JournalRecord]:
        """Returns what came after a number, oldest first."""
        found: list[JournalRecord] = []
        while True:
            batch = self._read(wanted, JournalRow.id > number, oldest_first=True)
            found += (record for record in batch if wanted.admits(record))
            if len(batch) < _BATCH:
                return found
            number = batch[-1].number

    def last_number(self) -> int:
        """Returns the number of the newest record, 0 where there is none."""
        with Session(self._engine) as session:
            return session.scalar(select(func.max(JournalRow.id))) or 0

    def of_request(self, request_id: str) -> list[JournalRecord]:
        """Returns the records of a request, oldest first."""
        if not _is_storable(request_id):
            return []
        return self._read(Filter(), JournalRow.request_id == request_id, oldest_first=True)

    def questions(self, request_ids: Sequence[str]) -> dict[str, str]:
        """Returns how the questions of requests were worded, as they were asked last."""
        query = select(JournalRow.request_id, JournalRow.question).where(
            JournalRow.request_id.in_(request_ids)
        )
        with Session(self._engine) as session:
            rows = session.execute(query.order_by(JournalRow.id))
            return {row.request_id: row.question for row in rows}

    def verdicts(self, since: datetime, limit: int = 500) -> list[Verdict]:
        """Returns the newest verdicts, newest first."""
        query = select(VerdictRow).where(VerdictRow.given_at >= since)
        with Session(self._engine) as session:
            rows = session.scalars(query.order_by(VerdictRow.given_at.desc()).limit(limit))
            return [_verdict(row) for row in rows]

    def _read(
        self, wanted: Filter, place: ColumnElement[bool] | None, *, oldest_first: bool = False
    ) -> list[JournalRecord]:
        query = select(JournalRow).where(*_conditions(wanted)).limit(_BATCH)
        if place is not None:
            query = query.where(place)
        order = JournalRow.id.asc() if oldest_first else JournalRow.id.desc()
        with Session(self._engine) as session:
            rows = session.scalars(query.order_by(order)).all()
            verdicts = _verdicts_on([row.request_id for row in rows], session)
            return [
                JournalRecord(row.id, entry_of(row), verdicts.get(row.request_id, ()))
                for row in rows
            ]


def _check_length(name: str, value: str) -> None:
    if len(value) > _MAX_CHARS:
        raise ConfigurationError(
            f"Look for {_MAX_CHARS:,} characters at most in {name}; these are {len(value):,}"
        )


def _is_storable(value: str) -> bool:
    """Says whether a database can hold a text: no NUL, no half of a pair of surrogates."""
    return "\0" not in value and value.encode("utf-8", "ignore").decode() == value


def _conditions(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    if wanted.since:
        yield JournalRow.answered_at >= wanted.since
    if wanted.until:
        yield JournalRow.answered_at < wanted.until
    if wanted.outcome:
        yield JournalRow.outcome == wanted.outcome
    if wanted.asker:
        yield JournalRow.asker == wanted.asker
    if wanted.document:
        # As JSON writes it: what is not ASCII is escaped there.
        name = json.dumps(wanted.document)[1:-1]
        yield _holds(cast(JournalRow.citations, String), name)
    for word in wanted.words.split():
        yield or_(
            _holds(JournalRow.question, word), _holds(JournalRow.understood, word),
            _holds(JournalRow.text, word),
        )  # fmt: skip
    if wanted.unhelpful:
        yield exists().where(
            VerdictRow.request_id == JournalRow.request_id, VerdictRow.helpful.is_(False)
        )


def _holds(column: Any, part: str) -> ColumnElement[bool]:
    literal = part.replace(_ESCAPE, _ESCAPE * 2).replace("%", r"\%").replace("_", r"\_")
    found: ColumnElement[bool] = column.ilike(f"%{literal}%", escape=_ESCAPE)
    return found


def _verdicts_on(request_ids: Sequence[str], session: Session) -> dict[str, tuple[Verdict, ...]]:
    query = select(VerdictRow).where(VerdictRow.request_id.in_(request_ids))
    rows = session.scalars(query.order_by(VerdictRow.request_id, VerdictRow.given_at))
    return {
        request_id: tuple(map(_verdict, group))
        for request_id, group in groupby(rows, lambda row: row.request_id)
    }


def _verdict(row: VerdictRow) -> Verdict:
    return Verdict(
        row.request_id, row.reader, row.helpful, row.reason, row.comment, in_utc(row.given_at)
    )
