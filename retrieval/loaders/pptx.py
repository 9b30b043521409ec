"""Slides, read with python-pptx in reading order; a citation names the slide."""

import io
from collections.abc import Iterator
from typing import Any

from retrieval.dates import date_in_name, stated_date
from retrieval.documents import BlockKind, Document
from retrieval.loaders.archives import check_archive
from retrieval.loaders.titles import title_from_name
from retrieval.residue import is_residue
from retrieval.text_builder import TextBuilder


def load(data: bytes, name: str) -> Document:
    """Loads a `.pptx` file: titles, text, tables and notes of its slides; `page` is the slide."""
    check_archive(data, ".pptx", "PowerPoint")
    from pptx import Presentation

    source = Presentation(io.BytesIO(data))
    builder = TextBuilder()
    title = (source.core_properties.title or "").strip()
    for number, slide in enumerate(source.slides, start=1):
        heading = _heading(slide)
        builder.add(BlockKind.HEADING, heading, level=1, page=number)
        title = title if title and title != "PowerPoint Presentation" else heading
        # Looked for once: python-pptx goes through all shapes of the slide for it.
        titled = slide.shapes.title
        for shape in _shapes(slide.shapes):
            _add(builder, shape, number, titled)
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            _add_lines(builder, slide.notes_slide.notes_text_frame, number)
    text = builder.text()
    date = stated_date(text.splitlines()) or date_in_name(name)
    return Document(name, "pptx", text, title or title_from_name(name), date, builder.blocks())


def _heading(slide: Any) -> str:
    title = slide.shapes.title
    return " ".join(title.text_frame.text.split()) if title is not None else ""


def _shapes(shapes: Any) -> Iterator[Any]:
    """Shapes and the members of groups, from top to bottom and left to right."""
    for shape in sorted(shapes, key=lambda one: (one.top or 0, one.left or 0)):
        if hasattr(shape, "shapes"):
            yield from _shapes(shape.shapes)
        else:
            yield shape


def _add(builder: TextBuilder, shape: Any, number: int, title: Any) -> None:
    if title is not None and shape.shape_id == title.shape_id:
        return
    if getattr(shape, "has_table", False):
        rows = [[cell.text for cell in row.cells] for row in shape.table.rows]
        builder.add_table(rows, page=number)
    elif shape.has_text_frame:
        _add_lines(builder, shape.text_frame, number)


def _add_lines(builder: TextBuilder, frame: Any, number: int) -> None:
    """The paragraphs of a frame; several short ones are a list, as on slides they are."""
    lines = ["".join(run.text for run in line.runs) for line in frame.paragraphs]
    lines = [line for line in lines if line.strip()]
    kind = BlockKind.LIST_ITEM if len(lines) > 1 else BlockKind.PARAGRAPH
    for line in lines:
        builder.add(BlockKind.RESIDUE if is_residue(line) else kind, line, page=number)
