"""The programs of a soak: `monazite serve` in both modes, and what it leans on; how they are doing."""

import os
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Self

from tests.programs import MONAZITE
from tests.servers import free_port
from tests.slack.server import START_SECONDS, LoopbackSlack, deliver, wait_for

_MIB = 2**20


@dataclass(slots=True)
class Served:
    """One `monazite serve`, started again where it is killed; `samples` are of the process at work."""

    name: str
    home: Path
    environment: dict[str, str]
    slack: LoopbackSlack
    mode: str
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    samples: list[tuple[int, int, int]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/slack/events"

    def start(self) -> None:
        """Starts it, and waits until it can hear."""
        options = ["--mode", "http", "--port", str(self.port)] if self.mode == "http" else []
        with (self.home.parent / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                [MONAZITE, "serve", *options], env=self.environment, stdout=log, stderr=log,
                cwd=self.home.parent,
            )  # fmt: skip
        self.samples.clear()
        if self.mode == "http":
            wait_for(lambda: deliver(self.url, {}, secret="wrong") == 401, START_SECONDS)
        else:
            wait_for(lambda: self.slack.connected, START_SECONDS)

    def kill(self) -> None:
        """Kills it outright."""
        if self.process:
            os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def stop(self) -> float:
        """Ends it as an operator does; returns how many seconds it took."""
        began = time.monotonic()
        if self.process:
            self.process.terminate()
            self.process.wait(120)
        return time.monotonic() - began

    def look(self) -> None:
        """Takes a sample: bytes in memory, threads, descriptors."""
        if self.process is None:
            return
        proc = Path(f"/proc/{self.process.pid}")
        try:
            lines = (proc / "status").read_text().splitlines()
            status = dict(line.split(":", 1) for line in lines if ":" in line)
            memory = int(status["VmRSS"].split()[0]) * 1024
            self.samples.append(
                (memory, int(status["Threads"]), len(list((proc / "fd").iterdir())))
            )
        except (OSError, KeyError):
            return

    def figures(self) -> dict[str, list[float]]:
        """Medians of the second and of the last quarter of its life: memory, threads, descriptors."""
        quarter = max(1, len(self.samples) // 4)
        early, late = self.samples[quarter : 2 * quarter], self.samples[-quarter:]
        if not early:
            return {}
        names = ("memory_mib", "threads", "descriptors")
        pairs = [
            [float(median(column)) for column in (one, other)]
            for one, other in zip(zip(*early, strict=True), zip(*late, strict=True), strict=True)
        ]
        pairs[0] = [value / _MIB for value in pairs[0]]
        return dict(zip(names, pairs, strict=True))


def is_flat(figures: dict[str, list[float]]) -> bool:
    """Says whether nothing grew: memory by a tenth, threads and descriptors by what a burst takes."""
    allowed = {"memory_mib": (1.1, 30.0), "threads": (1.2, 8.0), "descriptors": (1.2, 12.0)}
    return all(
        late <= early * allowed[name][0] + allowed[name][1]
        for name, (early, late) in figures.items()
    )


class Watch:
    """Looks at programs every second, on a thread of its own."""

    def __init__(self, programs: list[Served]) -> None:
        self._programs = programs
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(5)

    def _run(self) -> None:
        while not self._over.wait(1.0):
            for one in self._programs:
                one.look()
