"""The journal for other programs: JSON lines, CSV for spreadsheets, questions to measure with."""

import csv
import io
import re
from collections.abc import Callable
from typing import Any

from bot.cli.console import json_line as line_of_json
from bot.journal.search import JournalRecord
from retrieval.domain.sanitizing import printable

Format = Callable[[JournalRecord], str | None]
_COLUMNS = (
    "answered_at", "request_id", "outcome", "mode", "asker", "channel", "question", "understood",
    "text", "note", "confidence", "cost",
)  # fmt: skip
HEADINGS = (*_COLUMNS, "total_ms", "documents", "helpful", "unhelpful")
# A spreadsheet would take a cell that begins so for a formula, and people type questions; some read
# the wide forms likewise (OWASP, "CSV Injection").
_FORMULA = re.compile(r"[\s\ufeff\ufffd'\"]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")


def json_line(record: JournalRecord) -> str:
    """Returns the record as a line of JSON."""
    return line_of_json(record.as_json())


def csv_headings() -> str:
    """Returns the first line of a CSV file."""
    return _csv(HEADINGS)


def csv_line(record: JournalRecord) -> str:
    """Returns the record as a line of CSV."""
    fields = record.as_json()
    helpful = sum(verdict.helpful for verdict in record.verdicts)
    return _csv([
        *(fields[name] for name in _COLUMNS), (fields["timings"] or {}).get("total"),
        "; ".join(record.documents), helpful, len(record.verdicts) - helpful,
    ])  # fmt: skip


def eval_line(record: JournalRecord) -> str | None:
    """Returns the question as `monazite eval` reads it, or None where its answer is not known.

    An answer that nobody objected to counts as right, and so does "I don't know".
    """
    entry = record.entry
    if entry.outcome == "failed" or any(not verdict.helpful for verdict in record.verdicts):
        return None
    case: dict[str, Any] = {"question": entry.understood or entry.question}
    if entry.outcome == "answered":
        quotes = list(dict.fromkeys(str(one["quote"]) for one in entry.citations))
        case |= {"documents": list(record.documents), "answers": quotes}
    return line_of_json(case | {"answerable": entry.outcome == "answered"})


def _csv(values: Any) -> str:
    line = io.StringIO()
    # Cells are quoted for the characters of the line's end: an empty one would let line breaks through.
    csv.writer(line).writerow([_harmless(value) for value in values])
    return line.getvalue().removesuffix("\r\n")


def _harmless(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    shown = printable(value)
    return f"'{shown}" if _FORMULA.match(shown) else shown
