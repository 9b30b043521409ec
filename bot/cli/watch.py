"""`monazite watch`: follows the documents with the index."""

import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from bot.cli import console, index_console
from bot.runtime.gc_freeze import freeze_loaded_objects
from bot.runtime.signals import on_stop
from retrieval.domain.errors import IndexBusyError
from retrieval.domain.failures import DocumentFailure
from retrieval.indexing.indexer import Indexer
from retrieval.indexing.report import IndexReport

# A program that saves a file touches it several times.
_CALM_MILLISECONDS = 800
# How soon a look that is still owed is made when nothing changes.
_OWED_MILLISECONDS = 1_000


def watch_documents(indexer: Indexer, paths: Sequence[Path]) -> None:
    """Indexes `paths` now and after every change, until SIGTERM or SIGINT.

    Raises what `Indexer.index` raises the first time.
    """
    stop = threading.Event()
    on_stop(stop.set)
    follow_documents(indexer, paths, stop)


def follow_documents(indexer: Indexer, paths: Sequence[Path], stop: threading.Event) -> None:
    """Indexes `paths` now and after every change, until `stop` is set.

    What changes before the watcher stands, or while another run is at work, is made up
    for at the next quiet moment. Raises what `Indexer.index` raises the first time.
    """
    lexical_replica = _Follower(indexer, paths)
    lexical_replica.look()
    freeze_loaded_objects()
    owed, said = True, False
    while not stop.is_set():
        # What the folders hold may have changed before they were watched.
        folders, owed = folders_of(paths), True
        for changed in _changes(folders, stop):
            if changed or owed:
                owed = not lexical_replica.look_again()
            if not (owed or said):
                console.say("Watching; stop with Ctrl+C")
                said = True
            if changed and folders_of(paths) != folders:
                break


def folders_of(paths: Sequence[Path]) -> list[Path]:
    """Returns the folders to be watched: those of `paths` and all below, links not followed.

    Watched one by one: what watches a whole tree follows links, out of it and through all of the
    file system.
    """
    found: set[Path] = set()
    for path in paths:
        if not path.is_dir():
            found.add(path.parent)
            continue
        for folder, below, _ in os.walk(path):
            found.add(Path(folder))
            below[:] = [name for name in below if not name.startswith(".")]
    return sorted(found)


def _changes(folders: Sequence[Path], stop: threading.Event) -> Iterator[bool]:
    """Says each second whether something in the folders changed, until one of them is gone."""
    from watchfiles import watch

    with suppress(FileNotFoundError):
        for changes in watch(
            *folders, stop_event=stop, debounce=_CALM_MILLISECONDS, raise_interrupt=False,
            rust_timeout=_OWED_MILLISECONDS, yield_on_timeout=True, recursive=False,
        ):  # fmt: skip
            yield bool(changes)
        return
    # A folder went before it was watched; the next look finds out which.
    yield True


class _Follower:
    """Looks at the documents again and again, and tells what is new."""

    def __init__(self, indexer: Indexer, paths: Sequence[Path]) -> None:
        self._indexer = indexer
        self._paths = paths
        self._failed: list[DocumentFailure] = []
        self._waiting = False

    def look(self) -> None:
        """Indexes, and tells how it went."""
        self._tell(self._indexer.index(self._paths, by_name=False))

    def look_again(self) -> bool:
        """Indexes, and tells what changed; returns False where another run is at work."""
        try:
            report = self._indexer.index(self._paths, by_name=False)
        except IndexBusyError as error:
            if not self._waiting:
                console.say(str(error))
            self._waiting = True
            return False
        self._waiting = False
        if report.added or report.updated or report.removed or report.failed != self._failed:
            self._tell(report)
        return True

    def _tell(self, report: IndexReport) -> None:
        """Prints a report at once, also where nobody sits at a terminal."""
        self._failed = report.failed
        for notice in report.notices:
            console.say(notice)
        index_console.print_index_report(report)
        sys.stdout.flush()
