"""Index, rebuild, restore and removal are killed (SIGKILL) at random moments; the index stays whole.

`MONAZITE_KILLS` sets how often; `make kills` does it 200 times.
"""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.integration.crash import assemble
from tests.integration.test_indexer import assert_whole, names

KILLS = int(os.environ.get("MONAZITE_KILLS", "4"))
MODES = ("index", "rebuild", "restore", "remove")
DOCUMENTS = 40
_LONGEST = 1.2


def change(documents: Path, mode: str) -> None:
    if mode == "remove":
        for number in range(0, DOCUMENTS, 2):
            (documents / f"{number:02}.txt").unlink()
    elif mode == "index":
        for number in range(0, DOCUMENTS, 2):
            (documents / f"{number:02}.txt").write_text(f"Document {number} is new. " * 20)


def kill(home: Path, documents: Path, mode: str, after: float) -> bool:
    """Starts a run and kills it; returns whether it was still at work."""
    command = [sys.executable, "-m", "tests.integration.crash", home, documents, mode]
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(
        command, cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n"
        time.sleep(after)
        alive = process.poll() is None
        process.kill()
    return alive


@pytest.mark.parametrize("number", range(KILLS))
def test_a_run_killed_at_any_moment_leaves_a_whole_index(number: int, tmp_path: Path) -> None:
    chance = random.Random(number)
    mode = MODES[number % len(MODES)]
    home, documents = tmp_path / "home", tmp_path / "documents"
    documents.mkdir()
    for place in range(DOCUMENTS):
        (documents / f"{place:02}.txt").write_text(f"Document {place} tells of erbium. " * 20)
    before = assemble(home)
    before.indexer.index([documents])
    before.backups.backup(tmp_path / "index.backup")
    change(documents, mode)
    kill(home, documents, mode, chance.uniform(0, _LONGEST))
    survivor = assemble(home)
    found = survivor.verifier.verify()
    assert found.whole, found.problems
    live = names(survivor)
    assert len(live) == len(set(live))
    assert set(live) >= {f"{place:02}.txt" for place in range(1, DOCUMENTS, 2)}
    assert mode == "remove" or len(live) == DOCUMENTS
    survivor.indexer.index([documents])
    assert names(survivor) == sorted(path.name for path in documents.iterdir())
    assert_whole(survivor)
