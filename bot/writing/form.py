"""What a written statement may look like: one plain sentence, in the script of its evidence."""

import re
import unicodedata

from retrieval.text.instructions import gives_orders

MAX_STATEMENT_CHARS = 600
# Each looks for the end of what it finds, and is so found wherever the rest of it begins: a
# pattern that starts at every letter of a long word reads that word over and over.
_LINK = re.compile(
    r"\w://|\bwww\.|\bmailto:|\w[.+-]{0,8}@[\w-]++\.\w|\]\(|"
    r"\w-{0,8}\.(?:com|org|net|io|cn|de|fr|uk|ru|info|biz|app|dev|ai|co|xyz|top|site|link)\b",
    re.IGNORECASE,
)
_MARKUP = re.compile(
    r"`|\*\*|__|~~|^\s*+(?:#{1,6}\s|[-*•>]\s|\d++[.)]\s)|:[a-z_+-]{2,40}:|</?\w[^<>]*+>"
)
_PING = re.compile(r"<[@#!]|(?<!\w)@\w")
_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs"})


def misshapen(text: str, evidence: str) -> str | None:
    """Returns what is wrong with the form of a statement, or None.

    The kinds are "form", "link", "ping", "order" (it speaks to a model) and "language" (it
    is written in a script, or holds symbols, that its evidence does not).
    """
    # In this order, and only until one is found: the first says that the text is short.
    if not _is_sentence(text):
        return "form"
    if _PING.search(text):
        return "ping"
    if _LINK.search(text):
        return "link"
    if _MARKUP.search(text):
        return "form"
    if gives_orders(text):
        return "order"
    return "language" if _scripts(text) - _scripts(evidence) - {"LATIN"} else None


def _is_sentence(text: str) -> bool:
    """One line of visible characters, some of them letters or digits, and not too many."""
    if len(text) > MAX_STATEMENT_CHARS:
        return False
    visible = all(unicodedata.category(character) not in _UNSEEN for character in text)
    return visible and any(char.isalnum() for char in text)


def _scripts(text: str) -> set[str]:
    """The scripts of a text's letters, and a name for each of its pictures."""
    found = set()
    for character in set(text):
        if character.isalpha():
            found.add(unicodedata.name(character, "UNKNOWN").split()[0])
        elif unicodedata.category(character) == "So":
            found.add(character)
    return found
