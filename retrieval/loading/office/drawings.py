"""What is drawn on the sheets of a workbook: text boxes, charts, pictures, comments."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from retrieval.domain.documents import BlockKind
from retrieval.domain.losses import Loss
from retrieval.domain.places import Place
from retrieval.loading.office.charts import chart_table
from retrieval.loading.office.drawing_text import A, paragraphs_of
from retrieval.loading.office.ooxml import OfficeFile, local
from retrieval.loading.text_builder import TextBuilder


def add_drawn(
    builder: TextBuilder, file: OfficeFile, sheet: str, place: Place, page: int, *, charts: bool
) -> None:
    """Adds the text boxes of a sheet and, where `charts`, its charts as tables; tells of the rest."""
    for part in file.related(sheet, "drawing"):
        root = file.tree(part)
        if root is None:
            continue
        for body in _text_bodies(root):
            for line in paragraphs_of(body):
                builder.add(BlockKind.PARAGRAPH, line.text, page=page, place=place)
        pictures = sum(local(element) == "pic" for element in root.iter())
        if pictures:
            builder.leave_out(Loss("image", "pictures are not read", pictures, where=str(place)))
        for name in file.related(part, "chart"):
            _add_chart(builder, file.tree(name), place, page, charts=charts)


def add_comments(
    builder: TextBuilder, file: OfficeFile, sheet: str, place: Place, page: int
) -> None:
    """Adds the comments on a sheet's cells, each marked as one, at its cell."""
    threaded = list(file.related(sheet, "threadedComment"))
    for part in threaded or file.related(sheet, "comments"):
        root = file.tree(part)
        for element in root.iter() if root is not None else ():
            if local(element) in ("comment", "threadedComment"):
                words = "".join(
                    inner.text or "" for inner in element.iter() if local(inner) in ("t", "text")
                )
                cell = element.get("ref", "")
                text = f"Comment on {cell}: {words}" if words.strip() else ""
                its = replace(place, cells=cell, part="comment")
                builder.add(BlockKind.PARAGRAPH, text, page=page, place=its)


def _text_bodies(root: Any) -> Iterator[Any]:
    return (element for element in root.iter() if local(element) == "txBody")


def _add_chart(builder: TextBuilder, root: Any, place: Place, page: int, *, charts: bool) -> None:
    if root is None:
        return
    table = chart_table(root)
    if charts and table is not None:
        builder.add(BlockKind.PARAGRAPH, table.caption, page=page, place=place)
        builder.add_data(table, place, page)
        return
    words = sum(len((element.text or "").split()) for element in root.iter(f"{A}t"))
    why = "its figures stand in the cells that it draws"
    builder.leave_out(Loss("chart", why, 1, words, table.caption if table else str(place)))
