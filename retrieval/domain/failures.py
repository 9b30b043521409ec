"""What did not go in, or is closed, and why."""

from dataclasses import dataclass

from retrieval.domain.access import EVERYONE
from retrieval.domain.sanitizing import clean_line, clean_name


@dataclass(frozen=True, slots=True)
class DocumentFailure:
    """A file that did not go in; an older version of it, if any, still answers.

    `access` is the label of those who may know its name. `brief` is what may be told to everybody
    of a source list that closes documents, "" for a document. Name and reason may come from
    outside, and are made one clean line each.
    """

    document: str
    error: str
    access: str = EVERYONE
    brief: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "document", clean_name(self.document))
        object.__setattr__(self, "error", clean_line(self.error))


@dataclass(frozen=True, slots=True)
class Closed:
    """A document that nobody may see, and why. `access` is the label that it would have without that."""

    document: str
    reason: str
    access: str = EVERYONE
