"""One changed file among many: a run against a bare walk-and-hash of the same tree.

Vectors come from a hash: embedding is not what is measured here. Each measurement is a
program of its own, so that memory can be read off it.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from bench.memory import peak_mb
from bot.runtime.gc_freeze import freeze_loaded_objects
from tests.integration.crash import assemble

ROOT = Path(__file__).parents[1]
COUNTS = (1_000, 10_000)


def write_tree(folder: Path, count: int) -> None:
    for number in range(count):
        part = folder / f"{number // 500:03}"
        part.mkdir(parents=True, exist_ok=True)
        text = f"Report {number} of the series.\n\n" + f"Mine {number} produced ore. " * 40
        (part / f"{number:05}.txt").write_text(text)


def walk_and_hash(folder: Path) -> float:
    began = perf_counter()
    for path in sorted(folder.rglob("*.txt")):
        hashlib.sha256(path.read_bytes()).hexdigest()
    return perf_counter() - began


def measure(home: Path, documents: Path) -> None:
    """Prints the seconds of a first run, the ratio of one with a changed file, and the peak in MB.

    The second one is measured in the running program, as `serve` and `watch` are, whose start
    takes as long for one document as for ten thousand.
    """
    installation = assemble(home)
    began = perf_counter()
    installation.indexer.index([documents])
    first = perf_counter() - began
    freeze_loaded_objects()
    ours, bare = [], []
    for turn in range(5):
        (documents / "000" / "00007.txt").write_text(f"Report 7 changed, turn {turn}.")
        bare.append(walk_and_hash(documents))
        began = perf_counter()
        installation.indexer.index([documents])
        ours.append(perf_counter() - began)
    print(first, median(ours), median(bare), peak_mb(), flush=True)
    os._exit(0)


def run(home: Path, documents: Path) -> list[float]:
    command = [sys.executable, "-m", "bench.reindex", home, documents]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return [float(value) for value in done.stdout.split()]


def main() -> None:
    for count in COUNTS:
        with tempfile.TemporaryDirectory() as name:
            documents, home = Path(name) / "documents", Path(name) / "home"
            write_tree(documents, count)
            first, ours, bare, peak = run(home, documents)
            again = run(home, documents)[0]
            verdict = "met" if ours / bare <= 3 else "MISSED"
            print(
                f"{count:,} documents: first run {first:.0f} s, peak {peak:.0f} MB; one changed: "
                f"{ours:.2f} s against a walk-and-hash of {bare:.2f} s, ratio {ours / bare:.2f} "
                f"(goal 3, {verdict}); a program that finds nothing changed: {again:.1f} s",
                flush=True,
            )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(Path(sys.argv[1]), Path(sys.argv[2]))
    else:
        main()
