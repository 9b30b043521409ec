"""Opens the catalog's database, brings its tables up to date, and says what went wrong with it."""

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    InterfaceError,
    InternalError,
    NoSuchModuleError,
    OperationalError,
    StatementError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from retrieval.domain.errors import ConfigurationError, how_to_install

_MIGRATIONS = Path(__file__).parent / "migrations"
# Slack waits three seconds for its acknowledgement; without a limit, libpq waits for minutes.
_CONNECT_SECONDS = 5
_SILENT_MILLISECONDS = 10_000
# https://www.sqlite.org/rescode.html: what says that the file cannot be had or written just now.
_SQLITE_AWAY = frozenset({
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_INTERRUPT,
})  # fmt: skip
# https://www.postgresql.org/docs/current/errcodes-appendix.html: 22 is data, which its message quotes.
_DATA_CLASS = "22"
_READ_ONLY = "25006"


def open_database(url: str) -> Engine:
    """Returns an engine for `url` whose tables are up to date.

    Raises `ConfigurationError` when the URL is wrong or the database cannot be reached.
    """
    try:
        address = make_url(url)
        if address.drivername == "postgresql":
            address = address.set(drivername="postgresql+psycopg")
        engine = create_engine(
            address, pool_pre_ping=not url.startswith("sqlite"), hide_parameters=True,
            connect_args=_limits(address),
        )  # fmt: skip
        event.listen(engine, "handle_error", _hide_values)
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _tune_sqlite)
        if _revision(engine) != newest_revision():
            _migrate(engine)
    except ModuleNotFoundError as error:
        if error.name != "psycopg":
            raise ConfigurationError(f"MONAZITE_DATABASE_URL is not usable: {error}") from error
        raise ConfigurationError(
            f"PostgreSQL needs the extra postgres; run: {how_to_install('postgres')}"
        ) from error
    except (ArgumentError, NoSuchModuleError) as error:
        raise ConfigurationError(f"MONAZITE_DATABASE_URL is not usable: {error}") from error
    except OperationalError as error:
        reason = str(error.orig).splitlines()[0]
        raise ConfigurationError(
            f"The database cannot be opened ({reason}); check MONAZITE_HOME and MONAZITE_DATABASE_URL"
        ) from error
    return engine


def is_unavailable(error: BaseException) -> bool:
    """Says whether the database could not be reached, or not be written just now.

    The same may succeed later. What is wrong with a statement or its values is another matter.
    """
    if isinstance(error, (PoolTimeoutError, InterfaceError)):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    if isinstance(error, InternalError):
        return getattr(error.orig, "sqlstate", None) == _READ_ONLY
    if not isinstance(error, OperationalError):
        return False
    code = getattr(error.orig, "sqlite_errorcode", None)
    # The low byte is the primary code; a statement that is wrong is an OperationalError, too.
    return code is None or code & 0xFF in _SQLITE_AWAY


def _limits(address: URL) -> dict[str, object]:
    """Returns how long PostgreSQL may be silent, where the URL does not say it."""
    if not address.drivername.startswith("postgresql"):
        return {}
    limits = {"connect_timeout": _CONNECT_SECONDS, "tcp_user_timeout": _SILENT_MILLISECONDS}
    return {name: value for name, value in limits.items() if name not in address.query}


def _hide_values(context: ExceptionContext) -> None:
    """Takes questions and documents out of an error's text before anybody can log it.

    `hide_parameters` covers what SQLAlchemy says; PostgreSQL's own message quotes values as well:
    the row in DETAIL, a parameter in CONTEXT, and in the first line where a value itself is wrong.
    """
    original = context.original_exception
    diagnosis = getattr(original, "diag", None)
    if diagnosis is None or diagnosis.sqlstate is None:
        return
    named = (diagnosis.table_name, diagnosis.column_name, diagnosis.constraint_name)
    where = ", ".join(name for name in named if name)
    said = diagnosis.message_primary or ""
    if diagnosis.sqlstate.startswith(_DATA_CLASS):
        said = "a value is not possible there"
    clean = f"{said} [{diagnosis.sqlstate}{': ' + where if where else ''}]"
    original.args = (clean, *original.args[1:])
    if isinstance(context.sqlalchemy_exception, StatementError):
        kind = type(original)
        context.sqlalchemy_exception.args = (f"({kind.__module__}.{kind.__name__}) {clean}",)


def newest_revision() -> str:
    """Returns the revision that the tables should have: the highest number among the migrations' names.

    Read from the names, because importing alembic to ask would slow every start down.
    """
    return max(
        file.name.partition("_")[0] for file in (_MIGRATIONS / "versions").glob("[0-9]*_*.py")
    )


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
