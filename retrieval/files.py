"""Writes files so that nobody ever sees half of one."""

import hashlib
import os
from contextlib import suppress
from pathlib import Path


def replace_file(path: Path, data: bytes) -> None:
    """Puts `data` in the place of the file at `path`, at once. Raises `OSError`; nothing is left then."""
    # Its own name may be as long as the file system allows.
    draft = path.with_name(f".{hashlib.sha256(os.fsencode(path.name)).hexdigest()[:16]}.part")
    try:
        draft.write_bytes(data)
        draft.replace(path)
    except OSError:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
