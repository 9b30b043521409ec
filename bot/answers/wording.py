"""Words an answer is framed with: dates of sources, readings, not knowing."""

import re
from collections.abc import Callable, Iterable, Sequence

from bot.answers.citations import CitedStatement, markers
from retrieval.domain.records import StoredPassage
from retrieval.text.dates import MONTHS

NOT_FOUND = "I don't know: the documents don't seem to answer this."
_PLACES = {"pptx": "slide", "xlsx": "sheet"}
_BULLET_LINE = re.compile(r"(?<!\s)[^\S\n]*+\n\s*+(?=(?:[-*•]|\d{1,2}[.)])\s)")


def readable_date(iso: str) -> str:
    """Returns an ISO date in words: `2024-12` -> `December 2024`, `2024-12-31` -> `31 December 2024`."""
    parts = iso.split("-")
    words = [parts[0]]
    if len(parts) > 1:
        words.insert(0, MONTHS[int(parts[1]) - 1].title())
    if len(parts) > 2:
        words.insert(0, str(int(parts[2])))
    return " ".join(words)


def place_of(document: str, page: int | None, place: str = "") -> str:
    """Returns where in a document something stands: `place`, if it is known.

    Else `page 4`, `slide 3`, `sheet 2`, or nothing: all that is known of what was indexed long ago.
    """
    if place or not page:
        return place
    return f"{_PLACES.get(document.rpartition('.')[2].lower(), 'page')} {page}"


def passage_place(stored: StoredPassage) -> str:
    """Returns where in its document a passage stands."""
    passage = stored.passage
    place = str(passage.place(passage.start, passage.end))
    return place_of(stored.document, passage.page, place)


def readable_quote(quote: str) -> str:
    """Returns a quote with its white space folded; items of a list keep their lines."""
    return "\n".join(" ".join(line.split()) for line in _BULLET_LINE.split(quote))


class Telling:
    """Words an answer statement by statement; `show` is given each piece of the text at once."""

    def __init__(self, show: Callable[[str], object] | None = None) -> None:
        self._show = show
        self._pieces: list[str] = []
        self._source: tuple[str, str | None] | None = None

    def add(self, cited: CitedStatement) -> None:
        """Adds a statement with its markers; the date of a source stands before what it says."""
        source = (cited.source.document, cited.source.date)
        lead = " " if source == self._source else "\n\n" if self._pieces else ""
        if source != self._source and cited.source.date:
            lead += f"As of {readable_date(cited.source.date)}: "
        self._source = source
        piece = f"{lead}{cited.statement} {markers(cited.citations)}"
        self._pieces.append(piece)
        if self._show:
            self._show(piece)

    @property
    def text(self) -> str:
        """Returns what was told so far."""
        return "".join(self._pieces)


def as_answer(statements: Iterable[CitedStatement]) -> str:
    """Returns the text of an answer: statements with markers, sources' dates before them."""
    telling = Telling()
    for cited in statements:
        telling.add(cited)
    return telling.text


def as_readings(statements: Sequence[CitedStatement]) -> str:
    """Returns the text of an answer that differs from place to place."""
    lines = [f"The documents give {_count(len(statements))} readings:"]
    for cited in statements:
        date = cited.source.date
        dated = f" (as of {readable_date(date)})" if date else ""
        lines.append(f"{len(lines)}. {cited.statement} {markers(cited.citations)}{dated}")
    return "\n".join(lines)


def _count(number: int) -> str:
    return {2: "two", 3: "three"}.get(number, str(number))
