"""`monazite watch`: follows the documents with the index."""

import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from bot import console, index_console
from bot.stopping import on_stop
from retrieval.errors import IndexBusyError
from retrieval.index_report import IndexReport
from retrieval.indexer import Indexer

# A program that saves a file touches it several times.
_CALM_MILLISECONDS = 800


def watch_documents(indexer: Indexer, paths: Sequence[Path]) -> None:
    """Indexes `paths` now and after every change, until SIGTERM or SIGINT.

    Raises what `Indexer.index` raises the first time; later a run that finds another one
    at work is made up for with the next change.
    """
    from watchfiles import watch

    stop = threading.Event()
    on_stop(stop.set)
    _tell(indexer.index(paths))
    console.say("Watching; stop with Ctrl+C")
    for _ in watch(*paths, stop_event=stop, debounce=_CALM_MILLISECONDS, raise_interrupt=False):
        try:
            report = indexer.index(paths)
        except IndexBusyError as error:
            console.say(str(error))
            continue
        if report.added or report.updated or report.removed or report.failed:
            _tell(report)


def _tell(report: IndexReport) -> None:
    """Prints a report at once, also where nobody sits at a terminal."""
    index_console.print_index_report(report)
    sys.stdout.flush()
