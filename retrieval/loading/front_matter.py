"""Front matter: YAML between two lines of dashes, or TOML between pluses, at the top of a text."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from retrieval.domain.access import shortened
from retrieval.domain.errors import AccessUnclearError, LoadError
from retrieval.domain.losses import Loss
from retrieval.domain.metadata import UNSAID, Metadata
from retrieval.loading.encoding import decode_text
from retrieval.text.access_words import about_access, like_access, names_readers, stray_access
from retrieval.text.metadata_fields import KNOWN_KEYS, read_front_matter
from retrieval.text.strict_yaml import read_yaml

# Formats whose front matter is read, and other texts, in which none is expected.
READ = (".md", ".markdown", ".txt")
_OTHER_TEXTS = (".csv", ".tsv", ".html", ".htm", ".eml", ".rtf")
_MAX_BLOCK = 64_000
_LOOKED_AT = 256_000
_LINE_END = r"(?>\r\n|\r|\n)"
_LINE_ENDS = re.compile(_LINE_END)
# Blank lines and signs that nobody sees may stand above it.
_FRONT_MATTER = re.compile(
    rf"\A(?:[\ufeff\u200b-\u200d\u2060]|[ \t]*+{_LINE_END}){{0,200}}+---[ \t]*{_LINE_END}"
    rf"(?P<block>.{{0,{_MAX_BLOCK}}}?){_LINE_END}(?:---|\.\.\.)[ \t]*(?:{_LINE_END}|\Z)",
    re.DOTALL,
)
_TOML = re.compile(
    rf"\A\ufeff?\+\+\+[ \t]*{_LINE_END}(?P<block>.{{0,{_MAX_BLOCK}}}?){_LINE_END}\+\+\+[ \t]*(?:{_LINE_END}|\Z)",
    re.DOTALL,
)
# A value that begins with none of YAML's signs is what it says, whatever stands in it.
_PLAIN_PAIR = re.compile(
    r"(?P<key>[A-Za-z][\w -]{0,40}?):[ \t]+(?P<value>[^\s\"'\[{|>&*!#].{0,2000})"
)
_MEND = "so who may see it cannot be told; mend it"


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What front matter says, the text below it, and what of it could not be understood."""

    said: Metadata
    body: str
    losses: tuple[Loss, ...] = ()


def split_front_matter(source: str) -> tuple[Metadata, str]:
    """Returns what front matter says, and the text below it; all of it where there is none.

    Raises as `parse_front_matter` does.
    """
    found = parse_front_matter(source)
    return found.said, found.body


def parse_front_matter(source: str) -> FrontMatter:
    """Returns what the front matter at the top of a text says: YAML, or TOML between lines of plus.

    A value that holds a colon needs no quotes. Raises `AccessUnclearError` where it says who may
    see the document, but not so that it can be understood, and `LoadError` for a known key that
    stands there twice.
    """
    found = _split(source)
    if stray := stray_access(found.body):
        raise AccessUnclearError(
            f"has {shortened(stray)} where no front matter can be read, {_MEND} "
            "(three dashes above and below, in the first line)"
        )
    return found if found.body != source else _split_toml(source)


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


def _split(source: str) -> FrontMatter:
    match = _FRONT_MATTER.match(source)
    if not match:
        return FrontMatter(UNSAID, source)
    block, body = match["block"], source[match.end() :]
    try:
        found = _read_block(_LINE_ENDS.sub("\n", block))
    except ValueError as error:
        return _not_understood(block, source, body, error)
    if not isinstance(found, Mapping):
        if any(like_access(key) or names_readers(value) for key, value in _keys(found)):
            raise AccessUnclearError(f"has front matter that is no list of keys, {_MEND}")
        return _not_understood(block, source, body, None)
    if _is_prose(found):
        return FrontMatter(UNSAID, source)
    return _understood(found, body)


def _is_prose(found: Mapping[Any, Any]) -> bool:
    """Says whether a colon in a line of prose between rules made keys of it."""
    names = [str(name).strip().lower() for name in found]
    known = any(name in KNOWN_KEYS or about_access(name) for name in names)
    return not known and any(len(name.split()) >= 3 for name in names)


def _understood(found: Mapping[Any, Any], body: str) -> FrontMatter:
    for key, _ in _keys(list(found.values())):
        if like_access(key):
            raise AccessUnclearError(f"has {key!r} below another key, {_MEND}")
    try:
        said = read_front_matter(found)
    except ValueError as error:
        raise AccessUnclearError(f"has front matter that cannot be understood: {error}") from error
    return FrontMatter(said, body, tuple(_passed_over(found, said)))


def _passed_over(found: Mapping[Any, Any], said: Metadata) -> Iterator[Loss]:
    """What is said with a key that is known, but cannot be understood."""
    understood = said.as_json()
    others = [str(name) for name in found if str(name).strip().lower() not in KNOWN_KEYS]
    if others:
        words = sum(len(str(found[name]).split()) for name in found if str(name) in others)
        named = ", ".join(map(shortened, others[:8]))
        yield Loss("keys of front matter", f"not known: {named}", len(others), words)
    for name, value in found.items():
        key = str(name).strip().lower()
        if key in KNOWN_KEYS and key != "access" and key not in understood and value:
            why = "write 2024-12-31, 2024-12 or 2024" if key == "date" else "it is no text"
            yield Loss(f"{key} in front matter", f"{shortened(value)} is not understood; {why}")


def _read_block(block: str) -> Any:
    """What YAML says; values with a colon or another sign of YAML in them may stand without quotes."""
    try:
        return read_yaml(block)
    except ValueError:
        lines = block.split("\n")
        keyed = [_PLAIN_PAIR.fullmatch(line) for line in lines]
        # Who may see a document is never told from what is no YAML.
        closing = any(pair and about_access(pair["key"].strip()) for pair in keyed)
        if (
            closing
            or stray_access(f"---\n{block}\n---")
            or not (_knows_a_key(block) and any(keyed))
        ):
            raise
        quoted = [
            f"{pair['key']}: {json.dumps(pair['value'].strip(), ensure_ascii=False)}"
            if pair
            else line
            for line, pair in zip(lines, keyed, strict=True)
        ]
        # What is said twice is a mistake in either way of reading.
        return read_yaml("\n".join(quoted))


def _split_toml(source: str) -> FrontMatter:
    match = _TOML.match(source)
    if not match:
        return FrontMatter(UNSAID, source)
    body = source[match.end() :]
    try:
        found = tomllib.loads(_LINE_ENDS.sub("\n", match["block"]))
    except ValueError as error:
        return _not_understood(match["block"], source, body, error)
    if any(about_access(key) for key, _ in _keys(found)):
        raise AccessUnclearError(f"says who may see it in TOML, {_MEND} (write YAML)")
    return _understood(found, body)


def _not_understood(block: str, source: str, body: str, error: ValueError | None) -> FrontMatter:
    """A rule between lines of prose is no front matter; what speaks of access is refused."""
    if stray_access(f"---\n{block.strip()}\n---"):
        why = f" ({error})" if error else ""
        raise AccessUnclearError(f"has front matter that is not understood{why}, {_MEND}")
    if not _knows_a_key(block):
        return FrontMatter(UNSAID, source)
    if error and "twice" in str(error):
        raise LoadError(f"has front matter that {error}")
    why = f"{error}" if error else "is no list of keys; mend it"
    return FrontMatter(UNSAID, body, (Loss("front matter", why, words=len(block.split())),))


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
