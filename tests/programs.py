"""Whole programs, run as a person or a script runs them."""

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

MONAZITE = Path(sys.executable).parent / "monazite"
# What takes seconds of two cores to import, and nothing that starts a thread doing so.
_HEAVY = [
    "sentence_transformers",
    "transformers",
    "chromadb",
    "tantivy",
    "bot.wiring.installation",
    "bot.cli.main",
]
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(_HEAVY)


class Program:
    """Runs `monazite` in a folder of its own.

    `launch` starts the program as it is installed. `run` does in a process of its own what
    it does, but forked from one that has imported the libraries already: hundreds of runs
    would otherwise spend minutes importing torch.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith("MONAZITE_")
        }

    def launch(
        self, *arguments: str | Path, stdin: str = "", **settings: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [MONAZITE, *arguments], cwd=self.folder, input=stdin, capture_output=True,
            env=self._with(settings), text=True, check=False, timeout=120,
        )  # fmt: skip

    def run(
        self, *arguments: str | Path, stdin: str = "", **settings: str
    ) -> subprocess.CompletedProcess[str]:
        words = ["monazite", *map(str, arguments)]
        with TemporaryDirectory() as folder:
            streams = [Path(folder) / name for name in ("stdin", "stdout", "stderr")]
            streams[0].write_text(stdin)
            code = run_forked(_call, words, self.folder, self._with(settings), streams)
            out, err = (stream.read_text() for stream in streams[1:])
        return subprocess.CompletedProcess(words, code, out, err)

    def _with(self, settings: Mapping[str, str]) -> dict[str, str]:
        return self.environment | {
            f"MONAZITE_{name.upper()}": value for name, value in settings.items()
        }


def run_forked(target: Callable[..., None], *arguments: object, seconds: float = 120) -> int:
    """Calls `target` in a forked process of its own; returns how that ended."""
    process = _context.Process(target=target, args=arguments)
    process.start()
    process.join(seconds)
    if process.exitcode is None:
        process.kill()
        raise TimeoutError(f"{arguments} took longer than {seconds} s")
    return process.exitcode


def _call(
    words: list[str], folder: Path, environment: dict[str, str], streams: Sequence[Path]
) -> None:
    from bot.cli.main import main

    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for number, stream in enumerate(streams):
        opened = os.open(stream, os.O_RDWR | os.O_CREAT)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = os.fdopen(0, encoding="utf-8")
    sys.argv = words
    main()
