"""E-mails: subject, who wrote to whom and when, every text in it; what is attached is named."""

from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime

from retrieval.domain.documents import BlockKind, Document
from retrieval.domain.errors import LoadError
from retrieval.domain.losses import Loss
from retrieval.domain.places import Place
from retrieval.domain.sanitizing import clean_line
from retrieval.loading.dating import date_of
from retrieval.loading.encoding import decode
from retrieval.loading.formats.html import add_html
from retrieval.loading.markup.eml_quotes import add_mail_text
from retrieval.loading.text_builder import TextBuilder
from retrieval.loading.titles import title_from_name
from retrieval.text.dates import is_past

_HEADERS = ("From", "To", "Cc", "Date")
_MAX_DEPTH = 20
_AS_IT_STANDS = ("", "7bit", "8bit", "binary")


def load(data: bytes, name: str) -> Document:
    """Loads an `.eml` file."""
    message = BytesParser(policy=policy.default).parsebytes(data)
    if not isinstance(message, EmailMessage) or not message.keys():
        raise LoadError("is not an e-mail (no headers); save it again from the mail program")
    builder = TextBuilder()
    _Reader(builder, data).add_message(message, "", 1)
    text, blocks = builder.text(), builder.blocks()
    date, dated_by = _date(message), "date of the mail"
    if date is None:
        date, dated_by = date_of(text, blocks, name)
    title = _header(message, "Subject") or title_from_name(name)
    return Document(
        name, "eml", text, title, date, blocks, losses=builder.losses(), dated_by=dated_by
    )


