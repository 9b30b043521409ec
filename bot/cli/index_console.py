"""Prints what became of the index: reports, previews, checks, backups, history."""

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING

from bot.cli.console import print_json, print_table, say, tell

if TYPE_CHECKING:
    from retrieval.backup.backups import RestoreReport
    from retrieval.backup.writing import BackupReport
    from retrieval.indexing.report import IndexReport, Preview
    from retrieval.indexing.verification import Verification
    from retrieval.storage.runs import Run

_MAX_NAMED = 20


def print_index_report(report: "IndexReport") -> None:
    """Prints what an indexing run did; failures go to stderr."""
    changes = ("added", "updated", "removed", "unchanged")
    counts = ", ".join(f"{getattr(report, change)} {change}" for change in changes)
    total = report.timings["total"]
    tell(
        f"Documents: {counts}, {len(report.failed)} failed. "
        f"{report.passages} passages in the index (generation {report.generation}, {total:.1f} s)."
    )
    if report.closed:
        print(f"{len(report.closed):,} of the documents are closed to all; see: monazite status")
    for failure in report.failed:
        say(f"Failed: {failure.document}: {failure.error}")
    for one in report.incomplete[:_MAX_NAMED]:
        say(f"Not whole: {one.document}: {one.missing}")
    if report.incomplete:
        more = len(report.incomplete) - _MAX_NAMED
        rest = f"{more:,} more documents were not read whole. " if more > 0 else ""
        say(f"{rest}More of a document: monazite documents NAME")
    for kind in report.skipped:
        say(f"Not read: {kind}")


def print_preview(preview: "Preview", *, json: bool) -> None:
    """Prints what an indexing run would change."""
    if json:
        print_json(preview.as_json())
        return
    for change in ("added", "updated", "removed"):
        for name in getattr(preview, change):
            tell(f"{change:8} {name}")
    for name in preview.closed:
        tell(f"closed   {name}")
    for kind in preview.skipped:
        tell(f"not read {kind}")
    tell(f"{preview.unchanged} unchanged; nothing was changed")
    for failure in preview.failed:
        say(f"Failed: {failure.document}: {failure.error}")


def print_verification(found: "Verification") -> None:
    """Prints what a check of the index found; problems go to stderr."""
    for mended in found.mended:
        tell(f"Mended: {mended}")
    for problem in found.problems:
        say(f"Wrong: {problem}")
    if found.leftovers:
        tell(f"{found.leftovers} leftovers of a run that was killed; the next run deletes them")
    state = "whole" if found.whole else "not whole; run: monazite verify --repair"
    tell(
        f"{found.documents} documents, {found.passages} passages, generation {found.generation}: "
        f"the index is {state}"
    )


def print_backup(done: str, report: "BackupReport", *, json: bool) -> None:
    """Prints what a backup holds."""
    if json:
        print_json(report.as_json())
        return
    tell(
        f"{done} {report.documents} documents with {report.passages} passages "
        f"(sha256 {report.sha256[:12]}…): {report.file}"
    )


def print_restored(report: "RestoreReport", *, json: bool) -> None:
    """Prints what was restored, and what was not; the latter goes to stderr."""
    print_backup("Restored", report, json=json)
    if json:
        return
    if report.closed:
        say(f"{report.closed} documents are seen by fewer people than the backup says")
    for document, reason in islice(report.left_out.items(), _MAX_NAMED):
        say(f"Left out: {document}: {reason}")
    if len(report.left_out) > _MAX_NAMED:
        say(f"… and {len(report.left_out) - _MAX_NAMED:,} more; --json names them all")


def print_history(runs: Sequence["Run"], *, json: bool) -> None:
    """Prints runs, one a line for programs, a table for people."""
    if json:
        for run in runs:
            print_json(_as_json(run))
        return
    print_table(
        ("Started", "Run", "Who", "Outcome", "What came of it"),
        (
            (_started(run), run.kind, run.who, run.outcome, run.error or _summary(run))
            for run in runs
        ),
    )


def _started(run: "Run") -> str:
    return run.started_at.isoformat(sep=" ", timespec="seconds").removesuffix("+00:00")


def _summary(run: "Run") -> str:
    documents = run.report.get("documents")
    if isinstance(documents, dict):
        parts = [f"{value} {name}" for name, value in documents.items() if isinstance(value, int)]
        failed = documents.get("failed", [])
        return ", ".join([*parts, f"{len(failed)} failed"])
    return f"{documents} documents" if documents is not None else ""


def _as_json(run: "Run") -> dict[str, object]:
    ended = run.ended_at.isoformat() if run.ended_at else None
    return {
        "id": run.id, "kind": run.kind, "who": run.who, "started_at": run.started_at.isoformat(),
        "ended_at": ended, "outcome": run.outcome, "report": run.report, "error": run.error,
    }  # fmt: skip
