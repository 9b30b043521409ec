"""PDF, read with pdfium by where its characters stand, so that a citation can name its page."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from retrieval.domain.documents import BlockKind, Document
from retrieval.domain.errors import LoadError, NoTextLayerError
from retrieval.domain.losses import Loss
from retrieval.domain.places import Place
from retrieval.domain.table_data import Cell, Column, Row, Table
from retrieval.loading.formats.ocr import check_pages, text_of_page
from retrieval.loading.pdf.captions import caption_of, legend_in
from retrieval.loading.pdf.glyphs import page_content
from retrieval.loading.pdf.grids import Grid, table_of
from retrieval.loading.pdf.pages import (
    Item,
    KeyFigure,
    PageLines,
    Pages,
    lines_of_page,
    put_together,
)
from retrieval.loading.pdf.paragraphs import Paragraph
from retrieval.loading.plain_structure import plain_blocks
from retrieval.loading.text_builder import TextBuilder
from retrieval.loading.titles import title_from_text
from retrieval.text.dates import date_in_name, stated_date
from retrieval.text.key_values import is_field, is_known_field

_GENERIC_TITLE = re.compile(
    r"\A(?:untitled|anonymous|.*\.(?:pdf|docx?|indd|qxd)\b(?s:.*)|microsoft word.*)\Z",
    re.IGNORECASE,
)
_OPENING_CHARS = 4_000
_MAX_FIELD_CHARS = 60
_NOTE = re.compile(r" \(note [^()]{0,80}\)")


@dataclass(slots=True)
class _Read:
    """What was read of a file, page by page; pages are counted from 1."""

    title: str = ""
    labels: list[str] = field(default_factory=list)
    pages: list[PageLines] = field(default_factory=list)
    scanned: dict[int, str] = field(default_factory=dict)
    without_text: list[int] = field(default_factory=list)
    unreadable: list[int] = field(default_factory=list)
    pictures: dict[int, int] = field(default_factory=dict)

    def has_text(self) -> bool:
        return bool(self.scanned) or any(
            page.rows or page.grids or page.others for page in self.pages
        )


def load(data: bytes, name: str, ocr: str = "") -> Document:
    """Loads a `.pdf` file; `ocr` names the languages in which pages without text are read, if any.

    Raises `LoadError` for files that need a password, and for scans without text.
    """
    if b"%PDF-" not in data[:1024]:
        raise LoadError("is not a PDF (no %PDF header); export it again or fix its ending")
    with _opened(data) as document:
        read = _read(document, ocr)
    if not read.has_text():
        if ocr:
            raise LoadError("holds no text; remove it, or add a version with a text layer")
        raise NoTextLayerError(
            "has no text layer (a scan?); set MONAZITE_OCR, or run OCR on it and add the result"
        )
    pages = put_together(read.pages)
    builder = TextBuilder()
    _write(builder, pages, read)
    _tell_losses(builder, pages, read, ocr)
    text, blocks = builder.text(), builder.blocks()
    opening = [
        line
        for block in blocks
        if block.kind is not BlockKind.TABLE_ROW and block.start < _OPENING_CHARS
        for line in text[block.start : block.end].splitlines()
    ]
    date = stated_date(opening) or date_in_name(name)
    title = read.title or _NOTE.sub("", title_from_text(text, blocks, name))
    return Document(name, "pdf", text, title, date, blocks, losses=builder.losses())


@contextmanager
def _opened(data: bytes) -> Iterator[Any]:
    import pypdfium2
    from pypdfium2 import raw

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == raw.FPDF_ERR_PASSWORD:
            raise LoadError("is protected by a password; add a version without one") from error
        raise
    try:
        yield document
    finally:
        document.close()


def _read(document: Any, ocr: str) -> _Read:
    import pypdfium2

    count = len(document)
    check_pages(count)
    title = " ".join(str(document.get_metadata_value("Title")).split())
    read = _Read("" if _GENERIC_TITLE.fullmatch(title) else title)
    for number in range(1, count + 1):
        lines = PageLines([], [], [])
        try:
            page = document[number - 1]
        except pypdfium2.PdfiumError:
            read.unreadable.append(number)
        else:
            try:
                lines = _read_page(page, number, read, ocr)
            finally:
                page.close()
        read.pages.append(lines)
        read.labels.append(document.get_page_label(number - 1))
    return read


def _read_page(page: Any, number: int, read: _Read, ocr: str) -> PageLines:
    content = page_content(page)
    if content.pictures:
        read.pictures[number] = content.pictures
    if not content.directions and content.drawn:
        text = text_of_page(page, ocr) if ocr else ""
        if text:
            read.scanned[number] = text
            read.pictures.pop(number, None)
        else:
            read.without_text.append(number)
    return lines_of_page(content, number)


def _write(builder: TextBuilder, pages: Pages, read: _Read) -> None:
    legend = legend_in(item.text for item in pages.items if isinstance(item, Paragraph))
    places = [
        Place(page=number, page_label=printed or (said if said != str(number) else ""))
        for number, (printed, said) in enumerate(zip(pages.labels, read.labels, strict=True), 1)
    ]
    scans = dict(read.scanned)
    fields = _fields(pages.items)
    for index, item in enumerate(pages.items):
        page = _page_of(item)
        for number in [number for number in scans if number < page]:
            _write_scan(builder, scans.pop(number), places[number - 1])
        place = places[page - 1]
        if isinstance(item, Grid):
            table = table_of(item, caption_of(pages.items, index), legend)
            builder.add_data(table, place, page)
        elif isinstance(item, KeyFigure):
            builder.add_data(_key_figure(item), place, page)
        else:
            kind = BlockKind.LIST_ITEM if index in fields else item.kind
            builder.add(kind, item.text, level=item.level, page=page, place=place)
    for number, text in scans.items():
        _write_scan(builder, text, places[number - 1])


def _page_of(item: Item) -> int:
    if isinstance(item, Grid):
        return (item.body or item.first)[0].page
    return item.page


def _key_figure(item: KeyFigure) -> Table:
    row = Row((item.label.text,), (Cell(item.figure.text),), item.page)
    return Table((Column(()),), (row,))


def _fields(items: Sequence[Item]) -> set[int]:
    """Returns which paragraphs are fields, such as "Buyer: Ardennes Aciers": several stand together."""
    likely = [
        isinstance(item, Paragraph)
        and item.kind is BlockKind.PARAGRAPH
        and len(item.lines) == 1
        and bool(item.lines[0].words[0].text)
        and not (item.text.endswith(".") and len(item.text) > _MAX_FIELD_CHARS)
        and is_field(item.text)
        for item in items
    ]
    found = set()
    for index, item in enumerate(items):
        beside = any(likely[max(0, index - 1) : index]) or any(likely[index + 1 : index + 2])
        if likely[index] and isinstance(item, Paragraph) and (beside or is_known_field(item.text)):
            found.add(index)
    return found


def _write_scan(builder: TextBuilder, text: str, place: Place) -> None:
    for block in plain_blocks(text):
        words = text[block.start : block.end]
        builder.add(
            block.kind, words, level=block.level, page=place.page, header=block.header, place=place
        )


def _tell_losses(builder: TextBuilder, pages: Pages, read: _Read, ocr: str) -> None:
    count = len(read.pages)
    if read.without_text:
        why = "OCR found none" if ocr else "OCR is off: set MONAZITE_OCR"
        where = _page_ranges(read.without_text, count)
        builder.leave_out(Loss("pages without text", why, len(read.without_text), where=where))
    if read.unreadable:
        where = _page_ranges(read.unreadable, count)
        builder.leave_out(
            Loss("damaged pages", "they cannot be read", len(read.unreadable), where=where)
        )
    if pages.running:
        words = sum(len(text.split()) for text in pages.running)
        why = "they repeat from page to page"
        shown = "; ".join(dict.fromkeys(pages.running))[:100]
        builder.leave_out(
            Loss("running headers and footers", why, len(pages.running), words, shown)
        )
    pictures = {page: n for page, n in read.pictures.items() if page not in read.without_text}
    if pictures:
        where = _page_ranges(list(pictures), count)
        builder.leave_out(
            Loss("pictures", "text in them is not read", sum(pictures.values()), where=where)
        )


def _page_ranges(numbers: Sequence[int], count: int) -> str:
    """Returns numbers of pages in words, such as `pages 3 to 9, 11 of 12`."""
    runs = [
        [number for _, number in group]
        for _, group in groupby(enumerate(sorted(numbers)), key=lambda pair: pair[1] - pair[0])
    ]
    told = [f"{run[0]} to {run[-1]}" if len(run) > 1 else str(run[0]) for run in runs]
    more = ", …" if len(told) > 20 else ""
    word = "pages" if len(numbers) > 1 else "page"
    return f"{word} {', '.join(told[:20])}{more} of {count}"
