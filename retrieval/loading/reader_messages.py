"""What libraries print while they read a file: kept off the terminal, counted, and cut short."""

import os
import sys
import threading
from dataclasses import dataclass
from typing import IO

from retrieval.domain.sanitizing import printable_line

# Written by the worker after each file; nothing that a library prints begins so.
_END = b"\x00end of messages\n"
_KEPT_BYTES, _SHOWN_CHARS = 2000, 300
# A line of more is counted as several.
_LONGEST_LINE = 65_536
# The worker writes the end before it sends the file's text; only a dead one does not.
_WAIT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class LibraryOutput:
    """How many lines were printed, and how they begin, on one line."""

    lines: int = 0
    beginning: str = ""


class LibraryMessages:
    """Follows a worker's error output on a thread of its own, so that it never waits for us."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._kept = b""
        self._lines = 0
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._follow, name="reader messages", daemon=True)
        self._thread.start()

    def take(self) -> LibraryOutput:
        """Returns what was printed since the last time."""
        self._ended.wait(_WAIT_SECONDS)
        with self._lock:
            said = LibraryOutput(
                self._lines, printable_line(self._kept.decode(errors="replace"))[:_SHOWN_CHARS]
            )
            self._kept, self._lines = b"", 0
            self._ended.clear()
        return said

    def close(self) -> None:
        """Stops following; the worker must be dead."""
        self._thread.join(_WAIT_SECONDS)

    def _follow(self) -> None:
        with self._stream:
            while line := self._stream.readline(_LONGEST_LINE):
                with self._lock:
                    if line == _END:
                        self._ended.set()
                    else:
                        self._lines += 1
                        self._kept += line[: _KEPT_BYTES - len(self._kept)]
        self._ended.set()


def end_of_messages() -> None:
    """In the worker: says that what was printed so far was about the file that was just read."""
    sys.stderr.flush()
    os.write(2, _END)
