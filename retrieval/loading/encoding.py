"""Decodes bytes of text: by mark, as UTF-8, as declared, or as the likeliest encoding.

One bad byte does not change how the rest is read: it becomes U+FFFD, and is counted.
"""

import codecs
import re
from contextlib import suppress
from dataclasses import dataclass

from retrieval.domain.errors import LoadError
from retrieval.domain.losses import Loss

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Encodings that are declared by an older name than the one they are written in (WHATWG Encoding).
_SUPERSETS = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874",
    "tis-620": "cp874", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932",
    "euc_kr": "cp949", "big5": "big5hkscs",
}  # fmt: skip
_REPLACEMENT = "\ufffd"
_LOOKED_AT = 200_000
_MIXED_WORD = re.compile(r"[A-Za-z][Ͱ-ӿ]|[Ͱ-ӿ][A-Za-z]")
_FOREIGN_LETTER = re.compile(r"[Ͱ-ӿ]+")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, the encoding that it was read in, and how many bytes or characters were no text in it."""

    text: str
    encoding: str
    damaged: int = 0

    def losses(self) -> tuple[Loss, ...]:
        """Returns what was lost, if anything."""
        if not self.damaged:
            return ()
        why = f"not {self.encoding}; shown as \ufffd"
        return (Loss("damaged characters", why, count=self.damaged),)


def decode_text(data: bytes) -> str:
    """Returns `data` as text. Raises `LoadError` when the bytes are not text."""
    return decode(data).text


def decode(data: bytes, declared: str = "") -> Decoded:
    """Returns `data` as text; `declared` is the encoding that a page or mail names.

    A byte-order mark wins, then UTF-8 where it fits, then what is declared, then UTF-8 with some
    damage, then a guess. Raises `LoadError` when the bytes are not text.
    """
    found = _decoded(data, declared)
    nulls = found.text.count("\0")
    if nulls > 1 + len(found.text) // 200:
        raise LoadError("is not text (it holds NUL bytes); save it as UTF-8 text")
    if nulls:
        # One of a tick box or a bad copy does not make a program of a text.
        text = found.text.replace("\0", _REPLACEMENT)
        return Decoded(text, found.encoding, found.damaged + nulls)
    return found


def known_encoding(declared: str) -> str:
    """Returns the encoding that is meant by a declared name; "" for one that is not known."""
    with suppress(LookupError, ValueError, UnicodeError):
        name = codecs.lookup(declared.strip(" \"'").replace("x-sjis", "shift_jis")).name
        b"".decode(name)
        return _SUPERSETS.get(name, name)
    return ""


def _decoded(data: bytes, declared: str) -> Decoded:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _tolerant(data[len(mark) :], encoding)
    with suppress(UnicodeDecodeError):
        text = data.decode("utf-8")
        return _wide(data) or Decoded(text, "UTF-8") if "\0" in text else Decoded(text, "UTF-8")
    if wide := _wide(data):
        return wide
    if (encoding := known_encoding(declared)) and encoding != "utf-8":
        found = _tolerant(data, encoding)
        if found.damaged <= 1 + len(found.text) // 100:
            return found
    return _nearly_utf8(data) or _tolerant(data, _likeliest(data))


def _tolerant(data: bytes, encoding: str) -> Decoded:
    text = data.decode(encoding, errors="replace")
    genuine = _REPLACEMENT.encode(encoding, errors="ignore")
    known = data.count(genuine) if genuine else 0
    return Decoded(text, encoding, max(0, text.count(_REPLACEMENT) - known))


def _wide(data: bytes) -> Decoded | None:
    """UTF-16 without a mark: nearly half of the bytes of Western text are NULs, on one side."""
    head = data[:_LOOKED_AT]
    for encoding, nulls, letters in (
        ("utf-16-le", head[1::2], head[::2]),
        ("utf-16-be", head[::2], head[1::2]),
    ):
        if len(head) > 3 and nulls.count(0) > 0.7 * len(nulls) and not letters.count(0):
            return _tolerant(data, encoding)
    return None


def _nearly_utf8(data: bytes) -> Decoded | None:
    """UTF-8 with a bad byte here and there: of files joined, cut off, or damaged."""
    found = _tolerant(data, "utf-8")
    letters = sum(character > "\x7f" for character in found.text) - found.damaged
    return found if letters > 0 and found.damaged <= max(1, letters // 4) else None


def _likeliest(data: bytes) -> str:
    """The encoding that a reader would choose; Western where nothing speaks for another."""
    import chardet

    sample = data
    if len(data) > _LOOKED_AT:
        # Of a long text only the lines that are more than ASCII tell anything.
        lines = [line for line in data.splitlines(keepends=True) if not line.isascii()]
        sample = b"".join(lines)[:_LOOKED_AT]
    guess = chardet.detect(sample, encoding_era=chardet.EncodingEra.MODERN_WEB)
    encoding = known_encoding(guess["encoding"] or "") or "cp1252"
    if encoding == "utf-8":
        return "cp1252"
    # Greek and Cyrillic letters inside of Latin words are accents of another encoding.
    text = sample.decode(encoding, errors="replace")
    if 2 * len(_MIXED_WORD.findall(text)) > len(_FOREIGN_LETTER.findall(text)) > 0:
        return "cp1252"
    return encoding
