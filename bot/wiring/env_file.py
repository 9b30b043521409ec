"""The file `.env` of the current folder: read only where nobody else can have put it.

Whoever runs `monazite` in a folder of documents would otherwise let a stranger's `.env` say where
the bot token is sent, or which database takes the texts.
"""

import os
import sqlite3
import stat
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from functools import cache
from pathlib import Path

from dotenv import dotenv_values
from pydantic_settings import BaseSettings, DotEnvSettingsSource, PydanticBaseSettingsSource

from retrieval.domain.errors import ConfigurationError
from retrieval.domain.sanitizing import printable_line

_NAME = ".env"


class EnvFileSettings(BaseSettings):
    """Settings from the environment, and from `.env` where it may be read."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Returns the sources of pydantic's; `.env`, unless another file was named, only if it is safe."""
        named = isinstance(dotenv_settings, DotEnvSettingsSource) and dotenv_settings.env_file
        if named == _NAME:
            dotenv_settings = DotEnvSettingsSource(settings_cls, env_file=trusted_env_file())
        return init_settings, env_settings, dotenv_settings, file_secret_settings


def trusted_env_file(paths: Sequence[Path] = ()) -> Path | None:
    """Returns the `.env` of the current folder, or None where there is none that may be read.

    It must be a file of this user or of root that nobody else can write, and lie in no folder of
    documents: neither in `paths`, nor where MONAZITE_DOCUMENTS points, nor in a folder that is
    indexed. One that is left out is told of on stderr, once.
    """
    file = Path.cwd() / _NAME
    try:
        found = file.stat()
    except OSError:
        return None
    fault = _fault(found) or _place_fault(file, paths)
    if fault:
        _warn(
            f"{file} is not read: {fault}; set variables of the environment, "
            "or run monazite in another folder"
        )
        return None
    return file


def names_in(file: Path | None) -> frozenset[str]:
    """Returns the names that a file sets, in capitals. Raises `ConfigurationError` if it is no text."""
    return frozenset(name.upper() for name in _values(file)) if file else frozenset()


def _fault(found: os.stat_result) -> str:
    if not stat.S_ISREG(found.st_mode):
        return "it is no file"
    if os.name != "posix":
        return ""
    if found.st_uid not in {os.geteuid(), 0}:
        return "it belongs to another user"
    # A group of one's own, as most systems give each user, is nobody else.
    of_others = found.st_mode & stat.S_IWOTH or (
        found.st_mode & stat.S_IWGRP and found.st_gid not in {os.getegid(), 0}
    )
    return "others may write it (run: chmod go-w .env)" if of_others else ""


def _place_fault(file: Path, paths: Sequence[Path]) -> str:
    here = file.parent.resolve()
    for folder in _folders_of_documents(file, paths):
        if here.is_relative_to(folder):
            return f"it lies in a folder of documents ({folder})"
    return ""


def _folders_of_documents(file: Path, paths: Sequence[Path]) -> Iterator[Path]:
    # What the file itself says of documents counts against it, never for it.
    named = (os.environ, _values(file))
    yield from (path.resolve() for path in paths)
    for values in named:
        if folder := _setting(values, "MONAZITE_DOCUMENTS"):
            yield Path(folder).resolve()
    homes = {_setting(values, "MONAZITE_HOME") or ".monazite" for values in named}
    for home in homes:
        yield from _indexed_folders(Path(home) / "catalog.db")


def _setting(values: Mapping[str, str | None], name: str) -> str:
    return next((value or "" for key, value in values.items() if key.upper() == name), "")


def _indexed_folders(catalog: Path) -> list[Path]:
    """The roots in a SQLite catalog, as far as they can be had; nothing is created or migrated."""
    if not catalog.is_file():
        return []
    try:
        address = f"{catalog.resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=1.0)) as connection:
            rows = connection.execute("SELECT DISTINCT root FROM versions").fetchall()
    except sqlite3.Error:
        return []
    return [Path(root) for (root,) in rows]


def _values(file: Path) -> dict[str, str | None]:
    try:
        return dotenv_values(file, interpolate=False)
    except (OSError, UnicodeError) as error:
        raise ConfigurationError(f"{file} cannot be read ({error}); save it as UTF-8") from error


@cache
def _warn(text: str) -> None:
    sys.stderr.write(f"monazite: {printable_line(text)}\n")
