"""The operators' pages: each reads, none writes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.journal.figures import count_cited, read_figures
from bot.journal.search import OUTCOMES, Filter, JournalRecord, JournalSearch
from bot.ops.charts import HEIGHT, WIDTH, charts_of, waterfall
from bot.ops.clusters import cluster_questions
from bot.ops.rendering import Renderer
from bot.runtime.request_ids import new_request_id
from bot.runtime.time_expressions import time_of
from retrieval.domain.access import OPERATOR
from retrieval.domain.errors import ConfigurationError
from retrieval.embedding.embedder import Vectors
from retrieval.storage.catalog import Catalog
from retrieval.storage.runs import Runs

if TYPE_CHECKING:
    from sqlalchemy import Engine

_PAGE = 50
_GROUPED = 500
# Characters of a document's text on a page.
_TEXT = 100_000
_MONTH = timedelta(days=30)
# Days shown → length of a period, and how it is named.
_SPANS = {
    1: (timedelta(hours=1), "%H:00"), 7: (timedelta(hours=6), "%a %H:00"),
    30: (timedelta(days=1), "%d %b"), 90: (timedelta(days=3), "%d %b"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sources:
    """What the pages read; `embed` gives the unit vectors of questions."""

    engine: "Engine"
    catalog: Catalog
    journal: JournalSearch
    runs: Runs
    embed: Callable[[Sequence[str]], Vectors]


class Pages:
    """Answers requests for pages."""

    def __init__(
        self, sources: Sources, renderer: Renderer, report: Callable[[Exception, str], object]
    ) -> None:
        self._sources = sources
        self._renderer = renderer
        self._report = report

    def routes(self) -> list[BaseRoute]:
        """Returns the routes of all pages."""
        return [
            Route("/", self.overview),
            Route("/questions", self.questions),
            Route("/questions/{request_id}", self.trace),
            Route("/unanswered", self.unanswered),
            Route("/feedback", self.feedback),
            Route("/documents", self.documents),
            Route("/document", self.document),
            Route("/runs", self.runs),
            Mount("/static", StaticFiles(directory=Path(__file__).parent / "static")),
        ]

    def overview(self, request: Request) -> Response:
        """How it goes: figures and charts."""
        days = _one_of(request.query_params.get("days"), tuple(_SPANS))
        step, format_time = _SPANS[days]
        since, until = _whole_periods(datetime.now(UTC), timedelta(days=days), step)
        found = read_figures(self._sources.engine, since, until, step)
        charts = charts_of(found.periods, format_time)
        return self._show(
            "overview.html", figures=found, charts=charts, days=days, spans=tuple(_SPANS),
            width=WIDTH, height=HEIGHT,
        )  # fmt: skip

    def questions(self, request: Request) -> Response:
        """What was asked, by time, outcome, person, document and words."""
        given = {name: value.strip() for name, value in request.query_params.items()}
        try:
            wanted = _filter(given)
        except ConfigurationError as wrong:
            return self._questions(given, [], str(wrong))
        place = _number(given.get("before")) or None
        return self._questions(given, self._sources.journal.newest(wanted, _PAGE + 1, place))

    def _questions(
        self, given: dict[str, str], records: list[JournalRecord], error: str = ""
    ) -> Response:
        shown = records[:_PAGE]
        older = shown[-1].number if len(records) > _PAGE else None
        return self._show(
            "questions.html", records=shown, given=_Given(given),
            older=older, error=error, outcomes=OUTCOMES, page=_PAGE,
        )  # fmt: skip

    def trace(self, request: Request) -> Response:
        """One question: every passage, score, statement and step of its answer."""
        request_id = request.path_params["request_id"]
        records = self._sources.journal.of_request(request_id)
        ids = [str(one["passage"]) for record in records for one in record.entry.found]
        return self._show(
            "trace.html", 200 if records else 404, records=records, request_id=request_id,
            passages=self._sources.catalog.live_passages(ids, OPERATOR), waterfall=waterfall,
        )  # fmt: skip

    def unanswered(self, request: Request) -> Response:
        """What the documents lack: questions without an answer, those alike together."""
        days = _one_of(request.query_params.get("days"), (30, 7, 90))
        wanted = Filter(since=datetime.now(UTC) - timedelta(days=days), outcome="abstained")
        records = self._sources.journal.newest(wanted, _GROUPED)
        groups = cluster_questions(records, self._sources.embed)
        return self._show(
            "unanswered.html", groups=groups, count=len(records), days=days, spans=(7, 30, 90)
        )

    def feedback(self, _: Request) -> Response:
        """What readers thought of answers."""
        verdicts = self._sources.journal.verdicts(datetime.now(UTC) - 3 * _MONTH, 200)
        asked = self._sources.journal.questions([verdict.request_id for verdict in verdicts])
        return self._show("feedback.html", verdicts=verdicts, asked=asked)

    def documents(self, _: Request) -> Response:
        """What is indexed, and how often it was cited in the last thirty days."""
        cited = count_cited(self._sources.engine, datetime.now(UTC) - _MONTH)
        return self._show(
            "documents.html", documents=self._sources.catalog.documents(), cited=cited,
            build=self._sources.catalog.live_build(),
        )  # fmt: skip

    def document(self, request: Request) -> Response:
        """One document: how much of it was read, what was left out, and its text as it was read."""
        name, root = (request.query_params.get(given, "") for given in ("name", "root"))
        start = _number(request.query_params.get("from"))
        catalog = self._sources.catalog
        wanted = (one for one in catalog.documents() if (one.name, one.root) == (name, root))
        found = next(wanted, None)
        if found is None:
            return self._show("missing.html", 404)
        text = catalog.text(found.version_id, start, _TEXT + 1)
        return self._show(
            "document.html", document=found, text=text[:_TEXT], start=start,
            following=start + _TEXT if len(text) > _TEXT else None,
            before=max(0, start - _TEXT) if start else None,
        )  # fmt: skip

    def runs(self, _: Request) -> Response:
        """The runs that changed the index."""
        return self._show("runs.html", runs=self._sources.runs.history(100))

    def missing(self, _: Request, __: Exception) -> Response:
        """What is shown where there is no page."""
        return self._show("missing.html", 404)

    def failed(self, _: Request, error: Exception) -> Response:
        """What is shown when a page cannot be made; the reason goes to the log."""
        request_id = new_request_id()
        self._report(error, request_id)
        return self._show("failed.html", 500, request_id=request_id)

    def _show(self, template: str, status: int = 200, /, **values: Any) -> Response:
        return self._renderer.page(template, status, **values)


class _Given(dict[str, str]):
    """What was put into the form; what was not is empty."""

    def __missing__(self, _: str) -> str:
        return ""


def _filter(given: dict[str, str]) -> Filter:
    since = given.get("since", "")
    outcome = given.get("outcome", "")
    return Filter(
        since=time_of(since, datetime.now(UTC)) if since else None,
        outcome=outcome if outcome in OUTCOMES else "",
        asker=given.get("asker", ""), document=given.get("document", ""),
        words=given.get("words", ""), unhelpful=bool(given.get("unhelpful")),
    )  # fmt: skip


def _whole_periods(now: datetime, span: timedelta, step: timedelta) -> tuple[datetime, datetime]:
    """Returns a time of length `span` that begins and ends as periods do, and holds `now`."""
    until = now + step - (now - datetime.min.replace(tzinfo=UTC)) % step
    return until - span, until


def _number(given: str | None) -> int:
    """Reads a number from a query; 0 where there is none that could be one of ours."""
    return int(given) if given and given.isascii() and given.isdecimal() and len(given) < 15 else 0


def _one_of(given: str | None, allowed: tuple[int, ...]) -> int:
    return next((number for number in allowed if str(number) == given), allowed[0])
