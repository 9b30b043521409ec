"""The two halves of a soak: two `serve` over one SQLite home, and one over servers that are killed."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.soak import faults
from bench.soak.asking import Stage
from bench.soak.programs import Served
from bench.soak.servers import ChromaServer, crash_postgres
from tests.programs import MONAZITE
from tests.servers import Postgres
from tests.slack.bot import ENVIRONMENT
from tests.slack.server import LoopbackSlack, Serving


def environment_of(folder: Path, home: Path, slack: LoopbackSlack) -> dict[str, str]:
    return os.environ | ENVIRONMENT | {
        "MONAZITE_HOME": str(home), "MONAZITE_DOCUMENTS": str(folder / "documents"),
        "SLACK_API_URL": f"{slack.url}/api/", "OMP_NUM_THREADS": "1",
        "SLACK_CHANNEL_QUESTIONS_PER_MINUTE": "0",
    }  # fmt: skip


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
        # Under libfaketime the socket's time-outs fail, so that one keeps the machine's clock.
        by_socket = Served("socket", home, plain, slack, "socket")
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
    postgres, chroma = Postgres(folder / "postgres"), ChromaServer(folder / "chroma")
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
            crash_postgres(folder / "postgres", away)

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
