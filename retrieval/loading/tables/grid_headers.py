"""Which rows of a grid head its columns, and what each column is called."""

from collections.abc import Iterable, Sequence

from retrieval.domain.table_data import Column
from retrieval.loading.tables.grid_cells import GridCell, GridRow, is_unit, unit_in

_MAX_HEADER_ROWS = 6
_EMPTY = GridCell("")
_NO_VALUE = {"", "-", "–", "—", "n/a", "na", "..", "…", "w"}


def header_count(rows: Sequence[GridRow]) -> int:
    """Returns how many rows at the top of a table head its columns."""
    if len(rows) < 2:
        return 0
    said = 0
    while said < min(len(rows) - 1, _MAX_HEADER_ROWS) and _said_to_head(rows[said]):
        said += 1
    count = said or int(_may_head(rows))
    if not count:
        return 0
    while count < min(len(rows) - 1, _MAX_HEADER_ROWS) and _goes_on(rows, count):
        count += 1
    return count


def columns_of(headers: Sequence[GridRow], columns: Sequence[int]) -> dict[int, Column]:
    """Returns what heads each column: the path of its headings, and the unit that they state."""
    filled = [_spread(headers, number, columns) for number in range(len(headers))]
    found = {}
    for column in columns:
        path: list[str] = []
        unit = ""
        for number, row in enumerate(filled):
            cell = row.get(column, _EMPTY)
            words = cell.text + (f" (note {', '.join(cell.marks)})" if cell.marks else "")
            alone = number and number == len(filled) - 1 and path and is_unit(cell.text)
            if alone:
                unit = cell.text.strip("()[] ")
            elif words and words != (path[-1] if path else ""):
                path.append(words)
        unit = unit or next(filter(None, map(unit_in, reversed(path))), "")
        found[column] = Column(tuple(path), unit)
    return found


def _said_to_head(row: GridRow) -> bool:
    return bool(row.cells) and all(cell.heads for cell in row.cells.values())


def _may_head(rows: Sequence[GridRow]) -> bool:
    """The first row heads a table where it has words or years, and is not one of many like it."""
    first, rest = rows[0], rows[1:]
    if _all_bold(first) and not all(map(_all_bold, rest)):
        return True
    if any(cell.number for cell in first.cells.values()):
        return False
    own = first.own()
    if len(own) < 2:
        return False
    values = {column for row in rest for column in row.cells} - {min(own)}
    if len(values) == 1:
        return not _is_form(rows, values.pop())
    return True


def _is_form(rows: Sequence[GridRow], column: int) -> bool:
    """Says whether two columns are names and what stands for each, rather than a table.

    A form's values are of all kinds, and its names may end in colons.
    """
    names = [cell.text for row in rows for c, cell in row.cells.items() if c < column]
    if names and sum(name.endswith(":") for name in names) * 2 > len(names):
        return True
    values = [row.cells[column] for row in rows[1:] if column in row.cells]
    values = [cell for cell in values if cell.text.casefold() not in _NO_VALUE]
    figures = sum(any(map(str.isdigit, cell.text)) for cell in values)
    return 0 < figures < len(values) and len(values) > 2


def _goes_on(rows: Sequence[GridRow], count: int) -> bool:
    """Says whether the row behind `count` header rows is one more of them."""
    above, row, rest = rows[count - 1], rows[count], rows[count + 1 :]
    cells = row.cells
    if any(cell.number for cell in cells.values() if not cell.copied):
        return False
    own = [cells[column] for column in row.own()]
    if not own or any(cell.copied == "down" for cell in cells.values()):
        return True
    if len(own) > 1 and all(is_unit(cell.text) for cell in own[-max(1, len(own) - 1) :]):
        return True
    figures = any(cell.number for later in rest[:5] for cell in later.cells.values())
    if any(cell.copied == "across" for cell in above.cells.values()):
        return figures or min(above.cells) not in cells
    edge = min((column for one in rows for column in one.cells), default=0)
    if edge not in cells and len(own) > 1 and figures:
        return True
    return len(own) > 1 and _all_bold(row) and _all_bold(above) and figures


def _all_bold(row: GridRow) -> bool:
    return bool(row.cells) and all(cell.bold for cell in row.cells.values())


def _spread(headers: Sequence[GridRow], number: int, columns: Iterable[int]) -> dict[int, GridCell]:
    """A header row whose cells stand over the blanks to their right, where the row below has words."""
    row = dict(headers[number].cells)
    if number == len(headers) - 1:
        return row
    below = headers[number + 1].cells
    last: int | None = None
    for column in columns:
        if column in row:
            last = column if column in below and below[column].copied != "down" else None
        elif last is not None and column in below:
            row[column] = row[last]
    return row
