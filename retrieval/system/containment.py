"""Path containment: files are read, written and deleted inside a folder, and nowhere else.

A path is opened folder by folder from its root, each step relative to the folder opened before
(`openat(2)` with `O_NOFOLLOW`): no link leads out, also not one that is put there meanwhile. The
root itself may be a link. Only regular files are read, without waiting for a writer (`O_NONBLOCK`),
and never more of them than is allowed, whatever their size is said to be.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from retrieval.domain.errors import LoadError

_MEGABYTE = 1024 * 1024
_CHUNK = 4 * _MEGABYTE
# As long as the catalog's columns allow, and PostgreSQL's index over both (a third of a page).
MAX_NAME_CHARS = 1000
_MAX_PATH_BYTES = 2600
_FOLDER = os.O_DIRECTORY | os.O_CLOEXEC
# Linux: a folder that may be passed through, but not listed, is good enough on the way.
_ON_THE_WAY = _FOLDER | getattr(os, "O_PATH", os.O_RDONLY) | os.O_NOFOLLOW
_READING = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
LINK = "is a link, and links are not followed; put the file itself in its place"
FOLDER_LINK = "is a link to a folder, and links are not followed; index that folder by its own path"
_KINDS = (
    (stat.S_ISFIFO, "a named pipe"), (stat.S_ISSOCK, "a socket"), (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"), (stat.S_ISDIR, "a folder"),
)  # fmt: skip


def check_name(name: str) -> None:
    """Raises `LoadError` unless `name` is a path that stays inside any folder, with `/`."""
    parts = name.split("/")
    if "\0" in name or any(part in ("", ".", "..") for part in parts):
        raise LoadError("is no path inside its folder; nothing outside of it is touched")


def storable(root: str, name: str) -> str:
    """Returns why the catalog cannot hold a file of this name, or ""."""
    if not is_unicode(name):
        return "has a name that is not UTF-8; rename it"
    if len(name) > MAX_NAME_CHARS or len(f"{root}{name}".encode()) > _MAX_PATH_BYTES:
        return (
            f"has a path longer than {MAX_NAME_CHARS} characters; shorten its name, or a folder's"
        )
    return ""


def is_unicode(name: str) -> bool:
    """Says whether a name from the file system is text; other bytes come as surrogates."""
    return not any("\ud800" <= letter <= "\udfff" for letter in name)


def printable(name: str) -> str:
    """Returns a name from outside as people may read it.

    Bytes that are no UTF-8 are escaped, as are line breaks and what a terminal would obey.
    """
    try:
        text = os.fsencode(name).decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:
        text = name.encode("utf-8", "backslashreplace").decode()
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in text
    )


def why_not_regular(mode: int) -> str:
    """Returns why a file of this mode is not read, or "" for a regular one."""
    if stat.S_ISREG(mode):
        return ""
    if stat.S_ISLNK(mode):
        return LINK
    kind = next((text for test, text in _KINDS if test(mode)), "something else")
    return f"is no regular file ({kind}); take it out of the folder"


@contextmanager
def opened_folder(root: str | Path, inside: str = "", *, listing: bool = False) -> Iterator[int]:
    """Opens the folder `inside` `root`, to be listed or passed through; gives its descriptor.

    Raises `LoadError` for a path that leads out, `OSError` where there is no such folder.
    """
    if inside:
        check_name(inside)
    parts = inside.split("/") if inside else []
    way = _FOLDER | (os.O_RDONLY if listing and not parts else getattr(os, "O_PATH", os.O_RDONLY))
    found = os.open(root, way)
    try:
        for number, part in enumerate(parts, start=1):
            last = listing and number == len(parts)
            flags = _FOLDER | os.O_RDONLY | os.O_NOFOLLOW if last else _ON_THE_WAY
            found, above = os.open(part, flags, dir_fd=found), found
            os.close(above)
        yield found
    finally:
        os.close(found)


def mode_of(root: str | Path, name: str) -> int:
    """Returns the mode of what stands at `name` inside `root`, a link's own; raises as `open_file`."""
    check_name(name)
    above, _, last = name.rpartition("/")
    with opened_folder(root, above) as folder:
        return os.stat(last, dir_fd=folder, follow_symlinks=False).st_mode


