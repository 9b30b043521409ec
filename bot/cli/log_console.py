"""A record of the journal as a person reads it in a terminal."""

from bot.journal.search import JournalRecord
from retrieval.domain.sanitizing import printable, printable_line

_LONGEST = 300


def readable(record: JournalRecord) -> str:
    """Returns two or three lines: when, what came of it and how fast; the question; what it led to."""
    entry = record.entry
    at = entry.answered_at.strftime("%Y-%m-%d %H:%M:%S") if entry.answered_at else ""
    took = (entry.timings or {}).get("total")
    facts = [
        at, entry.outcome, *([f"{took:.0f} ms"] if took else []),
        *([f"${entry.cost:.4f}"] if entry.cost else []), *([entry.asker] if entry.asker else []),
        f"request {entry.request_id}", *_thoughts(record),
    ]  # fmt: skip
    lines = ["  ".join(facts), f"    {_short(entry.question)}"]
    if entry.outcome == "answered":
        lines.append(f"    → {', '.join(record.documents)}")
    elif entry.note:
        lines.append(f"    → {_short(entry.note)}")
    # Names of documents and people come from anybody, as questions do.
    return "\n".join(map(printable, lines))


def _thoughts(record: JournalRecord) -> list[str]:
    said = []
    for verdict in record.verdicts:
        why = ": ".join(part for part in (verdict.reason, _short(verdict.comment)) if part)
        word = "helpful" if verdict.helpful else "unhelpful"
        said.append(f"{word} ({why})" if why else word)
    return said


def _short(text: str) -> str:
    flat = printable_line(text)
    return flat if len(flat) <= _LONGEST else f"{flat[: _LONGEST - 1]}…"
