"""Servers that are killed and come back at the same address."""

import subprocess
import time
from pathlib import Path

from tests.programs import MONAZITE
from tests.servers import free_port, wait_for_port


class ChromaServer:
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


def crash_postgres(data: Path, seconds: float) -> None:
    """Stops PostgreSQL as a crash would, and starts it after a while."""
    import pgserver

    server = pgserver.get_server(data)
    pgserver.pg_ctl(["-m", "immediate", "stop"], pgdata=data, user=server.system_user)
    time.sleep(seconds)
    server.ensure_postgres_running()
