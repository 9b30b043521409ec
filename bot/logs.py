"""Logs: one line a happening to stderr, tracebacks in a file, secrets nowhere."""

import logging
import os
import re
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path

# The password in a URL, and anything that looks like a Slack or provider key.
_SECRET = re.compile(
    r"(?<=://)([^:/@\s]+):[^@\s]+(?=@)|\b(?:xox[a-z]-|xapp-|sk-)[\w-]{6,}|(?<=Bearer )\S+"
)


def redact(text: str) -> str:
    """Returns `text` without passwords in URLs and without keys."""
    return _SECRET.sub(lambda match: f"{match[1]}:***" if match[1] else "***", text)


def write_traceback(home: Path, error: BaseException, request_id: str) -> Path | None:
    """Appends the traceback of `error` to the log in the data folder; returns the file.

    Returns None when the folder cannot be written; the message to the person stays
    the same either way.
    """
    stamp = datetime.now(UTC).isoformat(timespec="seconds")
    text = "".join(traceback.format_exception(error))
    path = home / "logs" / "errors.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{stamp} request {request_id}\n{redact(text)}\n")
    except OSError:
        return None
    return path


def quiet_libraries() -> None:
    """Keeps progress bars, telemetry and warnings of libraries off the terminal."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr, format="%(name)s: %(message)s")
    for handler in logging.getLogger().handlers:
        handler.addFilter(_Redacting())


def show_service_logs() -> None:
    """Lets what a running service has to say through: ours, not the libraries'."""
    for name in ("monazite", "bot"):
        logging.getLogger(name).setLevel(logging.INFO)


class _Redacting(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(record.getMessage()), ()
        return True
