"""Finds sentences in a text, as character offsets, so that a quote is always verbatim.

Sentencex of the Wikimedia Foundation finds where sentences may end; what it does not know of our
field's texts (cut-off words before a figure, German ordinals, list markers) is joined again here.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

# Quotation marks are blanked for the splitter: it takes a whole quotation for one sentence, and
# needs quadratic time for marks that are never closed. The length stays the same.
_QUOTES = '"“”„‟«»「」『』‹›'
# And what begins with a bullet is one item to it, however many sentences that has.
_BULLETS = "•◦‣⁃●○■□▪▫◆◇▶▸►❖✓✔☐☑☒"
_UNQUOTED = str.maketrans(dict.fromkeys(_QUOTES + _BULLETS, " "))
_CLOSERS = re.compile(r"[\"”’»)\]」』›]*")
_CHINESE_CLAUSE = re.compile(r"；+")
# Words of our field that the splitter takes for cut-off ones ("fed." for "Federal", "La." for
# "Louisiana"); whether a sentence ends there is then told as for any other word.
_NOT_CUT_OFF = re.compile(
    r"(?<![\w.])(?:fed|ore|me|miss|may|mm|ok|id|ext|loc|ref|res|tex|[Aa]l|[Cc]o|[Ss]ec|[Mm]in|La|Sc|Pd|Pa|Cl)\."
)
# The splitter sees no more at once, so that no hostile text costs more than its length.
_MAX_PIECE = 20_000
_LAST_WORD = re.compile(r"(?<![^\s(\[\"“‘'„»«])([^\s(\[\"“‘'„»«]{1,40})\.[\"”’)\]]{0,5}\s{0,60}\Z")
_LAST_WORDS = re.compile(r"(?<!\S)(?P<before>\S{0,40})\s{1,5}(?P<number>\d{1,2})\.\s{0,60}\Z")
_ONLY_A_MARKER = re.compile(
    r"\A\W{0,10}(?:\d{1,3}(?:\.\d{1,3}){0,5}|[A-Za-z]|[ivxIVX]{1,5})[.)]\s{0,30}\Z"
)
# Words with a full stop that end no sentence; what follows belongs to them.
_NEVER_ENDS = frozenset(
    "mr mrs ms dr prof st mt ft vs nos nr fig figs vol vols pp eq eqs sect ch cl eds "
    "approx appx e.g i.e cf viz ca c.f dept gov sen para paras avg "
    "reg regs ref refs tbl resp incl excl wt tel bzw z.b d.h u.a z.t i.d.r "
    "evtl ggf vgl bd hrsg jan feb mar apr jun jul aug sep sept oct okt nov dec dez".split()
)
# These may stand at the end of a sentence, too: the word that follows decides.
_MAY_END = frozenset(
    "inc ltd co corp plc pty llc jr sr u.s u.k e.u u.n etc a.m p.m al usw gmbh mio mrd "
    "la sc pd pa cl no art arts max min sec ed est app rep gen cal rev tab abs".split()
)
_STARTERS = frozenset(
    "The This These That Those It Its In On At By For From With A An He She They We As But And "
    "However Meanwhile Production Output Shares After Before Since When While Although If Our You "
    "Then Later There Both Each All No Not Under Over To Of One Two Das Der Die Ein Eine Es Sie Er Im Am".split()
)
_BEFORE_ORDINALS = frozenset(
    "am der den dem des die das im zum zur vom bis ab seit und jeder jeden jedes vor nach".split()
)
_MONTHS_AFTER_ORDINALS = re.compile(
    r"(?:jänner|januar|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember|"
    r"januari|februari|mars|maj|augusti|oktober|desember|marts|juin|avril|août)\b",
    re.IGNORECASE,
)
# "iPhone", "eBay" and "pH" begin sentences although their first letter is small.
_SMALL_START = re.compile(r"\A[\W_]{0,5}[a-zà-öø-ÿ](?![A-Z])")


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
    last = start
    for possible in _possible(text, start, stop):
        while possible > last and (text[possible - 1].isspace() or text[possible - 1] in _QUOTES):
            possible -= 1  # noqa: PLW2901  back to the mark itself
        closers = _CLOSERS.match(text, possible, stop)
        cut = closers.end() if closers else possible
        if last < cut < stop and _ends(text, last, cut, stop):
            yield cut
            last = cut


def _possible(text: str, start: int, stop: int) -> Iterator[int]:
    """Where the splitter ends sentences; it sees the text in pieces, each from a sentence's start."""
    from sentencex import get_sentence_boundaries

    while start < stop:
        piece = text[start : min(stop, start + _MAX_PIECE)]
        found = {one["end_index"] for one in get_sentence_boundaries("en", _blanked(piece))}
        for pattern in (_CHINESE_CLAUSE, _NOT_CUT_OFF):
            found.update(match.end() for match in pattern.finditer(piece))
        if start + len(piece) < stop:
            # What follows the last end is seen again with the next piece.
            inner = [end for end in found if end < len(piece)]
            advance = max(inner, default=len(piece))
            found = set(inner)
        else:
            advance = len(piece)
        yield from (start + end for end in sorted(found))
        start += advance


def _blanked(piece: str) -> str:
    return piece.translate(_UNQUOTED).replace("\n", " ").replace("\r", " ")


def _ends(text: str, start: int, cut: int, stop: int) -> bool:
    """Says whether `text[start:cut]` is a whole sentence, given what follows it."""
    before = text[max(start, cut - 60) : cut]
    following = text[cut : min(stop, cut + 40)].lstrip()
    if not following:
        return False
    if before.rstrip()[-1:] in "。！？；":
        return True
    if _SMALL_START.match(following) or _is_marker(text, start, cut):
        return False
    last = _LAST_WORD.search(before)
    word = last.group(1).lower() if last else ""
    if word in _NEVER_ENDS or _is_ordinal(before, following):
        return False
    if word in _MAY_END or re.fullmatch(r"[a-z]", word):
        first = re.match(r"[\"“‘'(\[]?([^\W\d_]+)", following)
        return bool(first and first.group(1) in _STARTERS)
    return True


def _is_marker(text: str, start: int, cut: int) -> bool:
    return cut - start < 30 and bool(_ONLY_A_MARKER.match(text[start:cut]))


def _is_ordinal(before: str, following: str) -> bool:
    """Says whether a number with a full stop goes on: "am 3. Mai", "der 2. Ofen"."""
    found = _LAST_WORDS.search(before)
    if not found:
        return False
    named = found["before"].lower() in _BEFORE_ORDINALS
    return named or bool(_MONTHS_AFTER_ORDINALS.match(following))


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
