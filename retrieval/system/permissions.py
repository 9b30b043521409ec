"""Permissions of the data folder: nobody but its user reads what is in it."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_OTHERS, _EVERYBODY = 0o077, 0o007
# What stands in a data folder. Where there is more, the folder is not ours alone to close.
_FILES = ("catalog.db", "index.lock")
_FOLDERS = ("chroma", "lexical", "fetched", "logs")


def open_to_others(home: Path) -> list[Path]:
    """Returns the files and folders of a data folder that other users may read or change."""
    return [path for path, status in _entries(home) if _is_open(status)]


def close_home(home: Path) -> None:
    """Takes from other users every right to a data folder and what is in it.

    Links are neither followed nor changed, what belongs to somebody else stays as it is, and so
    does everything in the folder that is not ours, with the folder itself then.
    """
    for path, status in _entries(home):
        if status.st_mode & _OTHERS:
            with suppress(OSError):
                _close(path)


def _is_open(status: os.stat_result) -> bool:
    # A folder of root's that we share by our group, as Kubernetes mounts it, is not ours to close.
    mine = status.st_uid == os.geteuid()
    return bool(status.st_mode & (_OTHERS if mine else _EVERYBODY))


def _is_ours(name: str) -> bool:
    return name in _FOLDERS or any(name.startswith(one) for one in _FILES)


def _close(path: Path) -> None:
    """Closes a file or folder, but no link that took its place meanwhile."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    opened = os.open(path, flags)
    try:
        os.fchmod(opened, stat.S_IMODE(os.fstat(opened).st_mode) & ~_OTHERS)
    finally:
        os.close(opened)


def _entries(home: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """What is ours in a data folder; the folder itself, by a link too, where all of it is."""
    try:
        names = sorted(os.listdir(home))  # noqa: PTH208  names are all that is needed
        place = home.resolve()
        if all(map(_is_ours, names)):
            yield place, place.stat()
    except OSError:
        return
    waiting = [place / name for name in names if _is_ours(name)]
    while waiting:
        path = waiting.pop()
        with suppress(OSError):
            status = path.lstat()
            if stat.S_ISLNK(status.st_mode):
                continue
            yield path, status
            if stat.S_ISDIR(status.st_mode):
                waiting.extend(path.iterdir())
