"""Reads files in a process of its own, so that a hostile one can be stopped."""

import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe

from retrieval.documents import Document
from retrieval.errors import LoadError

_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """How large a file may be, and how long and in how much memory it may be read.

    `ocr` as in `load_document`.
    """

    file_megabytes: int = 100
    seconds: float = 60.0
    memory_megabytes: int = 4096
    ocr: str = ""


class DocumentReader:
    """Turns files into documents in a worker process, started when it is first needed.

    Not for several threads at once. `close` ends the worker; another one may follow.
    """

    def __init__(self, limits: ReadingLimits) -> None:
        self._limits = limits
        self._worker: tuple[subprocess.Popen[bytes], Connection] | None = None

    @property
    def file_megabytes(self) -> int:
        """How large a file may be."""
        return self._limits.file_megabytes

    def read(self, data: bytes, name: str) -> Document:
        """Returns the document in `data`; raises `LoadError` as `load_document` does.

        The worker is killed when the time is over; what crashes it is only this file's failure.
        """
        seconds = self._limits.seconds
        _, line = self._worker or self._start()
        try:
            line.send((data, name, self._limits.ocr))
            if not line.poll(seconds):
                self.close()
                raise LoadError(
                    f"takes longer than {seconds:.0f} s to read; split it, or set MONAZITE_FILE_SECONDS"
                )
            outcome: Document | str = line.recv()
        except (EOFError, OSError):
            self.close()
            raise LoadError("crashed the reader, or needs too much memory; save it anew") from None
        if isinstance(outcome, str):
            raise LoadError(outcome)
        return outcome

    def close(self) -> None:
        """Ends the worker, if there is one; it holds nothing that could be lost."""
        if self._worker is None:
            return
        process, line = self._worker
        self._worker = None
        line.close()
        process.kill()
        process.wait()

    def _start(self) -> "tuple[subprocess.Popen[bytes], Connection]":
        # A fresh interpreter, which knows nothing of the program that starts it: neither its
        # model and threads, nor its main module.
        ours, theirs = Pipe()
        handle, megabytes = theirs.fileno(), self._limits.memory_megabytes
        process = subprocess.Popen(  # noqa: S603  this very interpreter
            [sys.executable, "-c", f"from {__name__} import serve; serve({handle}, {megabytes})"],
            pass_fds=[handle], stdin=subprocess.DEVNULL,
        )  # fmt: skip
        theirs.close()
        self._worker = process, ours
        return self._worker


def serve(handle: int, memory_megabytes: int) -> None:
    """The worker: reads what it is sent until nobody is there any more."""
    import resource
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    most = memory_megabytes * _MEGABYTE
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    line: Connection = Connection(handle)
    with suppress(EOFError, OSError):
        while True:
            line.send(_outcome(*line.recv()))


def _outcome(data: bytes, name: str, ocr: str) -> Document | str:
    from retrieval.loaders import load_document

    try:
        return load_document(data, name, ocr)
    except LoadError as error:
        return str(error)
    except MemoryError:
        return "needs too much memory; split it"
