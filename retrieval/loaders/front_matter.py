"""Front matter: YAML between two lines of dashes, at the top of a text."""

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from retrieval.access import shortened
from retrieval.access_words import about_access, like_access, names_readers, stray_access
from retrieval.errors import AccessUnclearError, LoadError
from retrieval.loaders.encoding import decode_text
from retrieval.metadata import KNOWN_KEYS, UNSAID, Metadata, read_front_matter
from retrieval.strict_yaml import read_yaml

# Formats whose front matter is read, and other texts, in which none is expected.
READ = (".md", ".markdown", ".txt")
_OTHER_TEXTS = (".csv", ".tsv", ".html", ".htm", ".eml", ".rtf")
_MAX_BLOCK = 64_000
_LOOKED_AT = 256_000
_LINE_END = r"(?:\r\n|\r|\n)"
# Blank lines and signs that nobody sees may stand above it.
_FRONT_MATTER = re.compile(
    rf"\A(?:[\ufeff\u200b-\u200d\u2060]|[ \t]*{_LINE_END}){{0,200}}---[ \t]*{_LINE_END}"
    rf"(?P<block>.{{0,{_MAX_BLOCK}}}?){_LINE_END}(?:---|\.\.\.)[ \t]*(?:{_LINE_END}|\Z)",
    re.DOTALL,
)
_MEND = "so who may see it cannot be told; mend it"


def split_front_matter(source: str) -> tuple[Metadata, str]:
    """Returns what front matter says, and the text below it; all of it where there is none.

    Raises `AccessUnclearError` where it says who may see the document, but not so that it can be
    understood, and `LoadError` for a known key that stands there twice.
    """
    said, body = _split(source)
    if stray := stray_access(body):
        raise AccessUnclearError(
            f"has {shortened(stray)} where no front matter can be read, {_MEND} "
            "(three dashes above and below, in the first line)"
        )
    return said, body


def access_said(data: bytes, name: str) -> str | None:
    """Returns the access label that a file's own text gives it, None where it gives none.

    Looks at texts only, and no further than front matter can reach. Raises `AccessUnclearError`
    where it was meant to give one that cannot be told.
    """
    ending = PurePosixPath(name).suffix.lower()
    if ending not in (*READ, *_OTHER_TEXTS):
        return None
    text = _head_of(data)
    if ending in READ:
        try:
            return split_front_matter(text)[0].access
        except AccessUnclearError:
            raise
        except LoadError:
            return None
    check_no_access(text)
    return None


def check_no_access(text: str) -> None:
    """Raises `AccessUnclearError` for the text of a format without front matter that has access."""
    if stray := stray_access(text):
        raise AccessUnclearError(
            f"has {shortened(stray)} at its head, but only .md and .txt files may say who may "
            "see them; say it in sources.yaml and take it out"
        )


def _head_of(data: bytes) -> str:
    head = data[:_LOOKED_AT]
    if len(data) > _LOOKED_AT:
        # Not within a letter of UTF-8.
        head = head[: max(head.rfind(b"\n"), head.rfind(b"\r"), _LOOKED_AT - 4)]
    try:
        return decode_text(head)
    except (LoadError, UnicodeDecodeError):
        return head.replace(b"\0", b"").decode("latin-1")


def _split(source: str) -> tuple[Metadata, str]:
    match = _FRONT_MATTER.match(source)
    if not match:
        return UNSAID, source
    block, body = match["block"], source[match.end() :]
    try:
        found = read_yaml(re.sub(_LINE_END, "\n", block))
    except ValueError as error:
        return _not_understood(block, source, error)
    if not isinstance(found, Mapping):
        if any(like_access(key) or names_readers(value) for key, value in _keys(found)):
            raise AccessUnclearError(f"has front matter that is no list of keys, {_MEND}")
        return _not_understood(block, source, None)
    for key, _ in _keys(list(found.values())):
        if like_access(key):
            raise AccessUnclearError(f"has {key!r} below another key, {_MEND}")
    try:
        return read_front_matter(found), body
    except ValueError as error:
        raise AccessUnclearError(f"has front matter that cannot be understood: {error}") from error


def _not_understood(block: str, source: str, error: ValueError | None) -> tuple[Metadata, str]:
    """A rule between lines of prose is no front matter; what speaks of access is refused."""
    if stray_access(f"---\n{block.strip()}\n---"):
        why = f" ({error})" if error else ""
        raise AccessUnclearError(f"has front matter that is not understood{why}, {_MEND}")
    if error and "twice" in str(error) and _knows_a_key(block):
        raise LoadError(f"has front matter that {error}")
    return UNSAID, source


def _knows_a_key(block: str) -> bool:
    return any(
        line.partition(":")[0].strip().lower() in KNOWN_KEYS for line in block.splitlines()[:100]
    )


def _keys(found: Any) -> Iterator[tuple[str, str]]:
    """Every key inside of what was read, however deep (it is bounded), with its value as text."""
    if isinstance(found, Mapping):
        for key, value in found.items():
            if about_access(str(key)):
                yield str(key), str(value) if isinstance(value, str) else ""
            yield from _keys(value)
    elif isinstance(found, list):
        for one in found:
            yield from _keys(one)
