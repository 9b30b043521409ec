"""What a loader took of a document's visible text, and what it left out and why."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that was left out: `what` (such as `hidden sheet`), how often, and why.

    `words` is how many words it held, where that is known. `where` names places, at most a few.
    """

    what: str
    why: str
    count: int = 1
    words: int = 0
    where: str = ""
