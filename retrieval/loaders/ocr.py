"""Pictures of text, read by Debian's tesseract where the `ocr` extra is installed."""

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from retrieval.documents import Document
from retrieval.errors import LoadError
from retrieval.loaders.pdf import check_pages, document_of_pages

if TYPE_CHECKING:
    from PIL.Image import Image

# What tesseract's own guide recommends to scan at.
_DOTS_PER_INCH = 300
_POINTS_PER_INCH = 72
_MAX_PIXELS = 100_000_000
_PAGE_SECONDS = 60


def load_image(data: bytes, name: str, languages: str) -> Document:
    """Reads an image; one of several frames (TIFF, GIF) has as many pages."""
    return _document(_frames(data), name, name.rpartition(".")[2].lower(), languages)


def load_scan(data: bytes, name: str, languages: str) -> Document:
    """Reads the pages of a PDF as pictures."""
    return _document(_rendered(data), name, "pdf", languages)


def _document(pages: "Iterator[Image]", name: str, kind: str, languages: str) -> Document:
    import pytesseract

    texts = []
    try:
        for page in pages:
            read = pytesseract.image_to_string(page, lang=languages, timeout=_PAGE_SECONDS)
            texts.append(str(read).replace("\f", "").strip())
    except pytesseract.TesseractNotFoundError:
        raise LoadError(
            "is a picture of text; install tesseract-ocr, or unset MONAZITE_OCR"
        ) from None
    except pytesseract.TesseractError as error:
        reason = str(error.message).splitlines()[0][:150]
        raise LoadError(f"cannot be read by OCR ({reason}); check MONAZITE_OCR") from error
    return document_of_pages(texts, name, kind)


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


def _rendered(data: bytes) -> "Iterator[Image]":
    import pypdfium2

    with pypdfium2.PdfDocument(data) as document:
        check_pages(len(document))
        for page in document:
            width, height = (side / _POINTS_PER_INCH * _DOTS_PER_INCH for side in page.get_size())
            if width * height > _MAX_PIXELS:
                raise LoadError("has a page too large for OCR; split it")
            yield page.render(scale=_DOTS_PER_INCH / _POINTS_PER_INCH).to_pil()
