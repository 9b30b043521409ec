"""What an answer is made of, as every caller sees it."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Mode = Literal["extractive", "generated"]


@dataclass(frozen=True, slots=True)
class Citation:
    """A verified quote: `text[start:end]` of the document is `quote`, character for character.

    `passage` is the id of the passage that holds it; `score` is how well the quote
    matched the question, comparable within one answer only.
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


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds that the steps of an answer took."""

    embed: float = 0.0
    search: float = 0.0
    compose: float = 0.0
    total: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a question. `text` holds `[n]` markers, one for each of `citations`.

    When the documents do not answer, `answered` is False, `citations` is empty and
    `nearest` holds the passages that came closest. `confidence` is 0 to 1.
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

    def as_json(self) -> dict[str, Any]:
        """Returns the object that `monazite ask --json` prints."""
        return {
            "question": self.question,
            "answer": self.text,
            "answered": self.answered,
            "mode": self.mode,
            "citations": [asdict(citation) for citation in self.citations],
            "nearest": [asdict(citation) for citation in self.nearest],
            "timings_ms": {step: round(ms, 1) for step, ms in asdict(self.timings).items()},
            "request_id": self.request_id,
        }
