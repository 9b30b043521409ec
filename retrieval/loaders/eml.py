"""E-mails: subject, who wrote to whom and when, and the text; what is attached is named only."""

from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime

from retrieval.documents import BlockKind, Document
from retrieval.errors import LoadError
from retrieval.loaders import html
from retrieval.loaders.titles import title_from_name
from retrieval.plain_structure import plain_blocks
from retrieval.text_builder import TextBuilder

_HEADERS = ("From", "To", "Cc", "Date")


def load(data: bytes, name: str) -> Document:
    """Loads an `.eml` file."""
    message = BytesParser(policy=policy.default).parsebytes(data)
    if not isinstance(message, EmailMessage) or not message.keys():
        raise LoadError("is not an e-mail (no headers); save it again from the mail program")
    builder = TextBuilder()
    subject = str(message["Subject"] or "").strip()
    builder.add(BlockKind.HEADING, subject, level=1)
    for header in _HEADERS:
        if message[header]:
            builder.add(BlockKind.PARAGRAPH, f"{header}: {message[header]}")
    _add_body(builder, message, name)
    for part in message.iter_attachments():
        builder.add(BlockKind.PARAGRAPH, f"Attached: {part.get_filename() or 'without a name'}")
    title = subject or title_from_name(name)
    return Document(name, "eml", builder.text(), title, _date(message), builder.blocks())


def _add_body(builder: TextBuilder, message: EmailMessage, name: str) -> None:
    body = message.get_body(preferencelist=("plain", "html"))
    if body is None:
        return
    content = body.get_content()
    if body.get_content_type() == "text/html":
        document = html.load(content.encode("utf-8"), name)
        text, blocks = document.text, document.blocks
    else:
        text = content
        blocks = plain_blocks(text)
    for block in blocks:
        part = text[block.start : block.end]
        builder.add(block.kind, part, level=block.level, header=block.header)


def _date(message: EmailMessage) -> str | None:
    try:
        return parsedate_to_datetime(str(message["Date"])).date().isoformat()
    except (TypeError, ValueError):
        return None
