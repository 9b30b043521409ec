"""Pictures of text, read by Debian's tesseract where the `ocr` extra is installed."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from retrieval.domain.documents import Block, Document
from retrieval.domain.errors import LoadError
from retrieval.domain.places import Place
from retrieval.loading.plain_structure import plain_blocks
from retrieval.loading.titles import title_from_text
from retrieval.text.dates import date_in_name, stated_date

if TYPE_CHECKING:
    from PIL.Image import Image

# What tesseract's own guide recommends to scan at.
_DOTS_PER_INCH = 300
_POINTS_PER_INCH = 72
_MAX_PIXELS = 100_000_000
_PAGE_SECONDS = 60
MAX_PAGES = 5_000


def load_image(data: bytes, name: str, languages: str) -> Document:
    """Reads an image; one of several frames (TIFF, GIF) has as many pages."""
    texts = [_text_of(image, languages) for image in _frames(data)]
    return _document_of_pages(texts, name, name.rpartition(".")[2].lower())


def text_of_page(page: Any, languages: str) -> str:
    """Returns the text of a page of pypdfium2, read as a picture."""
    width, height = (side / _POINTS_PER_INCH * _DOTS_PER_INCH for side in page.get_size())
    if width * height > _MAX_PIXELS:
        raise LoadError("has a page too large for OCR; split it")
    return _text_of(page.render(scale=_DOTS_PER_INCH / _POINTS_PER_INCH).to_pil(), languages)


def check_pages(count: int) -> None:
    """Raises `LoadError` for more pages than are read of one file."""
    if count > MAX_PAGES:
        raise LoadError(f"has more than {MAX_PAGES:,} pages; split it")


def _document_of_pages(pages: Sequence[str], name: str, kind: str) -> Document:
    """Returns the document that the texts of its pages make, the first of them page 1."""
    parts: list[str] = []
    blocks: list[Block] = []
    offset = 0
    for number, page in enumerate(pages, start=1):
        place = Place(page=number)
        blocks += (replace(one, place=place) for one in plain_blocks(page, offset, number))
        parts.append(page + "\n\n")
        offset += len(page) + 2
    text = "".join(parts)
    date = stated_date(text[:4000].splitlines()) or date_in_name(name)
    return Document(name, kind, text, title_from_text(text, blocks, name), date, tuple(blocks))


def _text_of(image: "Image", languages: str) -> str:
    import pytesseract

    try:
        read = pytesseract.image_to_string(image, lang=languages, timeout=_PAGE_SECONDS)
    except pytesseract.TesseractNotFoundError:
        raise LoadError(
            "is a picture of text; install tesseract-ocr, or unset MONAZITE_OCR"
        ) from None
    except pytesseract.TesseractError as error:
        reason = str(error.message).splitlines()[0][:150]
        raise LoadError(f"cannot be read by OCR ({reason}); check MONAZITE_OCR") from error
    return str(read).replace("\f", "").strip()


def _frames(data: bytes) -> "Iterator[Image]":
    from PIL import Image, ImageSequence, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = _MAX_PIXELS
    try:
        with Image.open(io.BytesIO(data)) as image:
            for number, frame in enumerate(ImageSequence.Iterator(image), start=1):
                check_pages(number)
                yield frame.convert("RGB")
    except UnidentifiedImageError:
        raise LoadError("is not an image; fix its ending") from None
    except Image.DecompressionBombError:
        raise LoadError(f"has more than {_MAX_PIXELS:,} pixels; make it smaller") from None
