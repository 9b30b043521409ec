"""What an indexing run did, or would do."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from time import perf_counter
from typing import Any

from retrieval.domain.access import EVERYONE
from retrieval.domain.failures import Closed, DocumentFailure
from retrieval.sources.unsupported import Skipped


@dataclass(frozen=True, slots=True)
class Incomplete:
    """A document of which more than a little was left out, and what. `access` is its label."""

    document: str
    missing: str
    access: str = EVERYONE


@dataclass(slots=True)
class IndexReport:
    """What a run did. Times in seconds; `passages` is what the index now holds.

    `closed` are documents that nobody is answered from, because who may see them cannot be told;
    `incomplete` those that were read now, but not whole; `skipped` files that no loader reads.
    """

    generation: int = 0
    added: int = 0
    updated: int = 0
    removed: int = 0
    unchanged: int = 0
    failed: list[DocumentFailure] = field(default_factory=list)
    passages: int = 0
    timings: dict[str, float] = field(
        default_factory=lambda: dict.fromkeys(("load", "split", "embed", "write", "total"), 0.0)
    )
    notices: list[str] = field(default_factory=list)
    closed: list[Closed] = field(default_factory=list)
    incomplete: list[Incomplete] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def as_json(self, most_failures: int | None = None) -> dict[str, Any]:
        """Returns what `monazite index --json` prints: all failures, or the first of them.

        `failures` counts all of them.
        """
        return {
            "generation": self.generation,
            "documents": {
                "added": self.added,
                "updated": self.updated,
                "removed": self.removed,
                "unchanged": self.unchanged,
                "failed": [asdict(failure) for failure in self.failed[:most_failures]],
            },
            "closed": [asdict(one) for one in self.closed],
            "incomplete": [asdict(one) for one in self.incomplete[:most_failures]],
            "skipped": [asdict(one) for one in self.skipped],
            "failures": len(self.failed),
            "passages": self.passages,
            "timings_s": {step: round(seconds, 3) for step, seconds in self.timings.items()},
        }

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Adds the time its block takes to a step."""
        began = perf_counter()
        try:
            yield
        finally:
            self.timings[step] += perf_counter() - began


@dataclass(frozen=True, slots=True)
class Preview:
    """What a run would do, by the files' hashes; nothing was read or written for it."""

    added: tuple[str, ...]
    updated: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int
    closed: tuple[str, ...] = ()
    failed: tuple[DocumentFailure, ...] = ()
    skipped: tuple[Skipped, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Returns what `monazite index --dry-run --json` prints."""
        return asdict(self)
