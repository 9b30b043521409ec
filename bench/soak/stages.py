"""The two halves of a soak: two `serve` over one SQLite home, and one over servers that are killed."""

import os
import random
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.soak import faults
from bench.soak.ledger import Ledger, Question
from bench.soak.programs import Served, Watch, is_flat
from tests.programs import MONAZITE
from tests.servers import Postgres, free_port, wait_for_port
from tests.slack.bot import ENVIRONMENT
from tests.slack.server import LoopbackSlack, Serving, deliver
from tests.slack.workspace import BOT_USER

QUESTIONS = (
    "What is the two bases policy?", "What is monazite?", "What does cerium oxide polish?",
    "Why are rare earths hard to separate?", "What does the Aldren plant separate?",
)  # fmt: skip
# How long Slack waits before it sends an event again, shortened as the day is.
_RETRIES = (0.0, 3.0, 15.0)
_PATIENCE_SECONDS = 150.0


@dataclass(slots=True)
class Stage:
    """What one half of a soak needs, and what it has found."""

    name: str
    folder: Path
    questions: int
    seconds: float
    slack: LoopbackSlack
    programs: list[Served] = field(default_factory=list)
    faults: list[tuple[str, Callable[[], object]]] = field(default_factory=list)
    done: list[dict[str, Any]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    @property
    def documents(self) -> Path:
        return self.folder / "documents"


def environment_of(folder: Path, home: Path, slack: LoopbackSlack) -> dict[str, str]:
    return os.environ | ENVIRONMENT | {
        "MONAZITE_HOME": str(home), "MONAZITE_DOCUMENTS": str(folder / "documents"),
        "SLACK_API_URL": f"{slack.url}/api/", "OMP_NUM_THREADS": "1",
        "SLACK_CHANNEL_QUESTIONS_PER_MINUTE": "0",
    }  # fmt: skip


class Asking:
    """People, each of whom asks one question, by mention or by command; every event goes all ways."""

    def __init__(self, stage: Stage, ledger: Ledger) -> None:
        self._stage, self._ledger = stage, ledger
        self._chance = random.Random(17)
        self._threads: list[threading.Thread] = []

    def ask_all(self) -> None:
        """Asks everything, evenly, with a burst of ten now and then."""
        stage, began = self._stage, time.monotonic()
        for number in range(stage.questions):
            due = (
                began
                + stage.seconds
                * (number - number % 10 if number % 100 < 50 else number)
                / stage.questions
            )
            time.sleep(max(0.0, due - time.monotonic()))
            thread = threading.Thread(target=self._ask, args=(number,), daemon=True)
            thread.start()
            self._threads = [one for one in self._threads if one.is_alive()] + [thread]
        for thread in self._threads:
            thread.join(60)

    def _ask(self, number: int) -> None:
        slack, user = self._stage.slack, f"U7{number:07}"
        slack.people[user] = f"Person {number}"
        text = self._chance.choice(QUESTIONS)
        heard: list[bool] = []
        sender = self._sender(heard)
        if number % 4 == 0:
            body = {
                "command": "/ask", "text": text, "user_id": user, "channel_id": "C1",
                "team_id": "T1", "trigger_id": slack.trigger(),
                "response_url": slack.response_url(user, "C1"),
            }  # fmt: skip
            sender("slash_commands", body)
            self._ledger.ask(Question(user, undelivered=not any(heard)))
        else:
            stamp = slack.stamp()
            message = {"type": "message", "channel": "C1", "user": user, "ts": stamp,
                       "text": f"<@{BOT_USER}> {text}"}  # fmt: skip
            slack.history.append(message)
            body = {
                "type": "event_callback", "event_id": f"Ev{user}", "team_id": "T1",
                "api_app_id": "A1", "event_time": int(time.time()),
                "event": {**message, "type": "app_mention", "event_ts": stamp},
            }  # fmt: skip
            sender("events_api", body)
            self._ledger.ask(Question(user, stamp, undelivered=not any(heard)))

    def _sender(self, heard: list[bool]) -> Callable[[str, dict[str, Any]], None]:
        """Sends by every program's way, each as Slack does: events again until they are heard."""

        def by_http(program: Served, kind: str, body: dict[str, Any]) -> None:
            form = kind != "events_api"
            for attempt, pause in enumerate((0.0,) if form else (0.0, *_RETRIES)):
                time.sleep(pause)
                headers = {"X-Slack-Retry-Num": str(attempt)} if attempt else {}
                if deliver(program.url, body, form=form, headers=headers) == 200:
                    heard.append(True)
                    return

        def by_socket(kind: str, body: dict[str, Any]) -> None:
            if self._stage.slack.connected:
                with suppress(AssertionError, TimeoutError, OSError):
                    self._stage.slack.send_by_socket(kind, body)
                    heard.append(True)

        def send(kind: str, body: dict[str, Any]) -> None:
            ways = [
                threading.Thread(target=by_http, args=(one, kind, body), daemon=True)
                if one.mode == "http"
                else threading.Thread(target=by_socket, args=(kind, body), daemon=True)
                for one in self._stage.programs
            ]  # fmt: skip
            for way in ways:
                way.start()
            for way in ways:
                way.join()

        return send


def run(stage: Stage) -> dict[str, Any]:
    """Runs a stage, and returns what came of it."""
    ledger = Ledger(stage.slack)
    for one in stage.programs:
        one.start()
    over = threading.Event()
    began = time.monotonic()
    with Watch(stage.programs):
        trouble = threading.Thread(target=_make_trouble, args=(stage, over), daemon=True)
        trouble.start()
        Asking(stage, ledger).ask_all()
        over.set()
        trouble.join(120)
        end = time.monotonic() + _PATIENCE_SECONDS
        while (
            ledger.figures()["silent"] or ledger.figures()["unfinished"]
        ) and time.monotonic() < end:
            time.sleep(1)
    seconds = time.monotonic() - began
    acks = sorted(stage.slack.ack_seconds)
    figures = ledger.figures()
    return {
        "stage": stage.name, "questions": stage.questions, "seconds": round(seconds),
        "outcomes": dict(figures), "faults": stage.done, "left_out": stage.left_out,
        "slack_calls": len(stage.slack.calls),
        "socket_ack_seconds_max": round(acks[-1], 2) if acks else None,
        "programs": {one.name: one.figures() for one in stage.programs},
        "stop_seconds": {one.name: round(one.stop(), 1) for one in stage.programs},
        "ok": not {"silent", "twice", "unfinished"} & figures.keys()
        and all(is_flat(one.figures()) for one in stage.programs),
        "not_once": {user: what for user, what in ledger.outcomes().items() if what in ("silent", "twice", "unfinished")},
    }  # fmt: skip


def _make_trouble(stage: Stage, over: threading.Event) -> None:
    """Spreads the stage's faults over its time; Slack refuses something every other second."""
    chance, began = random.Random(11), time.monotonic()
    pending = [
        (began + stage.seconds * (number + 0.5) / len(stage.faults), *fault)
        for number, fault in enumerate(stage.faults)
    ]
    while not over.wait(2.0):
        faults.refuse(stage.slack, chance)
        if pending and time.monotonic() >= pending[0][0]:
            _, name, fault = pending.pop(0)
            at = time.monotonic()
            try:
                fault()
                outcome = "done"
            except Exception as error:  # noqa: BLE001  the soak goes on, and says so
                outcome = f"{type(error).__name__}: {error}"
            stage.done.append({
                "fault": name, "outcome": outcome, "at_s": round(at - began),
                "took_s": round(time.monotonic() - at, 1),
            })  # fmt: skip
            print(f"  {stage.done[-1]}", flush=True)
    stage.left_out += [f"{name}: no time was left" for _, name, _ in pending]


@contextmanager
def sqlite_stage(folder: Path, seeds: Path, questions: int, seconds: float) -> Iterator[Stage]:
    """Two `serve`, one in each mode, over one SQLite home on a small disk; every event goes to both."""
    slack = LoopbackSlack()
    with Serving(slack.app) as serving, _small_disk(folder / "home") as mounted:
        slack.url = f"http://127.0.0.1:{serving.port}"
        stage = Stage("one SQLite home, two serve", folder, questions, seconds, slack)
        shutil.copytree(seeds, stage.documents)
        home, clock = folder / "home", folder / "clock"
        plain = environment_of(folder, home, slack)
        faults.set_clock(clock, "+0")
        faked = plain | _clock_settings(clock) if faults.FAKETIME.exists() else plain
        subprocess.run(
            [MONAZITE, "index", stage.documents], env=plain, check=True, capture_output=True
        )
        by_socket = Served("socket", home, faked, slack, "socket")
        by_http = Served("http", home, faked, slack, "http")
        stage.programs = [by_socket, by_http]
        short = min(20.0, seconds / 12)
        stage.faults = [
            ("socket dropped", lambda: faults.drop_socket(slack)),
            ("indexed anew", lambda: faults.reindex(plain, stage.documents, 1)),
            ("database locked", lambda: faults.lock_sqlite(home, short)),
            ("clock four minutes back", lambda: faults.set_clock(clock, "-240")),
            ("clock four minutes on", lambda: faults.set_clock(clock, "+240")),
            ("clock set right", lambda: faults.set_clock(clock, "+0")),
            ("disk full", lambda: faults.fill_disk(home, short)),
            ("socket dropped again", lambda: faults.drop_socket(slack)),
            ("indexed once more", lambda: faults.reindex(plain, stage.documents, 2)),
            ("killed and started", lambda: faults.kill_and_start(by_http)),
        ]  # fmt: skip
        if not mounted:
            _leave_out(stage, "disk full", "no small disk can be mounted here (root may)")
        if not faults.FAKETIME.exists():
            _leave_out(
                stage, "clock", f"{faults.FAKETIME} is missing (apt-get install libfaketime)"
            )
        yield stage


@contextmanager
def servers_stage(folder: Path, seeds: Path, questions: int, seconds: float) -> Iterator[Stage]:
    """One `serve` over PostgreSQL and a Chroma server, both of which are killed and come back."""
    slack = LoopbackSlack()
    postgres, chroma = Postgres(folder / "postgres"), _Chroma(folder / "chroma")
    chroma.start()
    with Serving(slack.app) as serving:
        slack.url = f"http://127.0.0.1:{serving.port}"
        stage = Stage("PostgreSQL and Chroma's server", folder, questions, seconds, slack)
        shutil.copytree(seeds, stage.documents)
        settings = environment_of(folder, folder / "home", slack) | {
            "MONAZITE_DATABASE_URL": postgres.database(), "MONAZITE_CHROMA_URL": chroma.url,
        }  # fmt: skip
        subprocess.run(
            [MONAZITE, "index", stage.documents], env=settings, check=True, capture_output=True
        )
        stage.programs = [Served("servers", folder / "home", settings, slack, "http")]
        away = min(15.0, seconds / 12)

        def kill_postgres() -> None:
            _signal_postgres(folder / "postgres", "immediate", away)

        stage.faults = [
            ("PostgreSQL killed", kill_postgres),
            ("Chroma's server killed", lambda: chroma.be_away(away)),
            ("indexed anew", lambda: faults.reindex(settings, stage.documents, 3)),
            ("PostgreSQL killed again", kill_postgres),
            ("Chroma's server killed again", lambda: chroma.be_away(away)),
        ]  # fmt: skip
        yield stage
    chroma.kill()
    postgres.stop()


def _leave_out(stage: Stage, name: str, why: str) -> None:
    stage.left_out += [f"{fault}: {why}" for fault, _ in stage.faults if name in fault]
    stage.faults = [one for one in stage.faults if name not in one[0]]


def _clock_settings(file: Path) -> dict[str, str]:
    """Only the wall clock follows the file: a machine whose clock is set keeps its monotonic one."""
    return {
        "LD_PRELOAD": str(faults.FAKETIME), "FAKETIME_TIMESTAMP_FILE": str(file),
        "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }  # fmt: skip


@contextmanager
def _small_disk(home: Path) -> Iterator[bool]:
    """A data folder on a disk of 300 MB, where that is allowed; says whether it is."""
    home.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=300m", "tmpfs", str(home)]
    mounted = subprocess.run(command, check=False, capture_output=True).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(home)], check=False)


class _Chroma:
    """A Chroma server that can be killed and comes back at the same address."""

    def __init__(self, folder: Path) -> None:
        self._port, self._folder = free_port(), folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        command = [MONAZITE.parent / "chroma", "run", "--host", "127.0.0.1", "--port",
                   str(self._port), "--path", self._folder]  # fmt: skip
        self._process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_for_port(self._port)

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()

    def be_away(self, seconds: float) -> None:
        self.kill()
        time.sleep(seconds)
        self.start()


def _signal_postgres(data: Path, how: str, seconds: float) -> None:
    """Stops PostgreSQL as a crash would, and starts it after a while."""
    import pgserver

    server = pgserver.get_server(data)
    pgserver.pg_ctl(["-m", how, "stop"], pgdata=data, user=server.system_user)
    time.sleep(seconds)
    server.ensure_postgres_running()
