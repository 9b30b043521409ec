"""The one gate that every quote passes: found in the stored text, or dropped."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.answers import Citation
from retrieval.catalog import Catalog
from retrieval.records import StoredPassage

# One character for one, so that offsets hold.
_FOLDED = str.maketrans(
    dict.fromkeys("“”„‟«»", '"') | dict.fromkeys("‘’‚‛", "'") | dict.fromkeys("–—−‐‑", "-")
)
_ALNUM = re.compile(r"[A-Za-z0-9]")


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


class Verifier:
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
    verifier = Verifier(catalog)
    return [cited for claim in claims if (cited := verifier.verify(claim))]


def find_folded(quote: str, text: str) -> tuple[int, int] | None:
    """Returns the offsets in `text` of `quote`, or None.

    Any white space equals any other, and so do quotation marks and dashes. Words and numbers
    count whole: "5 tonnes" does not stand in "1.5 tonnes".
    """
    parts = quote.translate(_FOLDED).split()
    if not parts:
        return None
    body = r"\s+".join(re.escape(part) for part in parts)
    before = r"(?<![A-Za-z0-9])(?<!\d[.,])" if _ALNUM.match(parts[0][0]) else ""
    after = r"(?![A-Za-z0-9])(?![.,]\d)" if _ALNUM.match(parts[-1][-1]) else ""
    match = re.search(before + body + after, text.translate(_FOLDED))
    return match.span() if match else None


def _citation(
    number: int, stored: StoredPassage, score: float, span: tuple[int, int, str]
) -> Citation:
    start, end, quote = span
    return Citation(
        number, stored.document, stored.title, stored.passage.section, stored.passage.page,
        stored.date, quote, start, end, stored.id, round(score, 4),
    )  # fmt: skip


def markers(citations: Iterable[Citation]) -> str:
    """Returns the markers that point at citations: `[1][2]`."""
    return "".join(f"[{citation.number}]" for citation in citations)
