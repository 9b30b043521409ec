"""How much of a table is read: more rows or cells than anybody reads are a mistake, or an attack."""

from retrieval.domain.errors import LoadError

MAX_ROWS = 50_000
# Among them those that are empty: a sheet of 16,384 columns has few rows that fit.
MAX_CELLS = 2_000_000


def check_rows(count: int) -> None:
    """Raises `LoadError` for more rows that hold something than are read of one file."""
    if count > MAX_ROWS:
        raise LoadError(f"holds more than {MAX_ROWS:,} rows; split it")


def check_cells(count: int) -> None:
    """Raises `LoadError` for more cells than are read of one file."""
    if count > MAX_CELLS:
        raise LoadError(f"holds more than {MAX_CELLS:,} cells; split it, or delete empty columns")
