"""Writes files so that nobody ever sees half of one."""

from pathlib import Path

from retrieval.system.containment import write_file


def replace_file(path: Path, data: bytes) -> None:
    """Puts `data` in the place of the file at `path`, at once. Raises `OSError`; nothing is left then."""
    write_file(path.parent, path.name, data)
