"""Permissions of the data folder: nobody but its user reads what is in it."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_OTHERS = 0o077


def open_to_others(folder: Path) -> list[Path]:
    """Returns the files and folders, `folder` among them, that other users may read or change.

    What lies in a folder that others may not enter counts too: it may be moved or copied.
    """
    return [path for path, mode in _entries(folder) if mode & _OTHERS]


def close_to_others(folder: Path) -> list[Path]:
    """Takes every right to `folder` and what is in it from other users; returns what was open.

    Links are neither followed nor changed. What belongs to somebody else stays as it is.
    """
    found = []
    for path, mode in _entries(folder):
        if mode & _OTHERS:
            found.append(path)
            with suppress(OSError):
                _close(path)
    return found


def _close(path: Path) -> None:
    """Closes what was opened without following a link that took its place meanwhile."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    try:
        opened = os.open(path, flags)
    except PermissionError:
        # Ours, but closed to ourselves too.
        path.lchmod(stat.S_IMODE(path.lstat().st_mode) & ~_OTHERS)
        return
    try:
        os.fchmod(opened, stat.S_IMODE(os.fstat(opened).st_mode) & ~_OTHERS)
    finally:
        os.close(opened)


def _entries(folder: Path) -> Iterator[tuple[Path, int]]:
    """Every file and folder with its mode; links are left out. `folder` itself may be one."""
    try:
        yield folder, folder.stat().st_mode
    except OSError:
        return
    waiting = [folder]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                found = list(entries)
        except OSError:
            continue
        for entry in found:
            with suppress(OSError):
                mode = entry.stat(follow_symlinks=False).st_mode
                if stat.S_ISLNK(mode):
                    continue
                yield Path(entry.path), mode
                if stat.S_ISDIR(mode):
                    waiting.append(Path(entry.path))
