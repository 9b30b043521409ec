"""Logs: what a service has to say as JSON lines, tracebacks in a file too, secrets nowhere."""

import hashlib
import logging
import os
import sys
from collections.abc import Callable, Mapping, MutableMapping
from contextlib import suppress
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TextIO

from bot.telemetry.redaction import Redactor, redact, secrets_of
from bot.telemetry.tracebacks import format_traceback
from retrieval.domain.sanitizing import harmless_json, printable, printable_line

if TYPE_CHECKING:
    from structlog.stdlib import BoundLogger

LogFormat = Literal["auto", "json", "console"]
LogQuestions = Literal["text", "hash", "off"]
# What services say with a traceback; the command line says it in a line, and writes the file.
_traces = logging.getLogger("monazite.traces")
_OURS = ("monazite", "bot", "retrieval")
_MAX_FILE_BYTES, _OLDER_FILES = 5_000_000, 4
# Another process writes for a millisecond; one that was stopped in the middle is not waited for.
_LOCK_SECONDS = 2.0


def write_traceback(home: Path, error: BaseException, request_id: str) -> Path | None:
    """Logs the traceback of `error`, and appends it to a file in the data folder, returned.

    The file is for its owner alone and is rotated: 5 MB, and four older ones. Returns None when the
    folder cannot be written; the message to the person stays the same either way.
    """
    text = format_traceback(error)
    _traces.error("failure", extra={"request_id": request_id, "exception": text})
    stamp = datetime.now(UTC).isoformat(timespec="seconds")
    path = home / "logs" / "errors.log"
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _append(path, f"{stamp} request {request_id}\n{printable(_redactor().clean(text))}\n")
    except OSError:
        return None
    return path


def _append(path: Path, text: str) -> None:
    """Appends to a file that is rotated; processes that share it take turns."""
    from filelock import FileLock

    with FileLock(path.with_suffix(".lock"), timeout=_LOCK_SECONDS, mode=0o600):
        handler = _PrivateFile(
            path, maxBytes=_MAX_FILE_BYTES, backupCount=_OLDER_FILES, encoding="utf-8",
            errors="backslashreplace", delay=True,
        )  # fmt: skip
        record = logging.LogRecord("", logging.ERROR, "", 0, text, None, None)
        try:
            if handler.shouldRollover(record):
                handler.doRollover()
            with handler._open() as file:
                file.write(text)
        finally:
            handler.close()


class _PrivateFile(RotatingFileHandler):
    """A log that its owner alone may read, and that is no link to something else."""

    def _open(self) -> Any:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        number = os.open(self.baseFilename, flags, 0o600)
        if os.fstat(number).st_mode & 0o077:
            with suppress(PermissionError):
                os.fchmod(number, 0o600)
        return open(number, self.mode, encoding=self.encoding, errors=self.errors)  # noqa: PTH123


def _redactor() -> Redactor:
    """Returns what knows the secrets of all settings, as far as these can be read."""
    from pydantic import BaseModel, ValidationError

    from bot.slack.api.settings import SlackSettings
    from bot.wiring.settings import Settings

    found: list[BaseModel] = []
    kinds: tuple[type[BaseModel], ...] = (Settings, SlackSettings)
    for kind in kinds:
        try:
            found.append(kind())
        except ValidationError:
            continue
    return Redactor(secrets_of(*found))


def quiet_libraries() -> None:
    """Keeps progress bars, telemetry and warnings of libraries off the terminal."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr, format="%(name)s: %(message)s")
    for handler in logging.getLogger().handlers:
        handler.addFilter(_Redacting())
    # That files are read without all restrictions, or that a clean-up is owed, is for whoever indexes.
    logging.getLogger("retrieval").setLevel(logging.WARNING)
    _traces.setLevel(logging.CRITICAL)


def start_service_logs(style: LogFormat, redactor: Redactor, stream: TextIO | None = None) -> None:
    """Sends our own lines, and the libraries' warnings, to stdout: one JSON object a line.

    `console` and, on a terminal, `auto` write for people instead. Everything passes `redactor`.
    """
    import structlog

    out = stream or sys.stdout
    pretty = style == "console" or (style == "auto" and out.isatty())
    end: list[Any] = (
        [_printable, structlog.dev.ConsoleRenderer()] if pretty else [_as_json(), _harmless]
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                *_shared(), structlog.stdlib.add_logger_name, structlog.stdlib.ExtraAdder(),
            ],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                redactor,
                *end,
            ],
        )
    )  # fmt: skip
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in _OURS:
        logging.getLogger(name).setLevel(logging.INFO)
    _traces.setLevel(logging.ERROR)


def log_of(name: str) -> "BoundLogger":
    """Returns a logger that takes fields, and hands its lines to the library's own logger `name`."""
    import structlog

    return structlog.wrap_logger(  # type: ignore[no-any-return]
        logging.getLogger(name),
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(),
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def question_worder(how: LogQuestions) -> Callable[[str], dict[str, str]]:
    """Returns what turns a question into fields of a log line: its text, a hash of it, or none."""

    def word(question: str) -> dict[str, str]:
        if how == "text":
            return {"question": question}
        digest = hashlib.sha256(" ".join(question.lower().split()).encode()).hexdigest()
        return {"question_hash": digest[:16]} if how == "hash" else {}

    return word


def _shared() -> list[Any]:
    import structlog

    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    ]


def _printable(
    _logger: Any, _method: str, entry: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Takes out of an entry what a terminal would obey; only a traceback keeps its line breaks."""
    return {key: _shown(key, value) for key, value in entry.items()}


def _shown(key: str, value: Any) -> Any:
    if isinstance(value, str):
        return printable(value) if key == "exception" else printable_line(value)
    if isinstance(value, Mapping):
        return {inner: _shown(inner, one) for inner, one in value.items()}
    return [_shown("", one) for one in value] if isinstance(value, (list, tuple)) else value


def _as_json() -> Any:
    import structlog

    return structlog.processors.JSONRenderer(ensure_ascii=False)


def _harmless(_logger: Any, _method: str, line: str) -> str:
    return harmless_json(line)


class _Redacting(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = printable(redact(record.getMessage())), ()
        return True
