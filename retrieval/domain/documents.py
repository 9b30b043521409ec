"""A loaded document: its text, and blocks that say what each stretch of the text is."""

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import PurePosixPath

from retrieval.domain.access import both
from retrieval.domain.losses import Loss, grouped
from retrieval.domain.metadata import UNSAID, Metadata
from retrieval.domain.places import NOWHERE, Place, bounded
from retrieval.domain.sanitizing import clean_line, clean_lines_of, clean_text, moves_of


class BlockKind(StrEnum):
    """What a stretch of text is. Boilerplate is page furniture, never part of a passage."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    TABLE_ROW = "table_row"
    BOILERPLATE = "residue"


@dataclass(frozen=True, slots=True)
class Block:
    """`text[start:end]` of a document. `level` counts headings from 1, `page` pages from 1.

    `header` is what stands above the table that a row belongs to, for context. `place` says where
    a person finds it.
    """

    kind: BlockKind
    start: int
    end: int
    level: int = 0
    page: int | None = None
    header: str = ""
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Document:
    """A document as text. `name` is its path relative to the indexed folder, with `/`.

    `date` is ISO 8601 and only as precise as the document is: `2024`, `2024-12`
    or `2024-12-31`; None where the document states no date of its own. `metadata` is what
    its front matter says. `losses` are what the loader left out. `dated_by` says where the date
    was found, such as `front matter`, `first lines` or `file name`.
    """

    name: str
    format: str
    text: str
    title: str
    date: str | None
    blocks: tuple[Block, ...]
    metadata: Metadata = UNSAID
    losses: tuple[Loss, ...] = ()
    dated_by: str = ""


def described(document: Document, said: Metadata) -> Document:
    """Returns `document` as a source list describes it, its own front matter second.

    Where both say who may see it, only those may whom both let in.
    """
    listed = clean_lines_of(said)
    own = document.metadata.access
    access = both(said.access, own) if said.access and own else said.access or own
    known = replace(listed.over(document.metadata), access=access)
    return replace(
        document,
        title=listed.title or document.title,
        date=listed.date or document.date,
        dated_by="source list" if listed.date else document.dated_by,
        metadata=known,
    )


def cleaned(document: Document) -> Document:
    """Returns `document` with every text in it clean, so that tokenizers and databases take it.

    What a loader gives passes here before anything else sees it; blocks stay where their text is.
    """
    text, move = clean_text(document.text), moves_of(document.text)
    blocks = document.blocks
    if move.dropped:
        blocks = tuple(replace(one, start=move(one.start), end=move(one.end)) for one in blocks)
    headers = {header: clean_text(header) for header in {one.header for one in blocks}}
    if any(header != clean for header, clean in headers.items()):
        blocks = tuple(replace(one, header=headers[one.header]) for one in blocks)
    places = {place: bounded(clean_lines_of(place)) for place in {one.place for one in blocks}}
    if any(place is not clean for place, clean in places.items()):
        blocks = tuple(replace(one, place=places[one.place]) for one in blocks)
    name = clean_line(document.name)
    return replace(
        document,
        name=name,
        text=text,
        title=clean_line(document.title) or PurePosixPath(name).stem,
        blocks=blocks,
        metadata=clean_lines_of(document.metadata),
        losses=grouped(clean_lines_of(loss) for loss in document.losses),
    )
