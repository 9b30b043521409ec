"""Word documents, read with python-docx in body order."""

import io

from retrieval.dates import date_in_name, stated_date
from retrieval.documents import BlockKind, Document
from retrieval.loaders.archives import check_archive
from retrieval.loaders.titles import title_from_name
from retrieval.residue import is_residue
from retrieval.text_builder import TextBuilder


def load(data: bytes, name: str) -> Document:
    """Loads a `.docx` file: titles, headings, paragraphs, lists and tables."""
    from docx import Document as Docx
    from docx.table import Table

    check_archive(data, ".docx", "Word")
    source = Docx(io.BytesIO(data))
    builder = TextBuilder()
    title = source.core_properties.title.strip()
    for element in source.iter_inner_content():
        if isinstance(element, Table):
            builder.add_table([[cell.text for cell in row.cells] for row in element.rows])
            continue
        kind, level = _kind((element.style.name or "") if element.style else "", element.text)
        if kind is BlockKind.HEADING and level == 1 and not title:
            title = " ".join(element.text.split())
        builder.add(kind, element.text, level=level)
    text = builder.text()
    date = stated_date(text.splitlines()) or date_in_name(name)
    return Document(name, "docx", text, title or title_from_name(name), date, builder.blocks())


def _kind(style: str, text: str) -> tuple[BlockKind, int]:
    if is_residue(text):
        return BlockKind.RESIDUE, 0
    if style == "Title":
        return BlockKind.HEADING, 1
    if style.startswith("Heading"):
        level = style.removeprefix("Heading").strip()
        return BlockKind.HEADING, int(level) if level.isdigit() else 1
    return (BlockKind.LIST_ITEM if style.startswith("List") else BlockKind.PARAGRAPH), 0
