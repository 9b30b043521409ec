"""Reads a word that stands nowhere in the documents as the one that was meant."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

# Shorter words have too many neighbours: "Lynas" and "Linas" may be two companies.
_MIN_CHARS = 6
# difflib's ratio; "disprosium" is 0.90 from "dysprosium", "terbium" 0.92 from "erbium", which
# is why only words that are nowhere to be found are read as others.
_ALIKE = 0.84


def corrected(question: str, unknown: Iterable[str], known: Iterable[str]) -> str:
    """Returns `question` with each of the `unknown` words as its nearest among the `known` ones.

    Words with no near one stay. All words are in lower case.
    """
    wanted = [word for word in unknown if len(word) >= _MIN_CHARS and word.isalpha()]
    if not wanted:
        return question
    long = sorted({word for word in known if len(word) >= _MIN_CHARS - 1})
    for word in wanted:
        for meant in get_close_matches(word, long, n=1, cutoff=_ALIKE):
            pattern = rf"\b{re.escape(word)}\b"
            question = re.sub(pattern, _Like(meant), question, flags=re.IGNORECASE)
    return question


@dataclass(frozen=True, slots=True)
class _Like:
    """Writes `word` with a capital where the match has one: a name stays a name."""

    word: str

    def __call__(self, match: re.Match[str]) -> str:
        return self.word.capitalize() if match.group()[0].isupper() else self.word
