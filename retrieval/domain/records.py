"""What the catalog takes and gives: builds, versions of documents, stored passages."""

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import NamedTuple

from retrieval.domain.access import EVERYONE
from retrieval.domain.ledger import UNREAD, Ledger
from retrieval.domain.metadata import UNSAID, Metadata
from retrieval.domain.passages import Passage


@dataclass(frozen=True, slots=True)
class BuildInfo:
    """A build of the index; `generation` grows by one with every commit that changes it."""

    id: str
    fingerprint: str
    generation: int
    updated_at: datetime


class DocumentKey(NamedTuple):
    """A document's identity: the indexed folder (absolute) and the path inside it.

    A tuple, because thousands are looked up in every run.
    """

    root: str
    name: str


@dataclass(frozen=True, slots=True)
class LiveVersion:
    """What the indexer must know of a live document.

    `outdated_since` is when its file was first found changed and could not be read; None if current.
    """

    version_id: str
    content_hash: str
    access: str = EVERYONE
    outdated_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """What a person may want to know of a live document.

    `outdated_since` is when its file was found changed and could not be read, None if it is current.
    """

    name: str
    title: str
    date: str | None
    format: str
    passages: int
    access: str
    said: Metadata
    indexed_at: datetime
    ledger: Ledger = UNREAD
    outdated_since: datetime | None = None
    root: str = ""
    version_id: str = ""


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A version about to be staged."""

    version_id: str
    key: DocumentKey
    content_hash: str
    format: str
    title: str
    date: str | None
    text: str
    passages: tuple[Passage, ...]
    access: str = EVERYONE
    said: Metadata = UNSAID
    ledger: Ledger = UNREAD
    outdated_since: datetime | None = None

    def with_id(self, version_id: str) -> "NewVersion":
        """Returns a copy for another build."""
        return replace(self, version_id=version_id)


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A live passage with what a citation needs of its document; `outdated_since` as in `LiveVersion`."""

    id: str
    version_id: str
    document: str
    title: str
    date: str | None
    passage: Passage
    access: str = EVERYONE
    outdated_since: datetime | None = None


def in_utc(moment: datetime) -> datetime:
    """Returns `moment` with its zone: SQLite forgets the zone of what was stored in UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def version_id(build_id: str, key: DocumentKey, digest: str) -> str:
    """Returns the id of a version: the same content at the same place in a build has the same."""
    parts = "\0".join((build_id, key.root, key.name, digest))
    return hashlib.sha256(parts.encode()).hexdigest()[:32]


def passage_id(version_id: str, ordinal: int) -> str:
    """Returns the id of a passage in every store."""
    return f"{version_id}-{ordinal}"
