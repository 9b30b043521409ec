"""Rich text, read with striprtf as plain text."""

from typing import Any

from retrieval.dates import date_in_name, stated_date
from retrieval.documents import Document
from retrieval.errors import LoadError
from retrieval.loaders.titles import title_from_text
from retrieval.plain_structure import plain_blocks
from retrieval.sanitizing import clean_text


def load(data: bytes, name: str) -> Document:
    """Loads an `.rtf` file; what it looks like is left aside."""
    from striprtf import striprtf

    convert: Any = striprtf.rtf_to_text
    if not data.lstrip().startswith(b"{\\rtf"):
        raise LoadError("is not rich text (no {\\rtf); save it again as .rtf")
    text = clean_text(convert(data.decode("latin-1"), errors="replace"))
    blocks = plain_blocks(text)
    date = stated_date(text.splitlines()) or date_in_name(name)
    return Document(name, "rtf", text, title_from_text(text, blocks, name), date, blocks)
