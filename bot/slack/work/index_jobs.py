"""Indexing runs started from Slack: a process of their own, and one message that tells of them."""

import json
import logging
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import IO, Any

from slack_sdk import WebClient

from bot.runtime.request_ids import new_request_id
from bot.slack.api.client import impatient
from bot.slack.api.errors import SLACK_FAILURES
from bot.slack.delivery.mrkdwn import line_of
from bot.slack.delivery.replies import apology
from bot.slack.permissions.audience import Audiences
from bot.wiring.settings import Settings
from retrieval.domain.access import EVERYONE, Reader
from retrieval.domain.sanitizing import printable_line
from retrieval.domain.single_line import single_line, single_line_path
from retrieval.sources.unsupported import Skipped
from retrieval.system.isolation import SAFE_FOLDER, clean_environment, isolated_python

_log = logging.getLogger(__name__)
# chat.update allows about 50 calls a minute.
_SECONDS_BETWEEN_UPDATES = 3.0
_MAX_FAILURES = 10
# Some of them may be of documents that those who are told may not see.
_MAX_LOOKED_AT = 200
# A report with so many failures has a few kilobytes; more is read, and dropped.
_MAX_OUTPUT_BYTES = 1_000_000
_MAX_LINE_BYTES = 10_000
_MAX_LINE = 400
_MAX_KINDS = 5
_PROGRAM = "from bot.cli.main import main; main()"
# What a run needs to know; neither Slack's tokens nor a chat model's key.
_PASSED_ON = (
    "home", "documents", "embedding_model", "embedding_precision", "chroma_url", "passage_tokens", "glossary",
    "max_file_mb", "file_seconds", "include", "exclude", "fetch_private_hosts", "fetch_seconds", "ocr",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class IndexJobOutcome:
    """What came of a run: `text` without names of files, and files that failed, at most some hundred.

    `failures` counts all of them. `clean` if it was done and no file failed.
    """

    text: str
    clean: bool
    failed: Sequence[Mapping[str, Any]] = ()
    failures: int = 0

    def told_to(self, reader: Reader, *, alone: bool) -> str:
        """Returns what came of it with the names that `reader` may see; the others are counted.

        One admin `alone` is also told why a source list closes documents, with its patterns.
        """
        lines, unnamed = [], 0
        for one in self.failed:
            if one.get("brief") and not alone:
                lines.append(_told(one, "brief"))
            elif reader.may_see(str(one.get("access", EVERYONE))):
                lines.append(_told(one, "error"))
            else:
                unnamed += 1
        more = self.failures - unnamed - min(len(lines), _MAX_FAILURES)
        told = [self.text, *lines[:_MAX_FAILURES]]
        if more > 0:
            told.append(f"… and {more:,} more; see: monazite history")
        if unnamed:
            told.append(f"• {unnamed:,} that not everybody here may see; see: monazite history")
        return "\n".join(told)


def _told(failure: Mapping[str, Any], why: str) -> str:
    name = single_line_path(str(failure["document"]))
    return f"• {name}: {single_line(str(failure[why]), _MAX_LINE)}"


class IndexJobs:
    """Runs `monazite index` beside the bot, so that answers do not wait for it.

    The process has no secret but the address of the database, and takes nothing from the
    folder that the bot was started in.
    """

    def __init__(
        self, settings: Settings, environment: Mapping[str, str],
        report: Callable[[Exception, str], object], audiences: Audiences,
    ) -> None:  # fmt: skip
        self._environment = _environment_for(settings, environment)
        self._report = report
        self._audiences = audiences

    def start(
        self, user: str, client: WebClient, *, rebuild: bool = False, began: str = "Indexing…",
        file: Path | None = None,
    ) -> None:  # fmt: skip
        """Indexes on a thread of its own, for which nobody waits, not even the bot's end.

        The documents folder, or one `file` by its name.
        """

        def work() -> None:
            try:
                self.run(user, client, rebuild=rebuild, began=began, file=file)
            except Exception as error:  # noqa: BLE001  nobody is there to catch it
                request_id = new_request_id()
                self._report(error, request_id)
                self._apologise(request_id, user, client)

        threading.Thread(target=work, name="reindexing", daemon=True).start()

    def _apologise(self, request_id: str, user: str, client: WebClient) -> None:
        try:
            client.chat_postMessage(channel=user, text=apology(request_id))
        except SLACK_FAILURES as error:
            self._report(error, request_id)

    def run(
        self, user: str, client: WebClient, *, rebuild: bool = False, began: str = "Indexing…",
        file: Path | None = None,
    ) -> None:  # fmt: skip
        """Indexes, telling `user` in a direct message; returns when it is done."""
        notice = _Notice(client, user)
        try:
            notice.tell(began)
        except SLACK_FAILURES as error:
            # The run is what was asked for; how it went is told at its end.
            self._report(error, new_request_id())
        outcome = self.index(
            f"{user} in Slack", rebuild=rebuild, progress=notice.tell_in_time, file=file
        )
        named = [str(one.get("access", "")) for one in outcome.failed]
        reader = self._audiences.person(user, client, also=named)
        notice.tell(outcome.told_to(reader, alone=True))

    def index(
        self, who: str, *, rebuild: bool = False, progress: Callable[[str], object] | None = None,
        file: Path | None = None,
    ) -> IndexJobOutcome:  # fmt: skip
        """Indexes in a process of its own; returns what came of it."""
        command = isolated_python(_PROGRAM, "index", "--json", "--progress-lines")
        command += ["--most-failures", str(_MAX_LOOKED_AT)]
        command += ["--who", who, *(["--rebuild"] if rebuild else [])]
        command += ["--", str(file)] if file else []
        with subprocess.Popen(  # noqa: S603  our own program; the id of a user is Slack's
            command, env=self._environment, cwd=SAFE_FOLDER, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        ) as process:  # fmt: skip
            assert process.stdout  # noqa: S101  asked for, like the next
            assert process.stderr  # noqa: S101
            # Both are read at once: a process that nobody reads from stands still at 64 KB.
            output = _Output(process.stdout)
            said = ""
            for line in _lines(process.stderr):
                done, _, total = line.partition(" of ")
                if not (done.isdecimal() and total.isdecimal()):
                    said = line or said
                elif progress:
                    _tell(progress, f"Indexing: {int(done):,} of {int(total):,} files…")
            text = output.text()
        return _outcome(text, said, clean=process.returncode == 0)


class _Output:
    """What a process writes, read to its end on a thread of its own; of too much, the beginning."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._kept = b""
        self._thread = threading.Thread(target=self._read, name="output of a run", daemon=True)
        self._thread.start()

    def text(self) -> str:
        """Returns it when the process has closed it."""
        self._thread.join()
        return self._kept.decode(errors="replace")

    def _read(self) -> None:
        while part := self._stream.read(65_536):
            self._kept += part[: _MAX_OUTPUT_BYTES - len(self._kept)]


def _lines(stream: IO[bytes]) -> Iterator[str]:
    """The lines of a stream as a person may be shown them; an overlong one in parts."""
    while line := stream.readline(_MAX_LINE_BYTES):
        yield printable_line(line.decode(errors="replace"))


def _tell(progress: Callable[[str], object], text: str) -> None:
    """Tells how far a run is; that nobody could be told does not end it."""
    try:
        progress(text)
    except Exception:  # noqa: BLE001  Slack may be away, or refuse
        _log.warning("How far a run is could not be told", exc_info=True)


class _Notice:
    """A message that is posted once and updated from then on."""

    def __init__(self, client: WebClient, user: str) -> None:
        self._client = client
        self._user = user
        self._place: tuple[str, str] | None = None
        self._last = 0.0

    def tell(self, text: str) -> None:
        self._last = monotonic()
        said = line_of(text)
        if self._place is None:
            sent = self._client.chat_postMessage(channel=self._user, text=said)
            self._place = str(sent["channel"]), str(sent["ts"])
        else:
            self._client.chat_update(channel=self._place[0], ts=self._place[1], text=said)

    def tell_in_time(self, text: str) -> None:
        """Tells, unless the last time was only moments ago; what Slack refuses is left out."""
        if monotonic() - self._last < _SECONDS_BETWEEN_UPDATES or self._place is None:
            return
        self._last = monotonic()
        try:
            impatient(self._client).chat_update(
                channel=self._place[0], ts=self._place[1], text=line_of(text)
            )
        except SLACK_FAILURES as error:
            _log.info("Progress not told: %s", error)


def _outcome(output: str, said: str, *, clean: bool) -> IndexJobOutcome:
    try:
        report: dict[str, Any] = json.loads(output)
    except ValueError:
        reason = single_line(said.removeprefix("monazite: "), _MAX_LINE) or "see the log"
        return IndexJobOutcome(f"Indexing failed: {reason}", clean)
    documents = report["documents"]
    count = report["failures"]
    counts = ", ".join(
        f"{documents[change]} {change}" for change in ("added", "updated", "removed", "unchanged")
    )
    closed = len(report.get("closed") or [])
    text = (
        f"Indexed: {counts}, {count:,} failed; {report['passages']:,} passages, "
        f"generation {report['generation']}, {report['timings_s']['total']:.0f} s."
    )
    if closed:
        text += f"\n{closed:,} documents are closed to all; see: /monazite status"
    if incomplete := len(report.get("incomplete") or []):
        text += f"\n{incomplete:,} documents were not read whole; see: monazite documents NAME"
    for kind in (report.get("skipped") or [])[:_MAX_KINDS]:
        text += f"\nNot read: {Skipped(**kind)}"
    return IndexJobOutcome(text, clean, documents["failed"], count)


def _environment_for(settings: Settings, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of an indexing run: what is needed to reach the stores, and its settings."""
    needed = [name for name in environment if name.startswith(_of_stores(settings))]
    return clean_environment(environment, needed) | _settings_for(settings)


def _of_stores(settings: Settings) -> tuple[str, ...]:
    """How variables begin that the clients of the stores read, where these are servers."""
    postgres = settings.database.startswith("postgres")
    return (*(["PG"] if postgres else []), *(["CHROMA_"] if settings.chroma_url else []))


def _settings_for(settings: Settings) -> dict[str, str]:
    """The settings that a run depends on; paths absolute, since it is started in another folder."""
    values = {name: getattr(settings, name) for name in _PASSED_ON}
    values["database_url"] = _absolute_database(settings.database)
    for name in ("home", "documents", "glossary"):
        values[name] = Path(values[name]).absolute()
    if (model := Path(settings.embedding_model)).is_dir():
        values["embedding_model"] = model.absolute()
    return {
        f"MONAZITE_{name.upper()}": str(value)
        for name, value in values.items()
        if value is not None
    }


def _absolute_database(url: str) -> str:
    """Returns the URL of a database; a SQLite file named from the current folder by its whole path."""
    from sqlalchemy import make_url

    parsed = make_url(url)
    file = parsed.database
    if parsed.get_backend_name() != "sqlite" or not file or file.startswith((":", "file:", "/")):
        return url
    absolute = parsed.set(database=str(Path(file).absolute()))
    return absolute.render_as_string(hide_password=False)
