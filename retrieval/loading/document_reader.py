"""Reads files in a process of its own, so that a hostile one can be stopped, and finds nothing there."""

import contextlib
import json
import logging
import signal
import subprocess
import sys
import sysconfig
import threading
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from retrieval.domain.documents import Document, cleaned
from retrieval.domain.errors import LoadError
from retrieval.domain.sanitizing import printable_line
from retrieval.loading.reader_messages import LibraryMessages, end_of_messages
from retrieval.system.isolation import SAFE_FOLDER, clean_environment, isolated_python

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_log = logging.getLogger(__name__)
_MEGABYTE = 1024 * 1024
# What the worker sends begins with one of these.
_RESTRICTED, _READ, _FAILED = b"R", b"D", b"F"
# How much longer than by its processor's time a file may take by the clock.
_CLOCK_FACTOR = 10.0
# A worker whose line is closed has ended, or is about to.
_END_SECONDS = 5.0
# None at all would be no limit.
_LEAST_SECONDS = 0.001
_CRASHED = "crashed the reader, or needs too much memory; save it anew"
# Where programs, libraries, fonts and time zones are, beside Python's own folders.
_OF_THE_SYSTEM = (
    "/usr", "/lib", "/lib64", "/bin", "/nix/store", "/etc/ld.so.cache", "/etc/localtime",
    "/etc/fonts", "/etc/alternatives", "/etc/mime.types", "/dev/null", "/dev/urandom", "/proc/self",
    "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """How large a file may be, and how long and in how much memory it may be read.

    `seconds` are of a processor's time, so that a busy machine fails no file; by the clock it may
    take ten times as long. `ocr` as in `load_document`; the programs it starts have no processor's
    time of their own to keep to, and end by the clock.
    """

    file_megabytes: int = 100
    seconds: float = 60.0
    memory_megabytes: int = 4096
    ocr: str = ""


class _Worker(NamedTuple):
    process: subprocess.Popen[bytes]
    line: Connection
    messages: LibraryMessages
    # Where OCR keeps the pictures that tesseract reads; nobody else can see it.
    scratch: "TemporaryDirectory[str] | None"


class DocumentReader:
    """Turns files into documents in a worker process, started when it is first needed.

    The worker has no secret in its environment, takes no code from the folder that it was started
    in and, where the kernel allows it, reaches no network and no file but Python's and the
    system's own. What it sends back is data that is examined, never code.

    Not for several threads at once. `close` ends the worker; another one may follow.
    """

    def __init__(self, limits: ReadingLimits) -> None:
        self._limits = limits
        self._worker: _Worker | None = None
        self._told = False

    @property
    def file_megabytes(self) -> int:
        """How large a file may be."""
        return self._limits.file_megabytes

    def read(self, data: bytes, name: str) -> Document:
        """Returns the document in `data`; raises `LoadError` as `load_document` does.

        The worker ends when its time is over; what crashes it is only this file's failure.
        What libraries said meanwhile goes into the log, once, with the file's name.
        """
        worker = self._worker or self._start()
        overdue = threading.Event()

        def stop() -> None:
            overdue.set()
            worker.process.kill()

        alarm = threading.Timer(self._limits.seconds * _CLOCK_FACTOR, stop)
        alarm.start()
        try:
            outcome = self._exchange(worker, data, name)
        except (EOFError, OSError):
            outcome = None
        finally:
            alarm.cancel()
            alarm.join()
        self._tell(worker, name)
        worked_too_long = outcome is None and _ended_by_its_timer(worker.process)
        if overdue.is_set() or outcome is None:
            self.close()
        if outcome is None:
            late = overdue.is_set() or worked_too_long
            raise LoadError(self._too_late(by_clock=not worked_too_long) if late else _CRASHED)
        return _document_of(outcome)

    def close(self) -> None:
        """Ends the worker, if there is one; it holds nothing that could be lost."""
        if self._worker is None:
            return
        worker, self._worker = self._worker, None
        worker.line.close()
        worker.process.kill()
        worker.process.wait()
        worker.messages.close()
        if worker.scratch:
            worker.scratch.cleanup()

    def _exchange(self, worker: _Worker, data: bytes, name: str) -> bytes:
        """Sends a file and returns what came of it; raises `EOFError` or `OSError` for a dead worker."""
        asked = {"name": name, "ocr": self._limits.ocr, "seconds": self._limits.seconds}
        worker.line.send_bytes(json.dumps(asked).encode())
        worker.line.send_bytes(data)
        most = self._limits.memory_megabytes * _MEGABYTE
        while (answer := worker.line.recv_bytes(most)).startswith(_RESTRICTED):
            self._tell_restrictions(answer.removeprefix(_RESTRICTED))
        return answer

    def _tell_restrictions(self, missing: bytes) -> None:
        if missing and not self._told:
            self._told = True
            lacking = printable_line(missing.decode(errors="replace"))[:200]
            _log.warning("Files are read without all restrictions here (%s)", lacking)

    def _tell(self, worker: _Worker, name: str) -> None:
        said = worker.messages.take()
        if said.lines:
            shown, count = printable_line(name), said.lines
            _log.info("Libraries said %d lines about %s: %s", count, shown, said.beginning)

    def _too_late(self, *, by_clock: bool) -> str:
        seconds = self._limits.seconds
        limit = f"{seconds * _CLOCK_FACTOR:.0f} s" if by_clock else f"{seconds:.0f} s of computing"
        return f"takes longer than {limit} to read; split it, or set MONAZITE_FILE_SECONDS"

    def _start(self) -> _Worker:
        # A fresh interpreter, which knows nothing of the program that starts it: neither its
        # model and threads, nor its main module.
        ours, theirs = Pipe()
        scratch = TemporaryDirectory(prefix="monazite-ocr-") if self._limits.ocr else None
        environment = clean_environment() | ({"TMPDIR": scratch.name} if scratch else {})
        handle, megabytes = theirs.fileno(), self._limits.memory_megabytes
        program = f"from {__name__} import serve; serve({handle}, {megabytes}, sys.argv[1:])"
        process = subprocess.Popen(  # noqa: S603  this very interpreter
            isolated_python(program, *([scratch.name] if scratch else [])),
            pass_fds=[handle], cwd=SAFE_FOLDER, env=environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        theirs.close()
        assert process.stderr is not None  # noqa: S101  it was asked for
        self._worker = _Worker(process, ours, LibraryMessages(process.stderr), scratch)
        return self._worker


def serve(handle: int, memory_megabytes: int, scratch: list[str]) -> None:
    """The worker: reads what it is sent until nobody is there any more.

    `scratch` is the folder that OCR may write to; without one nothing can be written.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    missing = _restrict(memory_megabytes, [Path(folder) for folder in scratch])
    line: Connection = Connection(handle)
    with contextlib.suppress(EOFError, OSError):
        line.send_bytes(_RESTRICTED + "; ".join(missing).encode())
        while True:
            asked = json.loads(line.recv_bytes())
            data = line.recv_bytes()
            # Unanswered, the signal ends the process, also while it is deep in a library.
            signal.setitimer(signal.ITIMER_PROF, max(asked["seconds"], _LEAST_SECONDS))
            outcome = _outcome(data, asked["name"], asked["ocr"])
            signal.setitimer(signal.ITIMER_PROF, 0)
            end_of_messages()
            line.send_bytes(outcome)


def _restrict(memory_megabytes: int, scratch: list[Path]) -> list[str]:
    import resource

    from retrieval.loading.sandbox import restrict

    most = memory_megabytes * _MEGABYTE
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if not scratch:
        # Also where there is no Landlock: no file can grow.
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    return restrict(_needed(), scratch, programs=bool(scratch))


def _needed() -> list[Path]:
    """What reading a file may open: Python, its packages, this one, and the system's libraries."""
    import os

    paths = sysconfig.get_paths()
    folders = [sys.prefix, sys.base_prefix, *(paths[name] for name in ("stdlib", "platstdlib"))]
    folders += [entry for entry in sys.path if entry.endswith("-packages")]
    folders += [
        str(Path(__file__).parents[1]),
        *_OF_THE_SYSTEM,
        os.environ.get("TESSDATA_PREFIX", ""),
    ]
    folders += os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep)
    return [Path(folder) for folder in folders if folder not in ("", os.sep)]


