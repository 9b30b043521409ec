"""What a loader took of a document's visible text, and what it left out and why."""

from collections.abc import Iterable
from dataclasses import dataclass

# More kinds than a person reads, of more places than one looks up.
_MAX_KINDS = 50
_MAX_WHERE_CHARS = 200
_MOST = 2**31 - 1


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


def grouped(losses: Iterable[Loss]) -> tuple[Loss, ...]:
    """Returns losses of the same kind and reason as one; beyond fifty kinds, the rest as one."""
    kinds: dict[tuple[str, str], Loss] = {}
    for loss in losses:
        key = (_cut(loss.what), _cut(loss.why))
        if key not in kinds and len(kinds) >= _MAX_KINDS:
            key = ("other", "of more kinds than are listed")
        old = kinds.get(key, Loss(*key, count=0))
        # Not longer than is kept, however many there are.
        full = len(old.where) >= _MAX_WHERE_CHARS
        where = old.where if full else ", ".join(filter(None, (old.where, loss.where)))
        count = min(old.count + max(loss.count, 1), _MOST)
        words = min(old.words + max(loss.words, 0), _MOST)
        kinds[key] = Loss(*key, count, words, _cut(where))
    return tuple(kinds.values())


def _cut(text: str) -> str:
    return text if len(text) <= _MAX_WHERE_CHARS else text[: _MAX_WHERE_CHARS - 1] + "…"
