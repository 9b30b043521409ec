"""Text from outside, cleaned: for what is stored, for one line of it, and for what a terminal shows.

Control characters, halves of surrogate pairs and noncharacters come out of broken fonts, RTF, file
names and JSON. They stop tokenizers and databases, cut SQLite's `substr` short, and a terminal obeys them.
"""

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

_REPLACEMENT = "\ufffd"
_C0 = "\x00-\x08\x0b-\x1f\x7f"
# Marks that turn the direction of what follows: U+202A to U+202E, and the isolates.
_BIDI = "\u202a-\u202e\u2066-\u2069"
# The 66 code points that are no characters (The Unicode Standard, 23.7).
_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(
    f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(17)
)
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_UNCLEAN = re.compile(f"[{_C0}\x80-\x9f\ud800-\udfff{_NONCHARACTERS}]")
_NOT_SHOWN = re.compile(f"[{_C0}\x80-\x9f\ud800-\udfff\u2028\u2029{_BIDI}{_NONCHARACTERS}]")
_NOT_IN_NAMES = re.compile(f"[\0-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029{_NONCHARACTERS}]")
_DIRECTIONS = re.compile(f"[{_BIDI}]")
_Dataclass = TypeVar("_Dataclass")


def _code_page_1252() -> dict[str, str]:
    """What a C1 control means where Windows' text was taken for Latin-1, a space for the five without one.

    As the HTML standard reads character references (13.2.5.80).
    """
    meant = {}
    for code in range(0x80, 0xA0):
        read = bytes([code]).decode("cp1252", errors="ignore")
        meant[chr(code)] = read or " "
    return meant


# Form feeds and vertical tabs are line ends; so is a carriage return that stands alone.
_MEANT = {"\x0b": "\n", "\x0c": "\n", "\r": "\n", **_code_page_1252()}


def join_surrogates(text: str) -> str:
    """Returns `text` with each surrogate pair turned into the character that it means."""
    return _PAIR.sub(lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), text)


def clean_text(text: str) -> str:
    """Returns `text` as it may be stored: tab and line feed are its only control characters.

    Surrogate pairs are joined; halves of pairs and noncharacters become U+FFFD, other controls
    what they mean, or a space. But for pairs, each character stays where it is.
    """
    if not _UNCLEAN.search(text):
        return text
    joined = join_surrogates(text).replace("\r\n", " \n")
    return _UNCLEAN.sub(lambda found: _cleaned(found[0]), joined)


def clean_line(text: str) -> str:
    """Returns `text` cleaned, on one line, and without marks that turn its direction."""
    return " ".join(_DIRECTIONS.sub("", clean_text(text)).split())


def clean_name(name: str) -> str:
    """Returns the name of a file as a person may be shown it, U+FFFD for what cannot be in a name.

    That is control characters, line breaks and tabs among them, and bytes that are not UTF-8.
    """
    return _NOT_IN_NAMES.sub(_REPLACEMENT, name)


def clean_tree(value: Any) -> Any:
    """Returns what JSON or YAML may hold with every text in it cleaned, keys too."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, Mapping):
        return {clean_tree(key): clean_tree(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(clean_tree(inner) for inner in value)
    return value


def clean_lines_of(record: _Dataclass) -> _Dataclass:
    """Returns a dataclass with each text in its fields, and in tuples among them, as one clean line."""
    changed = {}
    for field in fields(record):  # type: ignore[arg-type]
        value = getattr(record, field.name)
        if isinstance(value, str):
            cleaned: object = clean_line(value)
        elif isinstance(value, tuple) and all(isinstance(one, str) for one in value):
            cleaned = tuple(clean_line(one) for one in value)
        else:
            continue
        if cleaned != value:
            changed[field.name] = cleaned
    return replace(record, **changed) if changed else record  # type: ignore[type-var]


def printable(text: str) -> str:
    """Returns `text` as a terminal may show it: nothing in it is obeyed, line breaks and tabs stay.

    Control characters become spaces, halves of pairs U+FFFD; marks of direction are left out.
    """
    if not _NOT_SHOWN.search(text):
        return text
    plain = _DIRECTIONS.sub("", join_surrogates(text)).replace("\r\n", "\n")
    return _NOT_SHOWN.sub(lambda found: _blanked(found[0]), plain)


def printable_line(text: str) -> str:
    """Returns `text` as a terminal may show it on one line."""
    return " ".join(printable(text).split())


def harmless_json(line: str) -> str:
    """Returns a line of JSON with what a terminal would obey written as escapes; it means the same."""
    return _NOT_SHOWN.sub(_escape, line)


@dataclass(frozen=True, slots=True)
class Moves:
    """Where places of a text are once it is cleaned."""

    # The places before which a character is dropped, as a pair is joined.
    dropped: tuple[int, ...]

    def __call__(self, place: int) -> int:
        """Returns where `place` is in the clean text."""
        return place - bisect_right(self.dropped, place)


def moves_of(text: str) -> Moves:
    """Returns where the places of `text` are after `clean_text`."""
    return Moves(tuple(pair.end() - 1 for pair in _PAIR.finditer(text)))


def _cleaned(character: str) -> str:
    if character in _MEANT:
        return _MEANT[character]
    return " " if character < " " or character == "\x7f" else _REPLACEMENT


def _blanked(character: str) -> str:
    stands_alone = "\ud800" <= character <= "\udfff" or character > "\ufdcf"
    return _REPLACEMENT if stands_alone else " "


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x10000:
        return f"\\u{code:04x}"
    high, low = divmod(code - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"
