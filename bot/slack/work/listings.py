"""What admins are told of the index in Slack: documents that they may see by name, others by number."""

from collections.abc import Iterator, Sequence
from typing import Any

from slack_sdk import WebClient

from bot.slack.delivery.mrkdwn import MAX_SECTION_CHARS, cut
from bot.slack.permissions.audience import Audiences
from retrieval.domain.access import EVERYONE, Reader
from retrieval.domain.records import DocumentInfo
from retrieval.domain.single_line import single_line, single_line_path
from retrieval.sources.access_report import AccessReport, AccessReports
from retrieval.storage.catalog import Catalog
from retrieval.storage.runs import Run, Runs

_MAX_DOCUMENTS, _MAX_RUNS, _MAX_CLOSED = 40, 8, 10
_MAX_LINE = 400


class Listings:
    """Words the index for one admin."""

    def __init__(
        self, catalog: Catalog, runs: Runs, access: AccessReports, audiences: Audiences
    ) -> None:
        self._catalog = catalog
        self._runs = runs
        self._access = access
        self._audiences = audiences

    def reader(self, user: str, client: WebClient) -> Reader:
        """Returns what an admin may see, as anybody may: being one opens no document."""
        closed = self._access.latest().closed
        return self._audiences.person(user, client, also=[one.access for one in closed])

    def documents(self, user: str, client: WebClient) -> str:
        """Returns the documents, one a line."""
        reader = self.reader(user, client)
        documents = self._catalog.documents()
        lines = list(_documents(documents, reader))
        return cut("\n".join(lines) or "There are no documents.", MAX_SECTION_CHARS)

    def status(self, user: str, client: WebClient) -> str:
        """Returns what the index holds, which access rules fit nothing, and what is closed to all."""
        build = self._catalog.live_build()
        if build is None:
            return "There is no index yet."
        documents, passages = self._catalog.document_count(), self._catalog.passage_count(build.id)
        runs = self._runs.history(1)
        first = (
            f"{documents:,} documents with {passages:,} passages, generation {build.generation}, "
            f"updated {_moment(build.updated_at)}; {build.fingerprint}"
        )
        lines = [first]
        lines += [f"Last run: {_run_line(run)}" for run in runs]
        lines += _access(self._access.latest(), self.reader(user, client))
        return cut("\n".join(lines), MAX_SECTION_CHARS)

    def history(self) -> str:
        """Returns the latest runs, one a line."""
        runs = self._runs.history(_MAX_RUNS)
        return "\n".join(f"• {_run_line(run)}" for run in runs) or "Nothing has run yet."


def _documents(documents: Sequence[DocumentInfo], reader: Reader) -> Iterator[str]:
    seen = [one for one in documents if reader.may_see(one.access)]
    for one in seen[:_MAX_DOCUMENTS]:
        told = ", ".join(map(single_line, _told_of(one)))
        yield f"• {single_line_path(one.name)} ({told}): {one.passages} passages"
    if len(seen) > _MAX_DOCUMENTS:
        yield f"… and {len(seen) - _MAX_DOCUMENTS:,} more; see: monazite status"
    if hidden := len(documents) - len(seen):
        yield f"• {hidden:,} not named: closed to you; see: monazite status"


def _told_of(document: DocumentInfo) -> Iterator[str]:
    said = document.said
    yield document.title
    yield from filter(None, (document.date, said.author, *(said.tags or ())))
    if document.access != EVERYONE:
        yield f"only for {document.access}"
    if said.added_by:
        yield f"added by {said.added_by} on {(said.added_at or '')[:10]}"


def _access(report: AccessReport, reader: Reader) -> Iterator[str]:
    if report.rules:
        files = sum(rule.files for rule in report.rules if rule.access != EVERYONE)
        yield (
            f"Access: {len(report.rules):,} rules; those for some readers fit {files:,} files, "
            f"{len(report.idle):,} fit none"
        )
    for rule in report.idle[:_MAX_CLOSED]:
        named = f", path {rule.pattern}," if reader.may_see(rule.access) else ""
        told = single_line(f"rule {rule.number}{named} fits no file", _MAX_LINE)
        yield f"• {single_line_path(rule.list)}: {told}"
    if report.closed:
        yield f"{len(report.closed):,} documents are closed to all, for who may see them cannot be told:"
    named_ones = [one for one in report.closed if reader.may_see(one.access)]
    for closed in named_ones[:_MAX_CLOSED]:
        yield f"• {single_line_path(closed.document)}: {single_line(closed.reason, _MAX_LINE)}"
    if more := len(report.closed) - len(named_ones[:_MAX_CLOSED]):
        yield f"• {more:,} not named; see: monazite status"


def _run_line(run: Run) -> str:
    documents: Any = run.report.get("documents")
    failed = len(documents.get("failed", [])) if isinstance(documents, dict) else 0
    more = f", {failed} files failed" if failed else ""
    told = single_line(f"{run.kind} by {run.who}: {run.error or run.outcome}", _MAX_LINE)
    return f"{_moment(run.started_at)} {told}{more}"


def _moment(moment: Any) -> str:
    return str(moment.isoformat(sep=" ", timespec="minutes").replace("+00:00", " UTC"))
