"""The indexer is killed between any two of its writes; nothing is lost or doubled."""

import shutil
from pathlib import Path

import pytest

from tests.integration.crash import assemble, run
from tests.integration.test_indexer import assert_whole, names
from tests.programs import run_forked

KILLED = 137


def index_and_die(home: Path, documents: Path, breaths: int, mode: str) -> int:
    code = run_forked(run, home, documents, breaths, mode == "rebuild")
    assert code in (0, KILLED)
    return code


def change(documents: Path) -> None:
    (documents / "cerium.txt").write_text("Cerium goes into catalysts now.")
    (documents / "dysprosium.txt").unlink()
    (documents / "erbium.txt").write_text("Erbium amplifies light in fibres.")


@pytest.mark.parametrize("mode", ["first", "update", "rebuild"])
def test_a_killed_run_leaves_neither_loss_nor_duplicates(
    mode: str, documents: Path, tmp_path: Path
) -> None:
    ready = tmp_path / "ready"
    if mode != "first":
        assemble(ready).indexer.index([documents])
        change(documents)
    else:
        ready.mkdir()
    before = names(assemble(ready)) if mode != "first" else []
    expected = sorted(path.name for path in documents.iterdir())
    died = 0
    for breaths in range(1, 60):
        home = tmp_path / f"home-{breaths}"
        shutil.copytree(ready, home)
        if index_and_die(home, documents, breaths, mode) == 0:
            break
        died += 1
        # What is left answers consistently: only whole documents, old or new.
        assert set(names(assemble(home))) <= set(before) | set(expected)
        assert mode == "first" or "cerium.txt" in names(assemble(home))
        survivor = assemble(home)
        survivor.indexer.index([documents])
        assert names(survivor) == expected
        assert_whole(survivor)
    assert died >= 8  # before and after each of at least four writes
    assert died < 59
