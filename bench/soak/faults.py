"""What goes wrong in a soak, one thing after another."""

import random
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from starlette.responses import JSONResponse, Response

from bench.soak.programs import Served
from tests.slack.server import LoopbackSlack

Fault = Callable[[], object]
_METHODS = (
    "assistant.threads.setStatus", "chat.startStream", "chat.appendStream", "chat.stopStream",
    "chat.postMessage", "chat.update", "reactions.add", "conversations.replies",
)  # fmt: skip
FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")


def refuse(slack: LoopbackSlack, chance: random.Random) -> None:
    """Has the next call of some method limited, failed or answered too late."""
    method = chance.choice(_METHODS)
    seconds = str(chance.choice([1, 2, 5, 20]))
    kind = chance.choice(["limited", "failed", "late"])
    if kind == "limited":
        told = JSONResponse({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": seconds})
        slack.fail(method, told)
    elif kind == "failed":
        slack.fail(method, Response("down", chance.choice([500, 502, 503])))
    else:
        slack.fail(method, 12.0)


def drop_socket(slack: LoopbackSlack) -> None:
    """Closes the socket; the bot connects again."""
    if slack.connected:
        with suppress(AssertionError, TimeoutError):
            slack.drop()


def lock_sqlite(home: Path, seconds: float) -> None:
    """Lets nobody write to the database for a while."""
    with closing(sqlite3.connect(home / "catalog.db", timeout=30, isolation_level=None)) as held:
        held.execute("BEGIN IMMEDIATE")
        time.sleep(seconds)
        held.execute("ROLLBACK")


def fill_disk(home: Path, seconds: float) -> None:
    """Leaves no room on the disk for a while."""
    ballast = home / "ballast"
    try:
        with suppress(OSError), ballast.open("wb") as file:
            file.write(b"0" * (shutil.disk_usage(home).free + 4096))
        time.sleep(seconds)
    finally:
        ballast.unlink(missing_ok=True)


def kill_and_start(program: Served) -> None:
    """Kills a `serve` outright, and starts it again."""
    program.kill()
    program.start()


def set_clock(file: Path, offset: str) -> None:
    """Sets the clock of the programs that follow `file`, against the machine's."""
    file.write_text(f"{offset}\n")


def reindex(environment: dict[str, str], documents: Path, number: int) -> None:
    """Changes a document, and indexes; a run may fail, for the disk may be full."""
    (documents / "edition.txt").write_text(
        f"Edition {number} of the plan says that the Aldren plant separates {4000 + number} tonnes."
    )
    from tests.programs import MONAZITE

    subprocess.run(
        [MONAZITE, "index", documents], env=environment, check=False, capture_output=True,
        cwd=documents.parent,
    )  # fmt: skip
