"""Reads what front matter and source lists say about a document."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any

from retrieval.domain.access import label_of, shortened
from retrieval.domain.metadata import Metadata
from retrieval.text.access_words import like_access
from retrieval.text.dates import parse_date

_MAX_CHARS, _MAX_TAGS = 500, 50


_ISO = re.compile(r"(?:19|20)\d\d(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01])(?:T.*)?)?)?$")


# What a document may say of itself, and what a source list may say of it besides.
KNOWN_KEYS = ("title", "date", "author", "tags", "language", "access")


_LISTED = (*KNOWN_KEYS, "added_by", "added_at")


def read_front_matter(given: Mapping[Any, Any]) -> Metadata:
    """Returns what the fields of front matter say; what cannot be understood is passed over.

    Raises `ValueError` for an access that cannot be understood, and for a key that was likely
    meant as `access`.
    """
    said: dict[str, Any] = {}
    for name, value in _by_key(given):
        if name not in KNOWN_KEYS:
            if like_access(name) and not isinstance(value, dt.date):
                raise ValueError(f"the key {shortened(name)} is not known; write access")
            continue
        try:
            said[name] = _understood(name, value)
        except ValueError:
            if name == "access":
                raise
    return Metadata(**said)


def read_entry(given: Mapping[Any, Any]) -> Metadata:
    """Returns what the fields of an entry in a source list say; raises `ValueError`."""
    said: dict[str, Any] = {}
    for name, value in _by_key(given):
        if name not in _LISTED:
            raise ValueError(f"{shortened(name)} is not known; use {', '.join(KNOWN_KEYS)}")
        said[name] = _understood(name, value)
    return Metadata(**said)


def _by_key(given: Mapping[Any, Any]) -> Iterator[tuple[str, Any]]:
    """The fields by their keys in small letters; raises `ValueError` for one that stands twice."""
    seen: set[str] = set()
    for name, value in given.items():
        key = str(name).strip().lower() if isinstance(name, (str, int)) else shortened(name)
        if key in seen and (key in _LISTED or like_access(key)):
            raise ValueError(f"the key {shortened(key)} stands there twice; keep one of them")
        seen.add(key)
        yield key, value


def _understood(key: str, value: Any) -> str | tuple[str, ...]:
    if key == "access":
        return label_of(_ids(value))
    values = value if isinstance(value, list) else str(value or "").split(",")
    if key == "tags":
        return tuple(text for tag in values[:_MAX_TAGS] if (text := _text(tag)))
    if key == "author" and isinstance(value, list):
        return ", ".join(_text(one) for one in values[:_MAX_TAGS])
    text = value.isoformat() if isinstance(value, dt.date) else _text(value)
    if key != "date":
        return text
    date = text[:10] if _ISO.match(text) else parse_date(text)
    if date is None:
        raise ValueError(
            f"date {shortened(text)} is not understood; write 2024-12-31, 2024-12 or 2024"
        )
    return date


def _ids(value: Any) -> list[Any]:
    """The ids that an access names, in a list or separated by commas."""
    if isinstance(value, str):
        return value.split(",") if value.strip() else []
    return value if isinstance(value, list) else [] if value is None else [value]


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ValueError(f"{shortened(value)} is no text; put it in quotes")  # noqa: TRY004  told with the other wrong values
    return str(value).strip()[:_MAX_CHARS]
