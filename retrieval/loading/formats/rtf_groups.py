"""Mends rich text for striprtf, which drops footnotes, text boxes and runs behind a stray star.

The groups of a file are sorted here: what is text is handed on, what is none is counted.
"""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Union

from retrieval.domain.losses import Loss
from retrieval.loading.markup.html_text import raised

# Marks for the ends of cells and rows, and for the start of rows; private use, so in no text.
CELL, ROW, ROW_START = "\ue0f0", "\ue0f1", "\ue0f2"
_TOKEN = re.compile(
    rb"\\bin(?P<binary>\d{1,9}) ?|\\'[0-9a-fA-F]{2}|\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})? ?"
    rb"|\\[^a-zA-Z]|[{}]|[\r\n]+|[^\\{}\r\n]+",
    re.DOTALL,
)
_WORD = re.compile(r"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?\Z")
_MAX_DEPTH = 100
_STAR, _LINE_END, _OPEN, _CLOSE = "\\*", "\n", b"{", b"}"
_FORMATTING = frozenset(
    "cs s ds ts plain pard par f fs b i ul cf cb loch hich dbch af lang langfe langnp rtlch ltrch "
    "insrsid charrsid highlight kerning expnd expndtw super sub nosupersub chcbpat".split()
)
_LEFT_OUT = {
    **dict.fromkeys("header headerl headerr headerf".split(), "header of the pages"),
    **dict.fromkeys("footer footerl footerr footerf".split(), "footer of the pages"),
    "annotation": "comment",
    "pict": "image",
}
_DRAWINGS, _BOXES = ("shp", "do", "shpgrp"), ("shptxt", "dptxbxtext")
_READ = ("result", "shppict", "listtext", "rtf")
_NO_TEXT = frozenset(
    "colortbl stylesheet listtable listoverridetable revtbl rsidtbl generator fldinst atnid atnauthor "
    "atndate atnref atntime atnicn atnparent bkmkstart bkmkend filetbl themedata colorschememapping "
    "latentstyles datastore xmlnstbl wgrffmtfilter pgptbl mmathPr nonshppict objdata objclass "
    "objname userprops docvar ftnsep ftnsepc aftnsep aftnsepc ftncn aftncn pnseclvl template "
    "background nonesttables nesttableprops listpicture defchp defpap upr factoidname xe tc "
    "private passwordhash password company operator category keywords doccomm hlinkbase".split()
)
_Group = list[Union[str, "_Group"]]


class RichText:
    """The text of a file as RTF that striprtf reads whole, its title, notes and losses."""

    def __init__(self, data: bytes) -> None:
        self.title = ""
        self.notes: list[str] = []
        self._counts: dict[str, Counter[str]] = {}
        tree = _tree(data)
        found = next((one for one in _groups(tree) if _destination(one)[0] == "rtf"), tree)
        self._default_font = _default_font(found)
        self._fonts = next((one for one in _groups(found) if _destination(one)[0] == "fonttbl"), [])
        self.body = self._render(found, 0)

    def losses(self) -> tuple[Loss, ...]:
        """Returns what is no part of the text."""
        return tuple(
            Loss(what, "no part of the text", counts["times"], counts["words"])
            for what, counts in self._counts.items()
        )

    def document(self, body: str) -> str:
        """Returns RTF of its own for a piece of text of this file, such as a note."""
        return "{\\rtf1\\ansi" + _raw(self._fonts) + self._default_font + " " + body + "}"

    def _render(self, group: _Group, depth: int) -> str:
        word, starred = _destination(group)
        what = _LEFT_OUT.get(word, "")
        if depth > _MAX_DEPTH:
            # No program nests so deep; the words are kept, whatever the groups say of them.
            return _flat(group)
        if word == "fonttbl":
            return _raw(group)
        if what:
            self._leave_out(what, "" if what == "image" else self._inner(group, depth))
        elif word == "info":
            self._read_title(group)
        elif word == "footnote":
            self.notes.append(self._inner(group, depth))
            return "{" + raised(str(len(self.notes)), "") + "}"
        elif word in _DRAWINGS:
            boxes = [one for one in _all_groups(group) if _destination(one)[0] in _BOXES]
            return "".join(f"\\par {self._inner(one, depth)}\\par " for one in boxes)
        elif word not in _NO_TEXT and (not starred or word in _READ or word in _FORMATTING):
            return self._run(group, word, depth)
        return ""

    def _run(self, group: _Group, word: str, depth: int) -> str:
        if word != "rtf" and _is_unseen(group):
            self._leave_out("deleted or hidden text", self._inner(group, depth))
            return ""
        keep = word not in ("result", "shppict", "object")
        return "{" + self._inner(group, depth, keep=keep) + "}"

    def _inner(self, group: _Group, depth: int, *, keep: bool = False) -> str:
        """What stands inside of a group; without `keep` less the word that names it."""
        name = _destination(group)[0]
        parts: list[str] = []
        high = False
        for token in group:
            if isinstance(token, list):
                inner = self._render(token, depth + 1)
                parts.append(inner)
                continue
            found = _WORD.match(token)
            word, number = (found[1], found[2]) if found else ("", None)
            if token == _STAR or (word == name and not keep and word not in _FORMATTING):
                continue
            high = _is_high(high, word, number)
            if word in ("cell", "row", "trowd"):
                mark = {"cell": CELL, "row": ROW, "trowd": ROW_START}[word]
                parts.append("{" + mark + "}" + ("\\par " if word == "row" else ""))
            elif word == "par":
                # A paragraph is never wrapped: a blank line keeps it apart from the next one.
                parts.append("\\par\\par ")
            elif word in ("nestcell", "nestrow"):
                parts.append(" ; " if word == "nestcell" else " ")
            elif word == "plain":
                parts.append("\\plain" + self._default_font.replace("\\deff", "\\f") + " ")
            elif high and not found and token[:1] not in "\\{}\n":
                parts.append(raised(token, "".join(parts[-2:]).rstrip()))
            else:
                parts.append(token)
        return "".join(parts)

    def _read_title(self, group: _Group) -> None:
        for one in _groups(group):
            if _destination(one)[0] == "title":
                self.title = self._inner(one, 1)

    def _leave_out(self, what: str, text: str) -> None:
        counts = self._counts.setdefault(what, Counter())
        counts["times"] += 1
        counts["words"] += len(re.sub(r"\\[a-zA-Z]+-?\d* ?|[{}]", " ", text).split())


