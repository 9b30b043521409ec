"""Charts as tables: categories are the rows, series the columns, as the file keeps their values."""

from collections.abc import Iterator
from typing import Any

from retrieval.domain.table_data import Cell, Column, Row, Table
from retrieval.loading.office.drawing_text import A
from retrieval.loading.office.number_formats import number_format
from retrieval.loading.office.ooxml import local

C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
# More points than anybody reads off a chart.
_MAX_POINTS = 5_000


def chart_table(root: Any) -> Table | None:
    """Returns what a chart shows, None where it keeps no values. The axes' titles are its units."""
    series = [element for element in root.iter() if local(element) == "ser"]
    points = [_points(one) for one in series]
    names = [_name(one) or f"Series {number}" for number, one in enumerate(series, start=1)]
    labels = _labels(series)
    if not any(points):
        return None
    order = sorted({index for found in points for index in found})
    rows = tuple(
        Row(
            (labels.get(index, str(index + 1)),),
            tuple(Cell(found.get(index, "")) for found in points),
        )
        for index in order
    )
    axes = list(_axis_titles(root))
    caption = " — ".join(filter(None, [f"Chart: {_title(root)}".rstrip(": "), *axes]))
    return Table(tuple(Column((name,)) for name in names), rows, caption)


def _points(series: Any) -> dict[int, str]:
    values = series.find(f"{C}val")
    values = series.find(f"{C}yVal") if values is None else values
    return {} if values is None else _cache(values)


def _labels(series: list[Any]) -> dict[int, str]:
    for one in series:
        for tag in ("cat", "xVal"):
            found = one.find(f"{C}{tag}")
            if found is not None and (labels := _cache(found)):
                return labels
    return {}


def _cache(element: Any) -> dict[int, str]:
    """The stored points of a reference, of several levels joined, numbers as their format shows them."""
    levels = list(element.iter(f"{C}lvl"))
    if levels:
        joined: dict[int, str] = {}
        for level in reversed(levels):
            current, found = "", _read(level, "")
            for index in range(max([*found, *joined], default=-1) + 1):
                current = found.get(index, current)
                joined[index] = f"{joined[index]} › {current}" if joined.get(index) else current
        return joined
    code = next((one.text for one in element.iter(f"{C}formatCode") if one.text), "")
    return _read(element, code)


def _read(element: Any, code: str) -> dict[int, str]:
    found: dict[int, str] = {}
    for point in element.iter(f"{C}pt"):
        index, value = point.get("idx", ""), point.find(f"{C}v")
        if index.isdecimal() and int(index) < _MAX_POINTS and value is not None and value.text:
            found[int(index)] = _shown(value.text, point.get("formatCode") or code)
    return found


def _shown(text: str, code: str) -> str:
    try:
        return number_format(code or "General").shown(float(text)) if code else text
    except ValueError:
        return text


def _name(series: Any) -> str:
    named = series.find(f"{C}tx")
    return "" if named is None else " ".join((one.text or "") for one in named.iter(f"{C}v"))


def _title(root: Any) -> str:
    chart = next(root.iter(f"{C}chart"), None)
    title = chart.find(f"{C}title") if chart is not None else None
    return "" if title is None else _words(title)


def _axis_titles(root: Any) -> Iterator[str]:
    for axis in root.iter():
        if local(axis) in ("catAx", "valAx", "dateAx", "serAx"):
            title = axis.find(f"{C}title")
            if title is not None and (words := _words(title)):
                yield words


def _words(title: Any) -> str:
    paragraphs = ("".join(t.text or "" for t in p.iter(f"{A}t")) for p in title.iter(f"{A}p"))
    return " ".join(" ".join(paragraphs).split())