def is_file(root: str | Path, name: str) -> bool:
    """Says whether a regular file stands at `name` inside `root`."""
    try:
        return stat.S_ISREG(mode_of(root, name))
    except (LoadError, OSError):
        return False


def is_there(root: str | Path, name: str) -> bool:
    """Says whether anything stands at `name` inside `root`, a link too."""
    try:
        return bool(mode_of(root, name))
    except (LoadError, OSError):
        return False


def open_file(root: str | Path, name: str) -> BinaryIO:
    """Opens the regular file `name` inside `root`.

    Raises `LoadError`, with the reason, for a link, a pipe, a device or a path that leads out;
    `OSError` where there is none or it may not be read.
    """
    check_name(name)
    above, _, last = name.rpartition("/")
    with opened_folder(root, above) as folder:
        # Looked at before it is opened: opening a device may set something going.
        _refuse(os.stat(last, dir_fd=folder, follow_symlinks=False).st_mode)
        try:
            return _regular(os.open(last, _READING, dir_fd=folder))
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise LoadError(LINK) from None
            raise


def open_named(path: Path) -> BinaryIO:
    """Opens a regular file that a person named, by a link too; raises as `open_file` does."""
    _refuse(path.stat().st_mode)
    return _regular(os.open(path, _READING & ~os.O_NOFOLLOW))


def chunks_of(file: BinaryIO, megabytes: int) -> Iterator[bytes]:
    """Yields what `file` holds; raises `LoadError` once that is more than `megabytes`."""
    most = megabytes * _MEGABYTE
    size = os.fstat(file.fileno()).st_size
    if size > most:
        _too_large(size, megabytes)
    done = 0
    while chunk := file.read(_CHUNK):
        done += len(chunk)
        if done > most:
            _too_large(done, megabytes)
        yield chunk


def read_file(root: str | Path, name: str, megabytes: int) -> bytes:
    """Returns what the regular file `name` inside `root` holds.

    Raises as `open_file` does, and `LoadError` when it holds more than `megabytes`: a file may
    grow while it is read, and those of `/proc` say that they are empty.
    """
    with open_file(root, name) as file:
        return b"".join(chunks_of(file, megabytes))


def delete_file(root: str | Path, name: str) -> None:
    """Deletes the regular file `name` inside `root`; raises as `open_file` does."""
    check_name(name)
    above, _, last = name.rpartition("/")
    with opened_folder(root, above) as folder:
        _refuse(os.stat(last, dir_fd=folder, follow_symlinks=False).st_mode)
        os.unlink(last, dir_fd=folder)


def write_file(root: str | Path, name: str, data: bytes) -> None:
    """Puts `data` at `name` inside `root`, at once, readable by this user alone.

    A link that stands there is replaced, not followed. Raises `LoadError` for a path that leads
    out, `OSError` where it cannot be written; nothing is left then.
    """
    check_name(name)
    above, _, last = name.rpartition("/")
    draft = f".{os.fsencode(last)[:200].decode(errors='ignore')}.part"
    with opened_folder(root, above) as folder:
        with suppress(FileNotFoundError):
            os.unlink(draft, dir_fd=folder)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            with os.fdopen(os.open(draft, flags, 0o600, dir_fd=folder), "wb") as file:
                file.write(data)
            os.replace(draft, last, src_dir_fd=folder, dst_dir_fd=folder)
        except OSError:
            with suppress(OSError):
                os.unlink(draft, dir_fd=folder)
            raise


def folder_in(root: Path, name: str) -> Path:
    """Returns the path of a folder directly inside `root`, such as one named after a build.

    Raises `LoadError` for a name that leads elsewhere.
    """
    check_name(name)
    if "/" in name:
        raise LoadError("is no name of a folder")
    return root / name


def _regular(descriptor: int) -> BinaryIO:
    try:
        _refuse(os.fstat(descriptor).st_mode)
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def _refuse(mode: int) -> None:
    if reason := why_not_regular(mode):
        raise LoadError(reason)


def _too_large(size: int, megabytes: int) -> None:
    raise LoadError(
        f"has {size / _MEGABYTE:,.0f} MB, more than the {megabytes} MB allowed; split it, "
        "or set MONAZITE_MAX_FILE_MB"
    )
