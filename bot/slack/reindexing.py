"""Indexing runs started from Slack: a process of their own, and one message that tells of them."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from slack_sdk import WebClient

from bot.request_ids import new_request_id
from bot.settings import Settings
from bot.slack.text import line_of
from retrieval.single_line import single_line, single_line_path

# chat.update allows about 50 calls a minute.
_SECONDS_BETWEEN_UPDATES = 3.0
_MAX_FAILURES = 10
_MAX_LINE = 400
_PROGRAM = "from bot.cli import main; main()"
_PASSED_ON = (
    "home", "documents", "embedding_model", "chroma_url", "passage_tokens", "glossary",
    "max_file_mb", "file_seconds", "include", "exclude", "fetch_private_hosts",
    "fetch_seconds", "ocr",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run, for people; `clean` if it was done and no file failed."""

    text: str
    clean: bool


class Reindexing:
    """Runs `monazite index` beside the bot, so that answers do not wait for it."""

    def __init__(
        self, settings: Settings, environment: dict[str, str],
        report: Callable[[Exception, str], object],
    ) -> None:  # fmt: skip
        self._environment = environment | _settings_for(settings)
        self._report = report

    def start(
        self, user: str, client: WebClient, *, rebuild: bool = False, began: str = "Indexing…"
    ) -> None:
        """Indexes on a thread of its own, for which nobody waits, not even the bot's end."""

        def work() -> None:
            try:
                self.run(user, client, rebuild=rebuild, began=began)
            except Exception as error:  # noqa: BLE001  nobody is there to catch it
                self._report(error, new_request_id())

        threading.Thread(target=work, name="reindexing", daemon=True).start()

    def run(
        self, user: str, client: WebClient, *, rebuild: bool = False, began: str = "Indexing…"
    ) -> None:
        """Indexes, telling `user` in a direct message; returns when it is done."""
        notice = _Notice(client, user)
        notice.tell(began)
        outcome = self.index(f"{user} in Slack", rebuild=rebuild, progress=notice.tell_in_time)
        notice.tell(outcome.text)

    def index(
        self, who: str, *, rebuild: bool = False, progress: Callable[[str], object] | None = None
    ) -> Outcome:
        """Indexes in a process of its own; returns what came of it."""
        command = [sys.executable, "-c", _PROGRAM, "index", "--json", "--progress-lines"]
        command += ["--who", who, *(["--rebuild"] if rebuild else [])]
        with subprocess.Popen(  # noqa: S603  our own program; the id of a user is Slack's
            command, env=self._environment, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:  # fmt: skip
            said = ""
            for line in process.stderr or ():
                done, _, total = line.strip().partition(" of ")
                if not (done.isdigit() and total.isdigit()):
                    said = line.strip()
                elif progress:
                    progress(f"Indexing: {int(done):,} of {int(total):,} files…")
            output = process.stdout.read() if process.stdout else ""
        return Outcome(_told(output, said), clean=process.returncode == 0)


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
        """Tells, unless the last time was only moments ago."""
        if monotonic() - self._last >= _SECONDS_BETWEEN_UPDATES:
            self.tell(text)


def _told(output: str, said: str) -> str:
    try:
        report: dict[str, Any] = json.loads(output)
    except ValueError:
        why = single_line(said.removeprefix("monazite: "), _MAX_LINE)
        return f"Indexing failed: {why or 'see the log'}"
    return "\n".join(_report_lines(report))


def _report_lines(report: dict[str, Any]) -> Iterator[str]:
    documents = report["documents"]
    failed = documents["failed"]
    counts = ", ".join(
        f"{documents[change]} {change}" for change in ("added", "updated", "removed", "unchanged")
    )
    yield (
        f"Indexed: {counts}, {len(failed)} failed; {report['passages']:,} passages, "
        f"generation {report['generation']}, {report['timings_s']['total']:.0f} s."
    )
    for failure in failed[:_MAX_FAILURES]:
        name, error = (
            single_line_path(failure["document"]),
            single_line(failure["error"], _MAX_LINE),
        )
        yield f"• {name}: {error}"
    if len(failed) > _MAX_FAILURES:
        yield f"… and {len(failed) - _MAX_FAILURES} more; see: monazite history"


def _settings_for(settings: Settings) -> dict[str, str]:
    """The settings that an indexing run depends on, as its environment."""
    values = {name: getattr(settings, name) for name in _PASSED_ON}
    values["home"], values["database_url"] = settings.home.absolute(), settings.database
    values["documents"] = Path(settings.documents).absolute()
    return {
        f"MONAZITE_{name.upper()}": str(value)
        for name, value in values.items()
        if value is not None
    }
