"""Plain text. The document's text is the file itself, decoded, but for the rows of clear tables."""

from retrieval.domain.documents import Document
from retrieval.loading.dating import date_of
from retrieval.loading.encoding import decode
from retrieval.loading.front_matter import parse_front_matter
from retrieval.loading.plain_text import line_ends, structured
from retrieval.loading.titles import title_from_text


def load(data: bytes, name: str) -> Document:
    """Loads a `.txt` file."""
    decoded = decode(data)
    front = parse_front_matter(decoded.text)
    said, body = front.said, front.body
    above = line_ends(decoded.text[: len(decoded.text) - len(body)])
    text, blocks = structured(body, above)
    date, dated_by = (said.date, "front matter") if said.date else date_of(text, blocks, name)
    title = said.title or title_from_text(text, blocks, name)
    return Document(
        name, "txt", text, title, date, blocks, said, (*decoded.losses(), *front.losses),
        dated_by=dated_by,
    )  # fmt: skip
