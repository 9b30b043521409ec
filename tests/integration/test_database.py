import sqlite3
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, OperationalError

from bot.conversations import tables as conversation_tables
from bot.conversations.idempotency_keys import IdempotencyKeys
from bot.journal import tables as journal_tables
from bot.journal.entries import Entry, Journal
from bot.telemetry.logs import write_traceback
from retrieval.database import migrations
from retrieval.database.base import Base
from retrieval.database.engine import _limits, is_unavailable, newest_revision, open_database
from retrieval.domain.errors import ConfigurationError
from retrieval.storage import tables as index_tables

# Every room that declares tables; importing it makes them known to `Base`.
ROOMS = (conversation_tables, journal_tables, index_tables)


def test_migrations_make_the_tables_that_the_code_expects(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'catalog.db'}")
    inspector = inspect(engine)
    made = set(inspector.get_table_names()) - {"alembic_version"}
    assert made == set(Base.metadata.tables), f"tables of another room than {ROOMS}"
    for table in Base.metadata.sorted_tables:
        columns = {column["name"] for column in inspector.get_columns(table.name)}
        assert columns == set(table.columns.keys())


def test_the_code_knows_the_newest_migration() -> None:
    from alembic.script import ScriptDirectory

    folder = Path(migrations.__file__).parent
    assert ScriptDirectory(str(folder)).get_current_head() == newest_revision()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    if request.param == "sqlite":
        return open_database(f"sqlite:///{tmp_path / 'catalog.db'}")
    return open_database(request.getfixturevalue("postgres_url"))


@pytest.mark.parametrize(
    ("statement", "key"),
    [
        ("insert into claims (key, claimed_at) values (:key, CURRENT_TIMESTAMP)", "GEHEIM"),
        ("insert into claims (key, claimed_at) values (:key, null)", "GEHEIM 2"),
        ("insert into claims (key, claimed_at) values (:key, CURRENT_TIMESTAMP)", "GEHEIM \0"),
        ("insert into claims (key, claimed_at) values (:key, CURRENT_TIMESTAMP)", "GEHEIM \udcff"),
        ("select cast(:key as json) from missing", '{"GEHEIM": "\\u0000'),
        ("select cast(cast(:key as text) as integer)", "GEHEIM"),
        ("select cast(cast(:key as text) as timestamp)", "GEHEIM"),
        ("select * from missing where key = :key", "GEHEIM"),
    ],
)
def test_what_goes_wrong_in_a_statement_says_nothing_of_its_values(
    engine: Engine, statement: str, key: str
) -> None:
    for value in ("GEHEIM", key):
        error = failure(lambda value=value: _run(engine, statement, value))
        if error is not None:
            assert "GEHEIM" not in "".join(traceback.format_exception(error))
            assert not is_unavailable(error)


def failure(do: Callable[[], object]) -> Exception | None:
    try:
        do()
    except Exception as error:  # noqa: BLE001
        return error
    return None


def _run(engine: Engine, statement: str, value: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement), {"key": value})


def test_a_row_that_the_journal_cannot_take_is_not_in_any_log(
    engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with engine.begin() as connection:
        connection.execute(text("drop table journal"))
    question = "SECRETPROJECT Eagle?"
    entry = Entry("r1", question, question, "answered", text=question)
    error = failure(lambda: Journal(engine).record(entry))
    assert error is not None
    path = write_traceback(tmp_path, error, "r1")
    assert path is not None
    assert "SECRETPROJECT" not in path.read_text() + caplog.text
    assert "journal" in path.read_text()


def test_a_file_that_is_locked_full_or_gone_is_a_database_that_is_away(tmp_path: Path) -> None:
    file = tmp_path / "catalog.db"
    engine = open_database(f"sqlite:///{file}")
    event.listen(engine, "connect", lambda one, _: one.execute("PRAGMA busy_timeout=50"))
    engine.dispose()
    writer = sqlite3.connect(file, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    with pytest.raises(OperationalError, match="locked") as caught:
        IdempotencyKeys(engine).claim("k")
    assert is_unavailable(caught.value)
    writer.execute("ROLLBACK")
    assert IdempotencyKeys(engine).claim("k")
    assert IdempotencyKeys(engine).is_claimed("k")
    assert not IdempotencyKeys(engine).is_claimed("l")


@pytest.mark.parametrize(
    "error", [ValueError("x"), KeyError("x"), IntegrityError("s", {}, Exception())]
)
def test_a_defect_is_no_database_that_is_away(error: Exception) -> None:
    assert not is_unavailable(error)


def test_postgresql_that_is_not_there_is_found_out_in_seconds() -> None:
    with pytest.raises(ConfigurationError, match="cannot be opened"):
        open_database("postgresql://user:password@127.0.0.1:9/none")
    assert _limits(make_url("postgresql+psycopg://h/d?connect_timeout=30")) == {
        "tcp_user_timeout": 10_000
    }
    assert _limits(make_url("sqlite:///x")) == {}
