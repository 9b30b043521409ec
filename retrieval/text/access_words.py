"""Finds what was meant to say who may see a document, but is not said so that it is understood.

Texts talk about access, too ("Access: the gate is open from 8 to 5"). So a key near `access` counts
only at the head of a text, and only with ids of Slack's beside it or between fences.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

_KEY = "access"
_LIKE = 0.8
# Words of their own that begin like it.
_OTHERS = frozenset(
    "accessed accessible accessibility accession accessions accessioned accessing accessory "
    "accessories accesskey".split()
)
# Letters of other alphabets that look like ours.
_LOOKALIKES = str.maketrans("асеѕоᴀᴄᴇꜱΑ", "acesoacesa")
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)
_LINE_ENDS = re.compile("\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]")
_MAX_LINES, _MAX_LINE, _MAX_CHARS = 80, 400, 32_000
_PAIR = re.compile(
    r"(?:^[\W_]{0,24}|[{,(\[|;][\s\"'`]{0,6}|name\s?=\s?[\"'])"
    r"(?P<key>[^\W\d_][\w \-]{0,28}?)[\"'`*_)]{0,3}[ \t]{0,4}"
    r"(?:[:=：∶﹕]|->|=>|\s(?=content\s?=))(?P<value>.{0,200})"
)
_BARE = re.compile(r"^[\W_]{0,24}(?P<key>[^\W\d_]{4,12})[ \t]+(?P<value>.{2,200})")
_ID = re.compile(r"(?i)(?<![A-Z0-9])[CGSUWDT](?=[A-Z]{0,12}\d)[A-Z0-9]+(?![A-Z0-9])")
_HANDLE = re.compile(r"(?:^|[\s\[\"',<])[#@][^\W\d_][\w.\-]+")
_LIST_ITEM = re.compile(r"^[ \t]*(?:[-*+•]|\d+\.)[ \t]+(.{1,80})")
_FENCE = re.compile(
    r"(?i)(?P<mark>[-–—―─_=~+*;`.])(?P=mark)+[ \t]*"
    r"(?:\{?\.?(?:yaml|yml|toml|json|front[- ]?matter)\}?)?:?"
)
_CODE = re.compile(r"(```|~~~)")
_MAX_WORDS_OF_PROSE, _MAX_WORDS_OF_A_VALUE, _LONG_ID = 7, 5, 5


def like_access(key: str) -> bool:
    """Says whether a key is `access`, or was likely meant as it: `acess`, `access_to`, `Access`."""
    plain = unicodedata.normalize("NFKC", _UNSEEN.sub("", key)).casefold().translate(_LOOKALIKES)
    words = [word for word in re.split(r"[\W_]+", plain) if word]
    if not words or words[0] in _OTHERS:
        return False
    if words[0].startswith(_KEY):
        return True
    joined = "".join(words)
    return len(joined) < 12 and SequenceMatcher(None, joined, _KEY).ratio() >= _LIKE


def about_access(key: str) -> bool:
    """Says whether a key is `access` with something joined to it, or was likely meant as it."""
    return like_access(key) or _KEY in re.split(r"[-_.]+", key.casefold())


def names_readers(value: str, shortest: int = 2) -> bool:
    """Says whether a value holds ids of channels and groups, or names them with # or @."""
    found = (match[0] for match in _ID.finditer(value[:_MAX_LINE]))
    return any(len(one) >= shortest for one in found) or bool(_HANDLE.search(value[:_MAX_LINE]))


def stray_access(text: str) -> str:
    """Returns the line at the head of a text that was likely meant to say who may see it, or ""."""
    lines = _head(text)
    fence = _first_fence(lines)
    if fence is not None and (line := _in_block(lines[fence + 1 :])):
        return line
    fenced = fence is not None
    for index, line in enumerate(_leading(lines)):
        for key, value in _pairs(line):
            named = f"{value} {_items_below(lines, index)}"
            if about_access(key) and names_readers(named, 2 if fenced else _LONG_ID):
                return line
    return _in_later_block(lines)


def _head(text: str) -> list[str]:
    found = _LINE_ENDS.split(_UNSEEN.sub("", text[:_MAX_CHARS]), _MAX_LINES)[:_MAX_LINES]
    return [line[:_MAX_LINE].strip() for line in found]


def _pairs(line: str) -> Iterator[tuple[str, str]]:
    for match in _PAIR.finditer(line):
        yield match["key"], match["value"]


def _first_fence(lines: Sequence[str]) -> int | None:
    """The index of the line that opens a block before any text; comments may stand above it."""
    for index, line in enumerate(lines):
        if _FENCE.fullmatch(line) or line in {"{", "<!--", "<pre>"}:
            return index
        if line and not line.startswith(("<!", "<html", "<head", "<meta", "<?", "%", "//")):
            return None
    return None


def _in_block(lines: Sequence[str]) -> str:
    """The line of a block of keys that speaks of access; "" where it is text."""
    block: list[str] = []
    for line in lines:
        if _FENCE.fullmatch(line) or line in {"}", "-->"} or (block and not line):
            break
        if line:
            block.append(line)
    keyed = [line for line in block if _is_keyed(line)]
    if 2 * len(keyed) <= len(block):
        return ""
    return next((line for line in keyed if _says_access(line)), "")


def _says_access(line: str) -> bool:
    for key, value in _pairs(line):
        if like_access(key) and (
            len(value.split()) <= _MAX_WORDS_OF_A_VALUE or names_readers(value)
        ):
            return True
    bare = _BARE.match(line)
    return bool(bare and like_access(bare["key"]) and names_readers(bare["value"]))


def _is_keyed(line: str) -> bool:
    bare = _BARE.match(line)
    return (
        next(_pairs(line), None) is not None
        or _LIST_ITEM.match(line) is not None
        or line[:1] in "#[]{}"
        or bool(bare and like_access(bare["key"]))
    )


def _leading(lines: Sequence[str]) -> Iterator[str]:
    """The lines above the first prose."""
    for line in lines:
        is_prose = len(line.split()) > _MAX_WORDS_OF_PROSE and not _is_keyed(line)
        if is_prose and not line.startswith(("<", "#")):
            return
        yield line


def _items_below(lines: Sequence[str], index: int) -> str:
    items = []
    for line in lines[index + 1 : index + 6]:
        match = _LIST_ITEM.match(line)
        if not match:
            break
        items.append(match[1])
    return " ".join(items)


def _in_later_block(lines: Sequence[str]) -> str:
    """The line between dashes, below some text but not in code, that gives access to ids."""
    in_code, dashes = False, False
    for index, line in enumerate(lines):
        if _CODE.match(line):
            in_code = not in_code
        elif re.fullmatch(r"[-–—+]{3,}", line):
            dashes = True
        elif not line:
            dashes = False
        elif dashes and not in_code:
            for key, value in _pairs(line):
                named = f"{value} {_items_below(lines, index)}"
                if like_access(key) and names_readers(named, _LONG_ID):
                    return line
    return ""
