"""Whether a written statement says more than its evidence: numbers, dates and names must stand there."""

import re
from collections.abc import Iterable

from retrieval.glossary import Glossary

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_WORD_NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve".split()
    )
    if number > 1
}
_NAME = re.compile(r"(?<!^)(?<![.?!:]\s)(?<![\w’'-])[A-Z][\w-]*")
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_POSSESSIVE = re.compile(r"[’']s\b")
# "No" is not nobelium.
_AS_WRITTEN = 2
# Capitalised, but no names.
_NO_NAMES = frozenset({"i", "the", "a", "an", "as", "in", "of", "and", "or", "on", "at"})


def unsupported(statement: str, evidence: str, glossary: Glossary) -> str | None:
    """Returns the first number or name of `statement` that `evidence` lacks, or None.

    Numbers count by value, not by how they are written: "1,200", "1200"; "two", "2".
    A name may stand under another of its names in the glossary: "Dy", "dysprosium".
    """
    known = set(_numbers(evidence))
    for number in _numbers(statement):
        if number not in known:
            return number
    words = _words(evidence)
    covered = [
        range(mention.start, mention.end)
        for mention in glossary.mentions(statement)
        if any(_stands(form, evidence) for form in mention.group)
    ]
    for match in _NAME.finditer(statement):
        name = match.group().lower()
        if name in _NO_NAMES or name in words or any(match.start() in span for span in covered):
            continue
        return match.group()
    return None


def _numbers(text: str) -> Iterable[str]:
    """The numbers of a text, in one way of writing: no thousands separators, no trailing zeros."""
    for match in _NUMBER.finditer(text):
        digits = re.sub(r",(?=\d{3}(?:\D|$))", "", match.group())
        yield re.sub(r"\.0+$", "", digits)
    for word in _WORD.findall(text.lower()):
        if word in _WORD_NUMBERS:
            yield _WORD_NUMBERS[word]


def _stands(form: str, text: str) -> bool:
    """Says whether a name stands in a text as a whole word; short ones only as written."""
    flags = 0 if len(form) <= _AS_WRITTEN else re.IGNORECASE
    return re.search(rf"(?<!\w){re.escape(form)}(?!\w)", text, flags) is not None


def _words(text: str) -> set[str]:
    """The words of a text in lower case, whole and by the parts of compounds."""
    whole = {word.lower() for word in _WORD.findall(_POSSESSIVE.sub("", text))}
    return whole | {part for word in whole for part in word.split("-")}
