"""What became of a written answer: the journal's account of it."""

from dataclasses import dataclass, field

from bot.answers.citations import Claim
from bot.costs.usage import Usage
from bot.writing.failures import ChatFailure
from bot.writing.gate import Drop
from prompts.answer import Statement
from retrieval.domain.records import StoredPassage


@dataclass(frozen=True, slots=True)
class WrittenStatement:
    """A statement as the model wrote it, with the passages that it names."""

    statement: Statement
    passages: tuple[StoredPassage, ...]


@dataclass(slots=True)
class Transcript:
    """Fills up while an answer is written; `in_documents` is what the model says of the passages."""

    usage: Usage = field(default_factory=Usage)
    written: list[WrittenStatement] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    dropped: list[Drop] = field(default_factory=list)
    in_documents: bool | None = None
    repaired: bool = False
    failure: ChatFailure | None = None
