"""Prints for people: answers, reports, tables, progress. Data for programs is printed as JSON.

Documents, questions and names come from anybody. All that is printed goes through `tell`, `say`,
`print_table` or `print_json`, so that nothing in it is obeyed by a terminal or read as markup.
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from bot.answers.answer import Answer, Citation
from bot.answers.wording import passage_place, place_of, readable_date
from retrieval.domain.sanitizing import harmless_json, printable, printable_line

if TYPE_CHECKING:
    from bot.cli.status import IndexedFolder, Status
    from bot.evaluation.runner import EvalReport
    from bot.evaluation.written import WrittenReport
    from bot.ops.doctor import Finding
    from retrieval.domain.records import StoredPassage

_IDLE = "none; mend the path"


def print_json(value: Any) -> None:
    """Prints one line of JSON to stdout, at once."""
    sys.stdout.write(json_line(value) + "\n")
    sys.stdout.flush()


def json_line(value: Any) -> str:
    """Returns a line of JSON in which a terminal finds nothing to obey."""
    return harmless_json(json.dumps(value, ensure_ascii=False))


def tell(text: str = "") -> None:
    """Prints text for a person to stdout."""
    sys.stdout.write(printable(text) + "\n")


def say(text: str) -> None:
    """Prints a line for a person to stderr."""
    sys.stderr.write(printable(text) + "\n")


def print_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Prints a table to stdout, each cell on one line and as it stands: no markup, no emoji codes."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*headings)
    for row in rows:
        table.add_row(*(Text(printable_line(cell)) for cell in row))
    Console(width=None if sys.stdout.isatty() else 140, markup=False, emoji=False).print(table)


class Screen:
    """Prints one answer: its text as it comes, then its sources."""

    def __init__(self) -> None:
        self._shown = ""

    def show(self, piece: str) -> None:
        """Prints a piece of the text at once."""
        self._shown += piece
        sys.stdout.write(printable(piece))
        sys.stdout.flush()

    def finish(self, answer: Answer) -> None:
        """Prints what is not shown yet, and the sources or the nearest passages."""
        goes_on = answer.text.startswith(self._shown)
        tell(answer.text[len(self._shown) :] if goes_on else f"\n\n{answer.text}")
        if answer.note:
            tell(f"\n({answer.note})")
        _print_sources(answer)


def _print_sources(answer: Answer) -> None:
    cited = answer.citations or answer.nearest
    if cited:
        tell("\nSources" if answer.answered else "\nNearest passages")
    for citation in cited:
        tell(f"[{citation.number}] {describe_source(citation)}")
        tell(f"    “{' '.join(citation.quote.split())}”")


def describe_source(citation: Citation) -> str:
    """Returns title, section, place, date and document of a citation on one line."""
    parts = [
        citation.title,
        citation.section,
        place_of(citation.document, citation.page, citation.place),
        readable_date(citation.date) if citation.date else "",
        citation.document,
        f"outdated by {readable_date(citation.outdated)}" if citation.outdated else "",
    ]
    return " · ".join(part for part in parts if part)


def print_passages(passages: Sequence["StoredPassage"]) -> None:
    """Prints whole passages, as they stand in their documents."""
    for stored in passages:
        parts = (stored.document, stored.passage.section, passage_place(stored))
        tell(f"\n--- {' · '.join(part for part in parts if part)}\n{stored.passage.text}")


def print_status(status: "Status") -> None:
    """Prints what the index holds."""
    tell(f"Data folder  {status.home}")
    tell(f"Index        {status.fingerprint}, generation {status.generation}")
    tell(f"Updated      {status.updated_at}")
    tell(f"Documents    {len(status.documents)} with {status.passages} passages")
    for folder in status.folders:
        tell(f"Folder       {folder.path}, {folder.documents} documents{_absence(folder)}")
    for one in status.taken_out:
        tell(f"Taken out    {one.path}, on {one.decided_at:%Y-%m-%d} by {one.who}")
    print_table(
        ("Document", "Title", "Date", "Passages"),
        ((one.name, one.title, one.date or "", str(one.passages)) for one in status.documents),
    )

    if status.access.rules:
        rules = (
            (
                one.list,
                str(one.number),
                one.pattern,
                one.access,
                str(one.files) if one.files else _IDLE,
            )
            for one in status.access.rules
        )
        print_table(("List", "Rule", "Path", "Who may see its files", "Files"), rules)
    if status.access.closed:
        tell("Closed to all, because who may see them cannot be told:")
    for closed in status.access.closed:
        tell(f"  {closed.document}: {closed.reason}")


def _absence(folder: "IndexedFolder") -> str:
    return "" if folder.there else "; it is not there, or was never named: monazite forget drops it"


def print_findings(findings: Sequence["Finding"]) -> None:
    """Prints what `doctor` found, one line a check."""
    for finding in findings:
        tell(f"{'ok  ' if finding.ok else 'FAIL'}  {finding.check}: {finding.detail}")
        if finding.remedy:
            tell(f"      {finding.remedy}")


def print_evaluation(report: "EvalReport") -> None:
    """Prints the figures of an evaluation and the questions that went wrong."""
    rows = [
        ("questions", f"{report.answerable} answerable, {report.unanswerable} not"),
        *((f"recall@{depth}", f"{share:.1%}") for depth, share in report.recall.items()),
        ("MRR", f"{report.mrr:.3f}"),
        ("answer hits", f"{report.answer_hits:.1%}"),
        ("citation validity", f"{report.citation_validity:.1%}"),
        ("abstention precision", f"{report.abstention_precision:.1%}"),
        ("abstention recall", f"{report.abstention_recall:.1%}"),
        *((f"latency {name}", f"{value:.0f} ms") for name, value in report.latency_ms.items()),
    ]
    for name, value in rows + _written_rows(report.written):
        tell(f"{name:26} {value}")
    for label, questions in (
        ("Missed", report.missed), ("Answered without an answer", report.wrongly_answered),
    ):  # fmt: skip
        for question in questions:
            say(f"{label}: {question}")


def _written_rows(written: "WrittenReport | None") -> list[tuple[str, str]]:
    if written is None:
        return []
    about = "about " if written.tokens_estimated else ""
    cost = "not known" if written.cost is None else f"{written.cost:.4f} US dollars"
    tokens = f"{about}{written.tokens_read:,} read, {written.tokens_written:,} written"
    return [
        ("chat model asked", f"{written.asked} questions, {written.calls} calls"),
        ("  answered", str(written.answered)),
        ("  not in the documents", str(written.not_in_documents)),
        ("  nothing left", str(written.nothing_left)),
        *((f"  {failure}", str(count)) for failure, count in written.failures.items()),
        ("statements written", str(written.written)),
        ("  posted", str(written.posted)),
        *((f"  dropped: {reason}", str(count)) for reason, count in written.dropped.items()),
        ("citation recall", _before_and_after(written, "recall")),
        ("citation precision", _before_and_after(written, "precision")),
        ("tokens", tokens),
        ("cost", cost),
    ]


def _before_and_after(written: "WrittenReport", figure: str) -> str:
    before, after = (getattr(part, figure) for part in (written.as_written, written.as_posted))
    return f"{before:.1%} as written, {after:.1%} as posted"


@contextmanager
def progress(label: str, *, lines: bool = False) -> Iterator[Callable[[int, int], None] | None]:
    """Gives a function that moves a progress bar; None where stderr is no terminal.

    With `lines` it says "done of total" on a line instead.
    """
    if lines:
        yield lambda done, total: say(f"{done} of {total}")
        return
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn(label), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
