from pathlib import Path

from sqlalchemy import inspect

from retrieval.database import HEAD_REVISION, open_database
from retrieval.tables import Base


def test_migrations_make_the_tables_that_the_code_expects(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'catalog.db'}")
    inspector = inspect(engine)
    for table in Base.metadata.sorted_tables:
        columns = {column["name"] for column in inspector.get_columns(table.name)}
        assert columns == set(table.columns.keys())


def test_the_code_knows_the_newest_migration() -> None:
    from alembic.script import ScriptDirectory

    import retrieval

    folder = Path(retrieval.__file__).parent / "migrations"
    assert ScriptDirectory(str(folder)).get_current_head() == HEAD_REVISION
