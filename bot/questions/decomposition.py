"""Takes a question apart that asks several things, or compares things."""

import re
from itertools import pairwise

from bot.questions.followups import follow, names_in
from retrieval.text.glossary import Glossary
from retrieval.text.terms import content_words

MAX_PARTS = 4
_ASK = r"(?:who|whom|whose|what|when|where|why|how|which)"
# "What is X, and who runs it?", "What is X? Who runs it?"
_SEAM = re.compile(
    rf"\? (?:and |also,? )?(?={_ASK}\b)|,? and (?:also )?(?={_ASK}\b)", re.IGNORECASE
)
_BEGINS = re.compile(rf"^\W*(?:{_ASK}|is|are|was|were|do|does|did|can|could)\b", re.IGNORECASE)
_COMPARES = re.compile(
    r"\b(?:compar\w+|differ\w*|versus|vs\.?|contrast|both|better|worse|more|less|higher|lower|larger|"
    r"smaller|greater|cheaper|dearer|bigger)\b",
    re.IGNORECASE,
)
_LEADS_IN = re.compile(
    r"^\W*(?:please\s+)?(?:compare|contrast|how (?:does|do|did)|"
    r"what(?:’s|'s| is| are| was| were) the differences? (?:between|of))\s+",
    re.IGNORECASE,
)
_SAYS_COMPARE = re.compile(
    r"\b(?:compared? (?:with|to)|compares?|differs? from|versus|vs\.?|differences?(?: between)?)\b",
    re.IGNORECASE,
)
_JOINT = (
    r" ?,? (?:(?:differ\w{0,8}|compare[sd]?) )?(?:and|or|with|to|than|from|versus|vs\.?|compared? (?:with|to))(?: (?:that|those|"
    r"the one|in|of|for|at|the)){0,8} "
)
_YEARS = re.compile(rf"\b(?P<one>(?:19|20)\d\d){_JOINT}(?P<other>(?:19|20)\d\d)\b", re.IGNORECASE)


def parts_of(question: str, glossary: Glossary) -> tuple[str, ...]:
    """Returns the questions that `question` is made of, each standing alone; none for a single one."""
    question = " ".join(question.split())
    return _asked_together(question, glossary) or _compared(question, glossary)


def _asked_together(question: str, glossary: Glossary) -> tuple[str, ...]:
    pieces = [piece.strip(" ?.,") for piece in _SEAM.split(question)]
    whole = all(_BEGINS.match(piece) and _asks_something(piece) for piece in pieces)
    if not 2 <= len(pieces) <= MAX_PARTS or not whole:
        return ()
    standing: list[str] = []
    for piece in pieces:
        standing.append(follow(f"{piece}?", standing, glossary))
    return tuple(standing)


def _asks_something(piece: str) -> bool:
    return len(piece.split()) >= 3 or bool(content_words(piece))


def _compared(question: str, glossary: Glossary) -> tuple[str, ...]:
    """One question for each side of a comparison, the rest of the words shared."""
    if not _COMPARES.search(question):
        return ()
    span = _sides(question, glossary)
    if span is None:
        return ()
    start, end, sides = span
    parts = (f"{question[:start]}{side}{question[end:]}" for side in sides)
    return tuple(_plain(part) for part in parts)


def _sides(question: str, glossary: Glossary) -> tuple[int, int, tuple[str, str]] | None:
    """Where the two sides of a comparison stand, and what they are."""
    years = _YEARS.search(question)
    if years:
        return years.start(), years.end(), (years["one"], years["other"])
    names = names_in(question, glossary)
    for one, other in pairwise(names):
        joined = re.search(f"{re.escape(one)}{_JOINT}{re.escape(other)}", question, re.IGNORECASE)
        if joined:
            return joined.start(), joined.end(), (one, other)
    return None


def _plain(part: str) -> str:
    """A side's question without the words that compared it."""
    bare = _SAYS_COMPARE.sub(" ", _LEADS_IN.sub("", part))
    return f"{' '.join(bare.split()).strip(' ?.,')}?"
