"""`monazite logs`: what was asked and answered, as the journal holds it."""

import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice
from time import sleep
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import tell
from bot.cli.options import Json, open_installation

if TYPE_CHECKING:
    from bot.cli.log_export import Format
    from bot.journal.search import Filter, JournalRecord, JournalSearch

_SECONDS_BETWEEN_LOOKS = 1.0


class OutcomeChoice(StrEnum):
    """What became of a question."""

    ANSWERED = "answered"
    UNANSWERED = "abstained"
    FAILED = "failed"


def register(app: typer.Typer) -> None:
    """Adds the command to `app`."""
    app.command()(logs)


def logs(  # noqa: PLR0913, PLR0917  each is an option of the command line
    since: Annotated[str, typer.Option(help="Only what is newer: 30m, 1h, 2d, 1w or a date.")] = "",
    failed: Annotated[bool, typer.Option("--failed", help="Only what went wrong.")] = False,
    unanswered: Annotated[
        bool, typer.Option("--unanswered", help="Only what the documents did not answer.")
    ] = False,
    unhelpful: Annotated[
        bool, typer.Option("--unhelpful", help="Only what a reader found unhelpful.")
    ] = False,
    user: Annotated[str, typer.Option(help="Only of this user, by id.")] = "",
    document: Annotated[
        str, typer.Option(help="Only answers that cite it; a part of its name will do.")
    ] = "",
    words: Annotated[str, typer.Option(help="Only with these words in question or answer.")] = "",
    limit: Annotated[
        int | None, typer.Option(min=1, help="How many; default: 20, all of them in an export.")
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow", help="Go on with what is asked from now on.")
    ] = False,
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV, for spreadsheets.")] = False,
    to_eval: Annotated[
        bool, typer.Option("--to-eval", help="Print a file of questions for monazite eval.")
    ] = False,
    json: Json = False,
) -> None:
    """Show what was asked and answered: the newest last."""
    from bot.journal.search import Filter
    from bot.runtime.time_expressions import time_of
    from retrieval.domain.errors import ConfigurationError

    if json + csv + to_eval > 1:
        raise ConfigurationError("Choose one of --json, --csv and --to-eval")
    if failed and unanswered:
        raise ConfigurationError("Choose one of --failed and --unanswered")
    wanted = Filter(
        since=time_of(since, datetime.now(UTC)) if since else None,
        outcome=OutcomeChoice.FAILED if failed else OutcomeChoice.UNANSWERED if unanswered else "",
        asker=user, document=document, words=words, unhelpful=unhelpful,
    )  # fmt: skip
    shape = _shape(json=json, csv=csv, to_eval=to_eval)
    search = open_installation().journal_search
    everything = csv or to_eval or json
    last = search.last_number()
    _print(_chosen(search, wanted, limit or (None if everything else 20), last), shape)
    while follow:
        sleep(_SECONDS_BETWEEN_LOOKS)
        newer = search.after(wanted, last)
        _print(newer, shape)
        last = newer[-1].number if newer else last


def _chosen(
    search: "JournalSearch", wanted: "Filter", limit: int | None, last: int
) -> "Iterable[JournalRecord]":
    """The newest records up to number `last`, oldest first."""
    found = search.walk(wanted, before=last + 1)
    return reversed(list(islice(found, limit)))


def _shape(*, json: bool, csv: bool, to_eval: bool) -> "Format":
    from bot.cli import log_console, log_export

    if csv:
        tell(log_export.csv_headings())
        return log_export.csv_line
    if to_eval:
        return log_export.eval_line
    return log_export.json_line if json else log_console.readable


def _print(records: "Iterable[JournalRecord]", shape: "Format") -> None:
    for record in records:
        if (line := shape(record)) is not None:
            tell(line)
    sys.stdout.flush()
