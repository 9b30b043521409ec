"""Imports Chroma such that it reads no `.env` of the current folder, whoever put it there.

Its settings name `.env`, and it makes some while it is imported: they would say which of its classes
are used, and where it connects to.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

_importing = threading.Lock()
# Where pydantic asks a class of settings what it is read from.
_HOOK = "settings_customise_sources"


def import_chromadb() -> Any:
    """Returns the package `chromadb`."""
    with _importing, _no_env_files():
        import chromadb
        import chromadb.config
        import chromadb.errors

        chromadb.config.Settings.model_config["env_file"] = None
    return chromadb


@contextmanager
def _no_env_files() -> Iterator[None]:
    """Leaves files out of what pydantic's settings are read from, where a class does not say itself."""
    kept = BaseSettings.__dict__[_HOOK]

    def sources(
        _cls: type[BaseSettings],
        _settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG001  left out
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, file_secret_settings

    setattr(BaseSettings, _HOOK, classmethod(sources))
    try:
        yield
    finally:
        setattr(BaseSettings, _HOOK, kept)
