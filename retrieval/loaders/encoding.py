"""Decodes bytes of text, guessing the encoding only when UTF-8 does not fit."""

import codecs
from contextlib import suppress

from retrieval.errors import LoadError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAX_WESTERN_ACCENTS = 0.15


def decode_text(data: bytes) -> str:
    """Returns `data` as text: by its byte-order mark, as UTF-8, or as the likeliest encoding.

    Raises `LoadError` when the bytes are not text.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = _guess(data)
    if "\0" in text:
        raise LoadError("is not text (it holds NUL bytes); save it as UTF-8 text")
    return text


def _guess(data: bytes) -> str:
    # Western text is ASCII with a few accents; too few for statistics to recognise.
    accents = sum(byte >= 0x80 for byte in data) / len(data)
    if accents < _MAX_WESTERN_ACCENTS:
        with suppress(UnicodeDecodeError):
            return data.decode("cp1252")
    from charset_normalizer import from_bytes

    best = from_bytes(data).best()
    if best is None:
        raise LoadError("is in no encoding that can be recognised; save it as UTF-8")
    return str(best)