def _tree(data: bytes) -> _Group:
    """The groups of a file, one inside of another; binary data is left out."""
    root: _Group = []
    stack: list[_Group] = [root]
    place = 0
    while found := _TOKEN.match(data, place):
        place = found.end()
        token = found[0]
        if found["binary"]:
            place += int(found["binary"])
        elif token == _OPEN:
            inner: _Group = []
            stack[-1].append(inner)
            stack.append(inner)
        elif token == _CLOSE:
            if len(stack) > 1:
                stack.pop()
        else:
            # A line end is no text, but it ends the word before it.
            stack[-1].append("\n" if token[:1] in b"\r\n" else _seven_bit(token))
    return root


def _seven_bit(token: bytes) -> str:
    if token.isascii():
        return token.decode("ascii").replace("\0", "")
    return "".join(f"\\'{byte:02x}" if byte >= 0x80 else chr(byte) for byte in token)


def _destination(group: Sequence[str | _Group]) -> tuple[str, bool]:
    """The control word that a group begins with, and whether a star stands before it."""
    starred = False
    for token in group[:5]:
        if token == _STAR:
            starred = True
        elif token == _LINE_END:
            continue
        elif isinstance(token, str) and (found := _WORD.match(token)):
            return found[1], starred
        else:
            break
    return "", starred


def _groups(group: _Group) -> list[_Group]:
    return [token for token in group if isinstance(token, list)]


def _all_groups(group: _Group) -> list[_Group]:
    """The groups inside of a group, however deep, but none inside of a text box."""
    found: list[_Group] = []
    waiting = _groups(group)
    while waiting:
        one = waiting.pop(0)
        found.append(one)
        if _destination(one)[0] not in _BOXES:
            waiting = [*_groups(one), *waiting]
    return found


def _is_unseen(group: _Group) -> bool:
    """Says whether a group is deleted or hidden before any text of it stands."""
    for token in group:
        found = _WORD.match(token) if isinstance(token, str) else None
        if token == _LINE_END:
            continue
        if not found:
            return False
        if found[1] in ("deleted", "v") and found[2] != "0":
            return True
    return False


def _is_high(high: bool, word: str, number: str | None) -> bool:
    if word in ("super", "up"):
        return number != "0"
    return high and word not in ("nosupersub", "plain", "sub", "dn")


def _default_font(group: _Group) -> str:
    for token in group:
        if isinstance(token, str) and token.startswith("\\deff"):
            return token.strip()
    return "\\deff0"


def _flat(group: Sequence[str | _Group]) -> str:
    """What stands in a group and those in it, in order, without their braces."""
    parts: list[str] = []
    waiting: list[str | _Group] = [*reversed(group)]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            parts.append(one)
        else:
            waiting.extend(reversed(one))
    return " ".join(parts)


def _raw(group: Sequence[str | _Group], depth: int = 0) -> str:
    if depth > _MAX_DEPTH:
        return ""
    inner = "".join(one if isinstance(one, str) else _raw(one, depth + 1) for one in group)
    return "{" + inner + "}" if group else ""
