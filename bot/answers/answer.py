"""What an answer is made of, as every caller sees it."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Mode = Literal["extractive", "generated"]


@dataclass(frozen=True, slots=True)
class Citation:
    """A verified quote: `text[start:end]` of the document is `quote`, character for character.

    `passage` is the id of the passage that holds it; `score` is how well the quote
    matched the question, comparable within one answer only. `place` says in words where a person
    finds the quote in the document; "" where that cannot be told. `outdated` is the day (ISO 8601)
    on which the document's file was found changed and could not be read, None if it is current.
    """

    number: int
    document: str
    title: str
    section: str
    page: int | None
    date: str | None
    quote: str
    start: int
    end: int
    passage: str
    score: float
    place: str = ""
    outdated: str | None = None


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A passage that was read for an answer; `score` orders them, `cosine` and `bm25` as in `Hit`."""

    passage: str
    document: str
    section: str
    page: int | None
    score: float
    cosine: float | None
    bm25: float | None
    place: str = ""


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds that the steps of an answer took; `write` is the part of a chat model."""

    plan: float = 0.0
    embed: float = 0.0
    search: float = 0.0
    compose: float = 0.0
    write: float = 0.0
    total: float = 0.0


@dataclass(frozen=True, slots=True)
class Writing:
    """What a chat model did for an answer.

    `prompts` are the versions of the prompts by name; `written` counts the statements that
    came, `verified` those that were posted, `dropped` holds the others with the reason.
    `cost` is in US dollars, None where the price is not known; `failure` is why there is
    no written answer, "" where there is one or the documents do not hold it.
    """

    model: str
    prompts: dict[str, str]
    written: int = 0
    verified: int = 0
    dropped: tuple[dict[str, str], ...] = ()
    calls: int = 0
    tokens_read: int = 0
    tokens_written: int = 0
    tokens_estimated: bool = False
    cost: float | None = 0.0
    repaired: bool = False
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a question. `text` holds `[n]` markers, one for each of `citations`.

    When the documents do not answer, `answered` is False, `citations` is empty and
    `nearest` holds the passages that came closest. `confidence` is 0 to 1. `note` tells
    the reader what is not as usual; `writing` is None where no chat model was asked.
    `found` is what was read, best first: for the record, not for readers.
    """

    question: str
    text: str
    answered: bool
    mode: Mode
    citations: tuple[Citation, ...] = ()
    nearest: tuple[Citation, ...] = ()
    timings: Timings = field(default_factory=Timings)
    request_id: str = ""
    confidence: float = 0.0
    note: str = ""
    writing: Writing | None = None
    found: tuple[FoundPassage, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Returns the object that `monazite ask --json` prints.

        `note`, `writing` and the times of planning and writing are in it where a chat
        model was asked.
        """
        steps = asdict(self.timings)
        if self.writing is None:
            steps = {step: ms for step, ms in steps.items() if step not in ("plan", "write")}
        told: dict[str, Any] = {
            "question": self.question,
            "answer": self.text,
            "answered": self.answered,
            "mode": self.mode,
            "citations": [asdict(citation) for citation in self.citations],
            "nearest": [asdict(citation) for citation in self.nearest],
            "timings_ms": {step: round(ms, 1) for step, ms in steps.items()},
            "request_id": self.request_id,
        }
        if self.note:
            told["note"] = self.note
        if self.writing:
            told["writing"] = asdict(self.writing)
        return told
