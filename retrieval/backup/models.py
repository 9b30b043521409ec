"""What may stand in a backup. A backup is input: its checksum proves that it is whole, not who made it."""

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, FailFast, Field, model_validator

from retrieval.domain.access import EVERYONE, NOBODY, label_of
from retrieval.domain.errors import LoadError
from retrieval.domain.ledger import ledger_from
from retrieval.domain.metadata import from_json
from retrieval.domain.passages import Passage, Sentence
from retrieval.domain.places import NOWHERE, Place
from retrieval.domain.records import DocumentKey, NewVersion, version_id
from retrieval.system.containment import MAX_NAME_CHARS, check_name, storable

FORMAT = 3
# Of earlier releases: without places, ledgers and what is embedded in brief.
READ_FORMATS = (2, FORMAT)
_MOST = 2**31 - 1
_MAX_PART_BYTES = 255
_PAGE = re.compile(r"https?://[^\s\x00-\x1f\x7f]+")
_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")

Count = Annotated[int, Field(ge=0, le=_MOST)]


def is_page(name: str) -> bool:
    """Says whether a document's name is the address of a page."""
    return bool(_PAGE.fullmatch(name))


def _is_root(value: str) -> str:
    if not value.startswith("/"):
        raise ValueError("is no absolute path of a folder")
    if value != "/":
        _is_path(value[1:])
    return value


def _is_name(value: str) -> str:
    if not is_page(value):
        _is_path(value)
    return value


def _is_path(value: str) -> None:
    try:
        check_name(value)
    except LoadError as error:
        raise ValueError(str(error)) from None
    if any(len(part.encode()) > _MAX_PART_BYTES for part in value.split("/")):
        raise ValueError(f"has a part longer than {_MAX_PART_BYTES} bytes")


def _is_date(value: str) -> str:
    match = _DATE.fullmatch(value)
    if not match:
        raise ValueError("is no date such as 2024-12-31, 2024-12 or 2024")
    date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
    return value


def _is_label(value: str) -> str:
    if value in (EVERYONE, NOBODY):
        return value
    for part in value.split("&"):
        if label_of(part.split(",")) != part or part == EVERYONE:
            raise ValueError("is no access label")
    return value


def _without_nul(value: str) -> str:
    # PostgreSQL takes none. As long as what it replaces, so that offsets still fit.
    return value.replace("\0", "\ufffd")


Words = Annotated[str, AfterValidator(_without_nul)]
Short = Annotated[str, Field(max_length=10_000), AfterValidator(_without_nul)]
Label = Annotated[str, AfterValidator(_is_label)]
Date = Annotated[str, AfterValidator(_is_date)]
Path = Annotated[str, Field(min_length=1, max_length=MAX_NAME_CHARS)]


class _Strict(BaseModel):
    # What is not known is passed over: refusing it would take an error, and memory, for each key.
    model_config = ConfigDict(strict=True, extra="ignore", allow_inf_nan=False, frozen=True)


class Manifest(_Strict):
    """What a backup says it holds; `sha256` is that of its documents."""

    format: Literal[2, 3]
    file: str = Field(max_length=10_000)
    fingerprint: str = Field(max_length=300)
    generation: Count
    documents: Count
    passages: Count
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class PlaceEntry(_Strict):
    """Where a sentence stands; see `places.Place`."""

    page: Count | None = None
    page_label: Short = ""
    slide: Count | None = None
    sheet: Short = ""
    cells: Short = ""
    row: Short = ""
    first_line: Count | None = None
    last_line: Count | None = None
    part: Short = ""


class SentenceEntry(_Strict):
    """A sentence of a passage; see `passages.Sentence`."""

    start: Count
    end: Count
    block: Count
    place: PlaceEntry | None = None

    def as_sentence(self) -> Sentence:
        """Returns the sentence."""
        place = Place(**self.place.model_dump()) if self.place else NOWHERE
        return Sentence(self.start, self.end, self.block, place)


class PassageEntry(_Strict):
    """A passage of a document; see `passages.Passage`."""

    ordinal: Count
    start: Count
    end: Count
    text: Words = Field(min_length=1)
    section: Words
    page: Annotated[int, Field(ge=1, le=_MOST)] | None
    header: Words
    context: Words
    sentences: Annotated[list[SentenceEntry], FailFast()]
    brief: Words = ""

    def as_passage(self) -> Passage:
        """Returns the passage."""
        spans = tuple(one.as_sentence() for one in self.sentences)
        return Passage(
            self.ordinal, self.start, self.end, self.text, self.section, self.page, self.header,
            self.context, spans, self.brief,
        )  # fmt: skip


class SaidEntry(_Strict):
    """What is said of a document; see `metadata.Metadata`."""

    title: Words | None = None
    date: Date | None = None
    author: Words | None = None
    tags: list[Words] | None = Field(default=None, max_length=1000)
    language: Words | None = None
    access: Label | None = None
    source: Words | None = None
    added_by: Words | None = None
    added_at: Words | None = None


class LossEntry(_Strict):
    """Something that was left out of a document; see `losses.Loss`."""

    what: Short
    why: Short
    count: Count = 1
    words: Count = 0
    where: Short = ""


class LedgerEntry(_Strict):
    """How much of a document was read; see `ledger.Ledger`."""

    words: Count = 0
    pages: Count = 0
    rows: Count = 0
    losses: list[LossEntry] = Field(default_factory=list, max_length=1000)


class DocumentEntry(_Strict):
    """One document with its passages and their vectors. All that is computed from it fits together."""

    root: Annotated[Path, AfterValidator(_is_root)]
    name: Annotated[Path, AfterValidator(_is_name)]
    hash: str = Field(pattern=r"^[0-9a-f]{1,64}$")
    format: str = Field(pattern=r"^[a-z0-9]{1,10}$")
    title: Words
    date: Date | None
    access: Label
    said: SaidEntry
    text: Words
    ledger: LedgerEntry = LedgerEntry()
    passages: Annotated[list[PassageEntry], FailFast()] = Field(min_length=1)
    vectors: Annotated[list[Annotated[list[float], FailFast()]], FailFast()]

    @model_validator(mode="after")
    def _fits_together(self) -> "DocumentEntry":
        if not is_page(self.name) and (reason := storable(self.root, self.name)):
            raise ValueError(reason)
        if len(self.vectors) != len(self.passages):
            raise ValueError("has not one vector a passage")
        length = len(self.text)
        for number, one in enumerate(self.passages):
            stands = self.text[one.start : one.end] == one.text
            if one.ordinal != number or not one.start < one.end <= length or not stands:
                raise ValueError(f"has a passage ({number}) that does not stand in its text")
            if any(not span.start <= span.end <= length for span in one.sentences):
                raise ValueError(f"has a passage ({number}) whose sentences lie outside of it")
        return self

    @property
    def key(self) -> DocumentKey:
        """The document's identity."""
        return DocumentKey(self.root, self.name)

    @property
    def place(self) -> str:
        """What people know the document by: its path, or the address of a page."""
        return self.name if is_page(self.name) else f"{self.root}/{self.name}"

    def as_version(self, build_id: str, access: str, digest: str) -> NewVersion:
        """Returns the version for a build, with an access label and a content hash of its own."""
        return NewVersion(
            version_id(build_id, self.key, digest), self.key, digest, self.format, self.title,
            self.date, self.text, tuple(one.as_passage() for one in self.passages), access,
            from_json(self.said.model_dump(exclude_none=True)), ledger_from(self.ledger.model_dump()),
        )  # fmt: skip