def _ended_by_its_timer(process: subprocess.Popen[bytes]) -> bool:
    with contextlib.suppress(subprocess.TimeoutExpired):
        return process.wait(_END_SECONDS) == -signal.SIGPROF
    return False


def _outcome(data: bytes, name: str, ocr: str) -> bytes:
    from retrieval.loading.registry import load_document

    try:
        return _READ + _adapter().dump_json(load_document(data, name, ocr))
    except LoadError as error:
        return _FAILED + str(error).encode(errors="replace")
    except MemoryError:
        return _FAILED + b"needs too much memory; split it"


def _document_of(outcome: bytes) -> Document:
    """Returns the document that a worker sent; it is examined: a hostile file may have sent it."""
    if outcome.startswith(_FAILED):
        reason = outcome.removeprefix(_FAILED).decode(errors="replace")
        raise LoadError(printable_line(reason)[:500])
    try:
        document = _adapter().validate_json(outcome.removeprefix(_READ))
    except ValueError:
        raise LoadError(_CRASHED) from None
    length = len(document.text)
    if not all(0 <= block.start <= block.end <= length for block in document.blocks):
        raise LoadError(_CRASHED)
    return cleaned(document)


@cache
def _adapter() -> "TypeAdapter[Document]":
    from pydantic import TypeAdapter

    return TypeAdapter(Document)
