"""Plain text. The document's text is the file itself, decoded, so offsets hold in the file."""

from retrieval.dates import date_in_name, stated_date
from retrieval.documents import Document
from retrieval.loaders.encoding import decode_text
from retrieval.loaders.titles import title_from_text
from retrieval.plain_structure import plain_blocks


def load(data: bytes, name: str) -> Document:
    """Loads a `.txt` file."""
    text = decode_text(data)
    blocks = plain_blocks(text)
    date = stated_date(text.splitlines()) or date_in_name(name)
    return Document(name, "txt", text, title_from_text(text, blocks, name), date, blocks)
