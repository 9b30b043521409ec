"""Plain text. The document's text is the file itself, decoded, below its front matter."""

from retrieval.dates import date_in_name, stated_date
from retrieval.documents import Document
from retrieval.loaders.encoding import decode_text
from retrieval.loaders.front_matter import split_front_matter
from retrieval.loaders.titles import title_from_text
from retrieval.plain_structure import plain_blocks


def load(data: bytes, name: str) -> Document:
    """Loads a `.txt` file."""
    said, text = split_front_matter(decode_text(data))
    blocks = plain_blocks(text)
    date = said.date or stated_date(text.splitlines()) or date_in_name(name)
    title = said.title or title_from_text(text, blocks, name)
    return Document(name, "txt", text, title, date, blocks, said)
