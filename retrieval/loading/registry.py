"""Turns files into documents: one module a format, chosen by the file's ending."""

from collections.abc import Callable
from importlib import import_module
from pathlib import PurePosixPath

from retrieval.domain.documents import Document, cleaned
from retrieval.domain.errors import LoadError, first_line, how_to_install

# Modules are imported on first use: a folder of text files never pays for a PDF reader.
_MODULES = {
    ".txt": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".pdf": "pdf",
    ".docx": "docx",
    ".pptx": "pptx",
    ".xlsx": "xlsx",
    ".xls": "old_workbooks",
    ".xlsb": "old_workbooks",
    ".ods": "old_workbooks",
    ".csv": "csv",
    ".tsv": "csv",
    ".eml": "eml",
    ".rtf": "rtf",
}
# Recognised, so that each fails by name instead of being passed over in silence.
_IMAGES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".gif", ".bmp", ".webp")
_FOR_OCR = ("PIL", "pytesseract")
SUPPORTED_ENDINGS = tuple(_MODULES)
_TAKEN_UP = (*_MODULES, *_IMAGES)


def is_supported(name: str) -> bool:
    """Says whether a file of this name is taken up; an image is, to be reported as one."""
    return name.lower().endswith(_TAKEN_UP)


def load_document(data: bytes, name: str, ocr: str = "") -> Document:
    """Returns the document in `data`; `name` is its relative path and decides the format.

    `ocr` names the languages in which pictures of text are read (`eng+chi_sim`), if they are.
    Raises `LoadError`, with a reason for a person, when the bytes are not what
    the ending says, hold no text, or use an ending that is not supported; `MemoryError`
    where there is too little. Its texts are clean, whatever the file holds.
    """
    ending = PurePosixPath(name).suffix.lower()
    if ending in _IMAGES and not ocr:
        raise LoadError(
            "is an image without a text layer; set MONAZITE_OCR, or run OCR on it and add the result"
        )
    if ending not in (*_MODULES, *_IMAGES):
        raise LoadError(f"{ending or 'no ending'} is not supported; use {' '.join(_MODULES)}")
    try:
        document = cleaned(_read(data, name, ending, ocr))
    except (LoadError, MemoryError):
        raise
    except Exception as error:
        if isinstance(error, ModuleNotFoundError) and error.name in _FOR_OCR:
            raise LoadError(f"needs {error.name} for OCR; run: {how_to_install('ocr')}") from error
        raise LoadError(f"cannot be read as {ending}: {first_line(error)[:200]}") from error
    if not any(character.isalnum() for character in document.text):
        raise LoadError("holds no text; remove it, or add a version with a text layer")
    return document


def _read(data: bytes, name: str, ending: str, ocr: str) -> Document:
    if ending in _IMAGES:
        from retrieval.loading.formats.ocr import load_image

        return load_image(data, name, ocr)
    module = import_module(f"retrieval.loading.formats.{_MODULES[ending]}")
    if ending == ".pdf":
        # Pages of pictures may stand beside pages of text, and so the reader itself decides.
        pdf: Callable[[bytes, str, str], Document] = module.load
        return pdf(data, name, ocr)
    load: Callable[[bytes, str], Document] = module.load
    return load(data, name)
