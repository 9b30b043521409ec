"""Makes tables, as data, of rows of cells: which rows head the columns, labels, groups, units."""

import re
from collections.abc import Sequence

from retrieval.domain.table_data import Cell, Column, Row, Table

_NUMBER = re.compile(
    r"\A[<>~≈±$€¥£(+\-−–]{0,4}\s?[A-Z]{0,3}\$?\s?\d[\d.,'’\s]{0,40}(?:[-–—]\s?\d[\d.,]{0,30})?\)?\s?"
    r"(?:%|‰|[A-Za-z$€¥£°µ][\w/%$€.²³]{0,7})?\Z"
)
_YEAR = re.compile(
    r"(?:19|20)\d\d(?:[-/–](?:\d\d|\d{4}))?[a-z]?|(?:Q|H)[1-4]\s?(?:19|20)?\d*|FY\s?\d{2,4}"
)
_SPACE = r"\s{1,3}"
_UNIT_WORD = (
    r"(?:metric\s{1,3})?(?:tonnes?|tons?|t|kt|mt|kg|kilograms?|g|ppm|percent|per\s?cent|%|wt\.?\s?%|"
    r"(?:us)?\$|usd|eur|€|cny|rmb|yuan|euros?|dollars?|pounds?|m|km|mm|µm|°c|mw|mwh|gwh)"
)
_OF = rf"(?:(?:thousand|million|billion)s?{_SPACE}(?:of{_SPACE})?)?{_UNIT_WORD}"
_UNIT = re.compile(
    rf"\(\s?(?:in{_SPACE})?(?P<inside>{_OF}(?:\s?(?:/|per|of|a|an)\s?[\w ]{{1,30}})?)\s?\)"
    rf"|,{_SPACE}in{_SPACE}(?P<behind>{_OF}(?:{_SPACE}(?:per|of){_SPACE}[\w ]{{1,30}})?)\s?\Z",
    re.IGNORECASE,
)


def is_number(cell: str) -> bool:
    """Says whether a cell holds a number, with its sign and unit."""
    return bool(_NUMBER.fullmatch(cell.strip()))


def is_value(cell: str) -> bool:
    """Says whether a cell holds a number that is no year, which might head a column."""
    return is_number(cell) and not _YEAR.fullmatch(cell.strip())


def unit_in(caption: str) -> str:
    """Returns the unit that a caption says of all of a table, such as `metric tons`, or ""."""
    found = _UNIT.search(caption)
    return (found["inside"] or found["behind"]).strip() if found else ""


def header_rows_of(rows: Sequence[Sequence[str]]) -> int:
    """Returns how many rows at the top head the columns; none where the first one has values.

    A second or third one does where the row above it spans columns, its own first cell is empty
    or says the same as above, and it has no values.
    """
    if len(rows) < 2 or any(is_value(cell) for cell in rows[0][1:] or rows[0]):
        return 0
    heads = 1
    while heads < min(4, len(rows) - 1):
        above, row = rows[heads - 1][1:], rows[heads]
        spans = any(
            not cell or cell == other for cell, other in zip(above[1:], above, strict=False)
        )
        same = not row or row[0] in ("", rows[0][0])
        if not (spans and same) or any(is_value(cell) for cell in row[1:]) or not any(row[1:]):
            break
        heads += 1
    return heads


def table_of(
    rows: Sequence[Sequence[Cell]],
    *,
    heads: int,
    labels: int = 1,
    caption: str = "",
    lines: Sequence[tuple[int, int]] | None = None,
    notes: dict[str, str] | None = None,
) -> Table:
    """Returns the table of a grid whose first `heads` rows head the columns.

    The first `labels` columns label the rows. A row with a label that ends in a colon and nothing else,
    or the same cell all along, names the group of the rows below it. `lines` are those of each
    row in its file.
    """
    width = max((len(row) for row in rows), default=0)
    full = [[*row, *[Cell("")] * (width - len(row))] for row in rows]
    columns = tuple(Column(_path(full[:heads], column)) for column in range(labels, width))
    label_names = [name for column in range(labels) for name in _path(full[:heads], column)]
    body: list[Row] = []
    group: tuple[str, ...] = ()
    for index, row in enumerate(full[heads:], start=heads):
        if name := _group_name(row):
            group = (name.rstrip(":： "),)
        own = () if name else tuple(dict.fromkeys(one.text for one in row[:labels] if one.text))
        cells = tuple(Cell("") if name else cell for cell in row[labels:])
        marks = tuple(mark for one in row[:labels] for mark in one.marks)
        where = lines[index] if lines else None
        body.append(Row((*group, *own), cells, marks=marks, lines=where))
    return Table(
        columns, tuple(body), caption=caption, label_name=" | ".join(dict.fromkeys(label_names)),
        unit=unit_in(caption), notes=notes or {},
    )  # fmt: skip


def _path(heads: Sequence[Sequence[Cell]], column: int) -> tuple[str, ...]:
    path: list[str] = []
    for row in heads:
        text = row[column].text
        if text and (not path or path[-1] != text):
            path.append(text)
    return tuple(path)


def _group_name(row: Sequence[Cell]) -> str:
    texts = [cell.text for cell in row]
    if len(texts) > 1 and texts[0]:
        if len(set(texts)) == 1 and not is_number(texts[0]):
            return texts[0]
        if not any(texts[1:]) and texts[0].endswith((":", "：")):
            return texts[0]
    return ""
