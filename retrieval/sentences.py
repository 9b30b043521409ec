"""Finds sentences in a text, as character offsets, so that a quote is always verbatim."""

import re
from collections.abc import Iterator
from itertools import pairwise

_ENDING = re.compile(
    r"""(?<![.!?…])(?P<marks>[.!?…]++)(?P<closers>["'”’»)\]]*+)(?=\s++["'“‘«(\[]?[^\sa-z])|[。！？；]+["”’」』）]*"""
)
_LAST_WORD = re.compile(r"([^\s(\[\"“‘']+)$")
_NEVER_ENDS = frozenset(
    "mr mrs ms dr prof st vs no nos fig figs vol pp eq sec ch ed eds approx est "
    "e.g i.e cf al ca c.f dept gov sen rep gen jan feb mar apr jun jul aug sep sept oct nov dec".split()
)
_MAY_END = frozenset("inc ltd co corp plc pty llc jr sr u.s u.k e.u u.n etc a.m p.m".split())
_STARTERS = frozenset(
    "The This These That Those It Its In On At By For From With A An He She They We As But And "
    "However Meanwhile Production Output Shares After Before Since When While Although If".split()
)


def sentence_spans(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """Returns the `(start, end)` offsets of the sentences in `text[start:end]`.

    Offsets are absolute in `text`; spans are trimmed of white space, do not
    overlap, and leave nothing but white space uncovered.
    """
    stop = len(text) if end is None else end
    cuts = [start, *_boundaries(text, start, stop), stop]
    spans = (_trim(text, left, right) for left, right in pairwise(cuts))
    return [span for span in spans if span[0] < span[1]]


def _boundaries(text: str, start: int, stop: int) -> Iterator[int]:
    for match in _ENDING.finditer(text, start, stop):
        if match["marks"] != "." or _ends_sentence(text, start, match):
            yield match.end()


def _ends_sentence(text: str, start: int, match: re.Match[str]) -> bool:
    before = _LAST_WORD.search(text[max(start, match.start() - 30) : match.start()])
    word = before.group(1).lower() if before else ""
    if word in _NEVER_ENDS:
        return False
    if word in _MAY_END or re.fullmatch(r"[a-z]", word):
        following = re.match(r"\s{0,30}([A-Z][a-z]*)", text[match.end() : match.end() + 30])
        return bool(following) and following.group(1) in _STARTERS  # type: ignore[union-attr]
    return True


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
