"""The one gate that every quote passes: found in the stored text, or dropped."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.answers.answer import Citation
from retrieval.domain.records import StoredPassage
from retrieval.storage.catalog import Catalog

# One character for one, so that offsets hold.
_FOLDED = str.maketrans(
    dict.fromkeys("“”„‟«»", '"') | dict.fromkeys("‘’‚‛", "'") | dict.fromkeys("–—−‐‑", "-")
)
_ALNUM = re.compile(r"[A-Za-z0-9]")
_WORD = re.compile(r"\S+")
_POINTS = (".", ",")


@dataclass(frozen=True, slots=True)
class Quote:
    """Words that are said to stand in a passage."""

    text: str
    passage: StoredPassage


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement and the quotes that are said to prove it, one at least."""

    statement: str
    quotes: tuple[Quote, ...]
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class CitedStatement:
    """A statement with its verified citations, one at least."""

    statement: str
    citations: tuple[Citation, ...]

    @property
    def source(self) -> Citation:
        """Returns the first citation."""
        return self.citations[0]


class CitationVerifier:
    """Verifies the claims of one answer, in order, and numbers their quotes from 1."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._numbers: dict[tuple[str, int, int], Citation] = {}

    def verify(self, claim: Claim) -> CitedStatement | None:
        """Returns the claim with its citations, or None when a quote does not stand in its passage.

        Each quote is looked for, white space folded, in the text that the catalog stores
        for the passage. The same quote keeps one number.
        """
        spans = [span for quote in claim.quotes if (span := self._locate(quote))]
        if len(spans) < len(claim.quotes):
            return None
        citations: list[Citation] = []
        for quote, span in zip(claim.quotes, spans, strict=True):
            key = (quote.passage.version_id, *span[:2])
            new = _citation(len(self._numbers) + 1, quote.passage, claim.score, span)
            citations.append(self._numbers.setdefault(key, new))
        return CitedStatement(claim.statement, tuple(dict.fromkeys(citations)))

    def _locate(self, quote: Quote) -> tuple[int, int, str] | None:
        passage = quote.passage.passage
        stored = self._catalog.excerpt(quote.passage.version_id, passage.start, passage.end)
        found = find_folded(quote.text, stored) if stored is not None else None
        if stored is None or found is None:
            return None
        start, end = found
        return passage.start + start, passage.start + end, stored[start:end]


def verify(claims: Iterable[Claim], catalog: Catalog) -> list[CitedStatement]:
    """Returns the claims whose quotes stand in their passages, in order; others are dropped."""
    verifier = CitationVerifier(catalog)
    return [cited for claim in claims if (cited := verifier.verify(claim))]


def find_folded(quote: str, text: str) -> tuple[int, int] | None:
    """Returns the offsets in `text` of `quote`, or None. Takes time in proportion to both.

    Any white space equals any other, and so do quotation marks and dashes. Words and numbers
    count whole: "5 tonnes" does not stand in "1.5 tonnes".
    """
    wanted = " ".join(quote.translate(_FOLDED).split())
    if not wanted or len(wanted) > len(text):
        return None
    words = [match.span() for match in _WORD.finditer(text)]
    folded = " ".join(text[start:end] for start, end in words).translate(_FOLDED)
    place = folded.find(wanted)
    while place >= 0 and not _stands_whole(folded, place, place + len(wanted)):
        place = folded.find(wanted, place + 1)
    if place < 0:
        return None
    first, last = folded.count(" ", 0, place), folded.count(" ", 0, place + len(wanted))
    # Within a word, offsets are the same in both; between words there is one space.
    shift = sum(end - start + 1 for start, end in words[:first])
    start = words[first][0] + place - shift
    shift += sum(end - start + 1 for start, end in words[first:last])
    return start, words[last][0] + place + len(wanted) - shift


def _stands_whole(text: str, start: int, end: int) -> bool:
    """Says whether neither a word nor a number goes on beyond `text[start:end]`."""
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    if _ALNUM.match(text[start]) and (
        _ALNUM.match(before[-1:]) or (before[-1:] in _POINTS and before[:1].isdecimal())
    ):
        return False
    return not _ALNUM.match(text[end - 1]) or not (
        _ALNUM.match(after[:1]) or (after[:1] in _POINTS and after[1:].isdecimal())
    )


def _citation(
    number: int, stored: StoredPassage, score: float, span: tuple[int, int, str]
) -> Citation:
    start, end, quote = span
    return Citation(
        number, stored.document, stored.title, stored.passage.section, stored.passage.page,
        stored.date, quote, start, end, stored.id, round(score, 4),
        str(stored.passage.place(start, end)),
        stored.outdated_since.date().isoformat() if stored.outdated_since else None,
    )  # fmt: skip


def markers(citations: Iterable[Citation]) -> str:
    """Returns the markers that point at citations: `[1][2]`."""
    return "".join(f"[{citation.number}]" for citation in citations)
