"""PDF, read page by page with pypdf, so that a citation can name its page."""

import io
import re
from collections import Counter
from collections.abc import Sequence

from retrieval.dates import date_in_name, stated_date
from retrieval.documents import Block, Document
from retrieval.errors import LoadError, NoTextLayerError
from retrieval.loaders.pdf_lines import page_text
from retrieval.loaders.titles import title_from_text
from retrieval.plain_structure import plain_blocks

_PAGE_NUMBER = re.compile(r"\A\s*+(?:page\s++)?\d++(?:\s*+(?:of|/)\s*+\d++)?\s*+\Z", re.IGNORECASE)
_HYPHENATED = re.compile(r"(?<=[a-z])[-\u00ad]\n(?=[a-z])")
_GENERIC_TITLE = re.compile(
    r"\A(?:untitled|anonymous|.*\.(?:pdf|docx?|indd|qxd)\b(?s:.*)|microsoft word.*)\Z",
    re.IGNORECASE,
)
_MIN_REPEATS = 3
MAX_PAGES = 5_000


def load(data: bytes, name: str) -> Document:
    """Loads a `.pdf` file. Raises `LoadError` for encrypted files and scans without text."""
    pages, title = _read(data)
    pages = _without_running_lines([_clean(page) for page in pages])
    if not any(page.strip() for page in pages):
        raise NoTextLayerError(
            "has no text layer (a scan?); set MONAZITE_OCR, or run OCR on it and add the result"
        )
    return document_of_pages(pages, name, "pdf", title)


def check_pages(count: int) -> None:
    """Raises `LoadError` for more pages than are read of one file."""
    if count > MAX_PAGES:
        raise LoadError(f"has more than {MAX_PAGES:,} pages; split it")


def document_of_pages(pages: Sequence[str], name: str, kind: str, title: str = "") -> Document:
    """Returns the document that the texts of its pages make, the first of them page 1."""
    parts: list[str] = []
    blocks: list[Block] = []
    offset = 0
    for number, page in enumerate(pages, start=1):
        blocks.extend(plain_blocks(page, offset, number))
        parts.append(page + "\n\n")
        offset += len(page) + 2
    text = "".join(parts)
    date = stated_date(text[:4000].splitlines()) or date_in_name(name)
    return Document(
        name, kind, text, title or title_from_text(text, blocks, name), date, tuple(blocks)
    )


def _read(data: bytes) -> tuple[list[str], str]:
    from pypdf import PdfReader

    if b"%PDF-" not in data[:1024]:
        raise LoadError("is not a PDF (no %PDF header); export it again or fix its ending")
    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        raise LoadError("is protected by a password; add a version without one")
    check_pages(len(reader.pages))
    title = str((reader.metadata.title if reader.metadata else None) or "").strip()
    pages = [page_text(page) for page in reader.pages]
    return pages, "" if _GENERIC_TITLE.fullmatch(title) else title


def _clean(page: str) -> str:
    lines = (re.sub(r"[ \t\u00a0]+", " ", line).strip() for line in page.splitlines())
    return _HYPHENATED.sub(
        "", "\n".join(line for line in lines if not _PAGE_NUMBER.fullmatch(line) or not line)
    )


def _without_running_lines(pages: list[str]) -> list[str]:
    """Drops the first or last line of a page where the same line heads or foots most pages."""
    edges = Counter(
        line for page in pages for line in {*page.splitlines()[:1], *page.splitlines()[-1:]} if line
    )
    running = {line for line, count in edges.items() if count >= max(_MIN_REPEATS, len(pages) // 2)}
    return [
        "\n".join(
            line
            for index, line in enumerate(lines)
            if not (line in running and index in (0, len(lines) - 1))
        )
        for lines in (page.splitlines() for page in pages)
    ]
