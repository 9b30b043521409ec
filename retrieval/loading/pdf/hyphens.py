"""Joins the lines of a paragraph; a hyphen at a line's end goes only where it was not meant."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_LAST = re.compile(r"(?<![^\W\d_])([^\W\d_]++)[-\u2010\u00ad]\Z")
_FIRST = re.compile(r"[^\W\d_]+")
_SUSPENDED = {"and", "or", "to", "und", "oder", "bis", "et", "ou", "og", "och", "of", "y", "e", "o"}
# Words that begin or end a compound more often than they are a part of a longer word.
_BEFORE = frozenset(
    "rare long short high low heavy light mid well self non co cross half full semi large small near "
    "year end ion solvent cost price world first second third one two three four five six ten open "
    "water acid mine ore market third-party state full-time part follow year-over so all off on "
    "counter decision single multi double medium fast slow hard soft deep wet dry hot cold zero".split()
)
_AFTER = frozenset(
    "earth earths term rich based free bearing grade scale year quality level type like wide made "
    "owned related specific bound sized time end side range purity temperature pressure cost price "
    "party line effective efficient intensive resistant dependent driven led term-based to of up down "
    "out in off performance energy value added depleted enriched poor hand house site looking".split()
)


class LineJoiner:
    """Joins lines, knowing the words of the whole document."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._known: Counter[str] = Counter()
        for line in lines:
            for match in _WORD.finditer(line):
                # What stands at a line's edges may be half a word.
                if match.start() > 0 and match.end() < len(line) - 1:
                    self._known[match.group().lower()] += 1

    def join(self, lines: Sequence[str]) -> str:
        """Returns the lines as one text."""
        parts: list[str] = []
        for line in lines:
            if parts:
                parts[-1], glue = self._end(parts[-1], line)
                parts.append(glue)
            parts.append(line)
        return "".join(parts).replace("\u00ad", "")

    def _end(self, line: str, following: str) -> tuple[str, str]:
        """Returns the end of a line as it reads before the next one, and what parts the two."""
        if line.endswith("\u00ad"):
            return line[:-1], ""
        if _is_unspaced(line[-1:]) and _is_unspaced(following[:1]):
            return line, ""
        if line[-1:] in "–—/" and line[-2:-1].isalnum() and following[:1].isalnum():
            return line, ""
        if not line.endswith(("-", "\u2010")) or line[-2:-1].isspace() or len(line) < 2:
            return line, " "
        return self._hyphened(line, following)

    def _hyphened(self, line: str, following: str) -> tuple[str, str]:
        last, first = _LAST.search(line), _FIRST.match(following)
        if first and first.group() in _SUSPENDED:
            return line, " "
        if not last or not first or not following[0].islower():
            return line, ""
        return (line, "") if self._is_compound(last.group(1), first.group()) else (line[:-1], "")

    def _is_compound(self, left: str, right: str) -> bool:
        whole, hyphened = f"{left}{right}".lower(), f"{left}-{right}".lower()
        if self._known[whole] or self._known[hyphened]:
            return self._known[hyphened] >= self._known[whole]
        if left.lower() in _BEFORE or right in _AFTER or any(c.isupper() for c in left[1:]):
            return True
        if len(left) <= 2 and left[0].isupper():
            return True
        return bool(self._known[left.lower()] and self._known[right] and len(right) > 3)


def _is_unspaced(character: str) -> bool:
    return (
        bool(character)
        and "\u2e80" <= character <= "\uffef"
        and not "\uac00" <= character <= "\ud7af"
    )
