"""Opens the catalog's database and brings its tables up to date."""

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError

from retrieval.errors import ConfigurationError

# The newest revision in retrieval/migrations; a test holds the two together.
HEAD_REVISION = "0009"
_MIGRATIONS = Path(__file__).parent / "migrations"


def open_database(url: str) -> Engine:
    """Returns an engine for `url` whose tables are up to date.

    Raises `ConfigurationError` when the URL is wrong or the database cannot be reached.
    """
    try:
        address = make_url(url)
        if address.drivername == "postgresql":
            address = address.set(drivername="postgresql+psycopg")
        engine = create_engine(address, pool_pre_ping=not url.startswith("sqlite"))
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _tune_sqlite)
        if _revision(engine) != HEAD_REVISION:
            _migrate(engine)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise ConfigurationError(f"MONAZITE_DATABASE_URL is not usable: {error}") from error
    except OperationalError as error:
        reason = str(error.orig).splitlines()[0]
        raise ConfigurationError(
            f"The database cannot be opened ({reason}); check MONAZITE_HOME and MONAZITE_DATABASE_URL"
        ) from error
    return engine


def _tune_sqlite(connection: Any, _record: Any) -> None:
    # WAL lets questions be answered while an index run commits.
    for pragma in (
        "journal_mode=WAL",
        "foreign_keys=ON",
        "busy_timeout=30000",
        "synchronous=NORMAL",
        # What is deleted is overwritten: no word of a removed document stays in the file.
        "secure_delete=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _revision(engine: Engine) -> str | None:
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return None if found is None else str(found)


def _migrate(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
