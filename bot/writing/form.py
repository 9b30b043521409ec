"""What a written statement may look like: one plain sentence, in the script of its evidence."""

import re
import unicodedata

from retrieval.instructions import gives_orders

_MAX_CHARS = 600
_LINK = re.compile(
    r"\w+://|\bwww\.|\bmailto:|\b[\w.+-]+@[\w-]+\.\w+|\]\(|"
    r"\b[\w-]+\.(?:com|org|net|io|cn|de|fr|uk|ru|info|biz|app|dev|ai|co|xyz|top|site|link)\b(?:/\S*)?",
    re.IGNORECASE,
)
_MARKUP = re.compile(
    r"`|\*\*|__|~~|^\s*(?:#{1,6}\s|[-*•>]\s|\d+[.)]\s)|:[a-z_+-]{2,}:|</?\w+[^>]*>"
)
_PING = re.compile(r"<[@#!]|(?<!\w)@\w")
_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs"})


def misshapen(text: str, evidence: str) -> str | None:
    """Returns what is wrong with the form of a statement, or None.

    The kinds are "form", "link", "ping", "order" (it speaks to a model) and "language" (it
    is written in a script, or holds symbols, that its evidence does not).
    """
    faults = (
        ("form", not _is_sentence(text)),
        ("ping", _PING.search(text)),
        ("link", _LINK.search(text)),
        ("form", _MARKUP.search(text)),
        ("order", gives_orders(text)),
        ("language", _scripts(text) - _scripts(evidence) - {"LATIN"}),
    )
    return next((kind for kind, found in faults if found), None)


def _is_sentence(text: str) -> bool:
    """One line of visible characters, some of them letters or digits, and not too many."""
    visible = all(unicodedata.category(character) not in _UNSEEN for character in text)
    return visible and any(char.isalnum() for char in text) and len(text) <= _MAX_CHARS


def _scripts(text: str) -> set[str]:
    """The scripts of a text's letters, and a name for each of its pictures."""
    found = set()
    for character in set(text):
        if character.isalpha():
            found.add(unicodedata.name(character, "UNKNOWN").split()[0])
        elif unicodedata.category(character) == "So":
            found.add(character)
    return found