class _Reader:
    """Adds a message and those inside of it, part by part, to a builder."""

    def __init__(self, builder: TextBuilder, data: bytes) -> None:
        self._builder = builder
        self._data = data
        self._searched = 0

    def add_message(self, message: EmailMessage, part: str, depth: int) -> None:
        """Adds a message; `part` is where it stands in the whole mail."""
        place = Place(part=part)
        subject = _header(message, "Subject")
        self._builder.add(
            BlockKind.HEADING, subject, level=min(depth, 6), place=self._at("Subject", place, depth)
        )
        for name in _HEADERS:
            if value := _header(message, name):
                where = self._at(name, place, depth)
                self._builder.add(BlockKind.PARAGRAPH, f"{name}: {value}", place=where)
        self._add_part(message, part, depth)

    def _add_part(self, message: EmailMessage, part: str, depth: int) -> None:
        kind = message.get_content_type()
        if depth > _MAX_DEPTH:
            self._builder.leave_out(Loss("part of the mail", "is nested too deep"))
        elif kind == "message/rfc822" or (kind == "message/global" and message.is_multipart()):
            self._add_forwarded(message, part, depth)
        elif kind == "multipart/alternative":
            self._add_alternative(message, part, depth)
        elif message.is_multipart():
            for inner in message.iter_parts():
                if isinstance(inner, EmailMessage):
                    self._add_part(inner, part, depth + 1)
        elif _is_text(message):
            self._add_text(message, part)
        else:
            self._name_attachment(message, part)

    def _add_forwarded(self, message: EmailMessage, part: str, depth: int) -> None:
        payload = message.get_payload()
        inner = payload[0] if isinstance(payload, list) and payload else None
        if not isinstance(inner, EmailMessage):
            self._name_attachment(message, part)
            return
        subject = _header(inner, "Subject")
        named = f"forwarded message {subject}".strip()
        self.add_message(inner, f"{part}, {named}" if part else named, depth + 1)

    def _add_alternative(self, message: EmailMessage, part: str, depth: int) -> None:
        """Adds the plain text of a mail, or its HTML where the plain text is only a stub of it."""
        parts = [one for one in message.iter_parts() if isinstance(one, EmailMessage)]
        plain = next((one for one in parts if one.get_content_type() == "text/plain"), None)
        others = [one for one in parts if one is not plain]
        if plain is None or not others:
            rich = others[-1:] or parts[-1:]
        else:
            probe = TextBuilder()
            for one in others:
                _Reader(probe, b"")._add_part(one, "", depth + 1)
            words = len(self._text_of(plain).split())
            # Tables are only data where they are marked as tables.
            tables = any(block.kind is BlockKind.TABLE_ROW for block in probe.blocks())
            rich = others if tables or 2 * words < len(probe.text().split()) else []
        for one in rich or ([plain] if plain is not None else []):
            self._add_part(one, part, depth + 1)
        if plain is not None and not rich:
            # What stands beside the text, such as an invitation, has nothing else to say it.
            for one in others:
                for inner in one.walk():
                    if isinstance(inner, EmailMessage) and inner.get_filename():
                        self._name_attachment(inner, part)

    def _add_text(self, message: EmailMessage, part: str) -> None:
        text = self._text_of(message)
        above = self._lines_above(message)
        place = Place(part=part)
        if message.get_content_type() == "text/html":
            add_html(self._builder, text, above=above, place=place)
        else:
            add_mail_text(self._builder, text, above=above, part=part)

    def _text_of(self, message: EmailMessage) -> str:
        payload = message.get_payload(decode=True)
        if not isinstance(payload, bytes):
            return ""
        try:
            decoded = decode(payload, message.get_content_charset() or "")
        except LoadError:
            # One part that is no text does not cost the rest of the mail.
            decoded = decode(payload.replace(b"\0", b""))
        for loss in decoded.losses():
            self._builder.leave_out(loss)
        return decoded.text

    def _name_attachment(self, message: EmailMessage, part: str) -> None:
        name = clean_line(message.get_filename() or "")
        if name:
            self._builder.add(BlockKind.PARAGRAPH, f"Attached: {name}", place=Place(part=part))
        what = "attachment" if name else f"attachment ({message.get_content_type()})"
        self._builder.leave_out(
            Loss(what, "is not read; add it as a file of its own", where=name or "without a name")
        )

    def _lines_above(self, message: EmailMessage) -> int | None:
        """How many lines of the file stand above a text that stands in it as it is."""
        encoding = str(message.get("Content-Transfer-Encoding", "")).strip().lower()
        payload = message.get_payload(decode=True)
        if encoding not in _AS_IT_STANDS or not isinstance(payload, bytes) or not payload.strip():
            return None
        first = payload.strip().splitlines()[0]
        found = self._data.find(payload.strip()[:2_000], self._searched)
        if found < 0:
            found = self._data.find(first, self._searched)
        if found < 0:
            return None
        self._searched = found
        leading = len(payload) - len(payload.lstrip())
        return self._data.count(b"\n", 0, found) - payload[:leading].count(b"\n")

    def _at(self, header: str, place: Place, depth: int) -> Place:
        """Where a header of the outermost message stands."""
        if depth > 1:
            return place
        lines = self._data[:200_000].splitlines()
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                break
            if line.lower().startswith(f"{header.lower()}:".encode()):
                last = number
                while last < len(lines) and lines[last][:1] in (b" ", b"\t"):
                    last += 1
                return Place(part=place.part, first_line=number, last_line=last)
        return place


def _is_text(message: EmailMessage) -> bool:
    """Says whether a part is text to be read in the mail, and no file that is attached to it."""
    attached = message.get_content_disposition() == "attachment" and message.get_filename()
    kinds = (
        "text/plain",
        "text/html",
        "text/enriched",
        "text/rfc822-headers",
        "message/delivery-status",
    )
    return not attached and message.get_content_type() in kinds


def _header(message: EmailMessage, name: str) -> str:
    raw = {key.lower(): str(value) for key, value in reversed(list(message.raw_items()))}
    if name == "Date":
        # The parser would write it anew, with another day of the week where that was wrong.
        return clean_line(raw.get("date", ""))
    try:
        return clean_line(str(message[name] or ""))
    except Exception:  # noqa: BLE001  headers are parsed when they are read, and many are malformed
        return clean_line(raw.get(name.lower(), ""))


def _date(message: EmailMessage) -> str | None:
    try:
        sent: datetime = parsedate_to_datetime(_header(message, "Date"))
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    iso = sent.date().isoformat()
    return iso if is_past(iso) else None
