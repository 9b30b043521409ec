"""Pictures of text, read by the real tesseract."""

import io
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from retrieval.domain.errors import LoadError
from retrieval.loading.document_reader import DocumentReader, ReadingLimits
from retrieval.loading.registry import load_document
from tests.conftest import MakeAssembly

_FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"


def picture(text: str) -> Image.Image:
    image = Image.new("RGB", (1700, 400), "white")
    ImageDraw.Draw(image).text((60, 60), text, fill="black", font=ImageFont.truetype(_FONT, 44))
    return image


def as_bytes(images: list[Image.Image], kind: str) -> bytes:
    target = io.BytesIO()
    images[0].save(target, kind, save_all=True, append_images=images[1:])
    return target.getvalue()


PAGES = [
    picture("Cerium oxide polishes glass."),
    picture("Terbium costs 812 dollars per kilogram."),
]


@pytest.mark.parametrize(("name", "kind"), [("scan.pdf", "PDF"), ("fax.gif", "GIF")])
def test_scans_are_read_page_by_page(name: str, kind: str) -> None:
    data = as_bytes(PAGES, kind)
    with pytest.raises(LoadError, match="set MONAZITE_OCR"):
        load_document(data, name)
    document = load_document(data, name, "eng")
    pages = {document.text[b.start : b.end]: b.page for b in document.blocks}
    assert pages["Terbium costs 812 dollars per kilogram."] == 2


def test_an_image_is_answered_from_where_ocr_is_set(
    make_assembly: MakeAssembly, tmp_path: Path
) -> None:
    folder = tmp_path / "scans"
    folder.mkdir()
    PAGES[1].save(folder / "price-2024-05.png")
    installation = make_assembly(ocr="eng")
    assert installation.indexer.index([folder]).failed == []
    answer = installation.answerer.answer("What does terbium cost?")
    assert "812 dollars" in answer.text
    assert (answer.citations[0].page, answer.citations[0].date) == (1, "2024-05")


@pytest.mark.parametrize(
    ("data", "languages", "reason"),
    [
        (b"\x89PNG", "eng", "is not an image"),
        (as_bytes(PAGES, "PNG"), "xyz", "cannot be read by OCR .* check MONAZITE_OCR"),
        (as_bytes([Image.new("RGB", (900, 200), "white")], "PNG"), "eng", "holds no text"),
        (as_bytes([Image.new("1", (16000, 16000))], "PNG"), "eng", "pixels; make it smaller"),
    ],
)
def test_what_ocr_cannot_read_says_why(data: bytes, languages: str, reason: str) -> None:
    reader = DocumentReader(ReadingLimits(ocr=languages))
    with pytest.raises(LoadError, match=reason):
        reader.read(data, "a.png")
    reader.close()


def test_a_missing_tesseract_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(LoadError, match="install tesseract-ocr"):
        load_document(as_bytes(PAGES, "PNG"), "a.png", "eng")
