"""Makes Chroma forget for good: what it deletes stays in its files otherwise.

Words can be guessed from a vector, so a deleted document must not leave its vectors behind. Chroma's
index (hnswlib) only marks a vector as deleted, but writes a new one for the same id in its
place; and it writes its file after so many changes. Its SQLite file holds the latest changes, and
keeps their pages when they are gone.
"""

import logging
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

from retrieval.domain.sanitizing import printable_line
from retrieval.system.isolation import SAFE_FOLDER, clean_environment, isolated_python

_log = logging.getLogger(__name__)
_SQLITE = "chroma.sqlite3"
# Chroma's own value, where a collection does not tell its own.
_USUAL_THRESHOLD = 1000
# As long as another process may hold the file; Chroma itself waits five seconds.
_WAIT_SECONDS = 10.0


def overwrite(collection: Any, ids: list[str]) -> None:
    """Puts noise in the place of the vectors of passages, about 1 ms each; there must be some."""
    import numpy as np

    from retrieval.embedding.base import unit

    known = collection.get(ids=ids[:1], include=["embeddings"])["embeddings"]
    noise = np.random.default_rng().normal(size=(len(ids), len(known[0])))
    collection.update(ids=ids, embeddings=unit(noise.astype(np.float32)))


def write_out(collection: Any) -> None:
    """Has a collection write its vectors to its file, by changes that change nothing.

    An empty one has nothing to be changed, and is left as it is.
    """
    settings = collection.configuration.get("hnsw") or {}
    missing = int(settings.get("sync_threshold") or _USUAL_THRESHOLD)
    some = collection.get(limit=missing, include=["metadatas"])
    while some["ids"] and missing > 0:
        collection.update(ids=some["ids"], metadatas=some["metadatas"])
        missing -= len(some["ids"])


def clean_up(folder: Path) -> None:
    """Takes out of Chroma's folder what no collection uses any more.

    That is the folders of collections that were deleted, which Chroma leaves where they are,
    and unused pages of its SQLite file. In a process of its own: a program that opens a SQLite
    file with two libraries, Chroma's and Python's, loses the locks of one as it closes the
    other, and damages the file (sqlite.org, "How To Corrupt An SQLite Database File", 2.2.1).
    Where it cannot be done now, the log says so, and it is done the next time.
    """
    if not (folder / _SQLITE).exists():
        return
    program = f"from {__name__} import main; main()"
    done = subprocess.run(  # noqa: S603  this very interpreter
        isolated_python(program, str(folder.absolute())), cwd=SAFE_FOLDER, env=clean_environment(),
        check=False, capture_output=True, text=True, errors="replace",
    )  # fmt: skip
    if done.returncode:
        reason = printable_line(done.stderr.strip().rpartition("\n")[2])
        _log.warning("Chroma's folder cannot be cleaned up now: %s", reason)


def _is_segment(path: Path) -> bool:
    """Says whether this is a folder of Chroma's, named by a UUID, and no link to another one."""
    try:
        return str(UUID(path.name)) == path.name and path.is_dir() and not path.is_symlink()
    except ValueError:
        return False


def _clean_up(folder: Path) -> None:
    # Listed before it is asked which of them are used: one that is made meanwhile stays.
    folders = [path for path in folder.iterdir() if _is_segment(path)]
    with closing(sqlite3.connect(folder / _SQLITE, timeout=_WAIT_SECONDS)) as connection:
        used = {name for (name,) in connection.execute("SELECT id FROM segments")}
        for path in folders:
            if path.name not in used:
                shutil.rmtree(path, ignore_errors=True)
        connection.execute("VACUUM")


def main() -> None:
    """Cleans up the folder that the command line names: what `clean_up` starts."""
    _clean_up(Path(sys.argv[1]))
