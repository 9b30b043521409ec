"""The one gate that every quote passes: found in the stored text, or dropped."""

import re
from collections.abc import Iterable, Sequence
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
class Claim:
    """A statement and the quote that it says stands in a passage."""

    statement: str
    quote: str
    passage: StoredPassage
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class CitedStatement:
    """A statement with its verified citation."""

    statement: str
    citation: Citation


def verify(claims: Sequence[Claim], catalog: Catalog) -> list[CitedStatement]:
    """Returns the claims whose quotes stand in their passages, numbered from 1, in order.

    Each quote is looked for, white space folded, in the text that the catalog stores
    for the passage; claims that fail are dropped. The same quote keeps one number.
    """
    kept: list[CitedStatement] = []
    numbers: dict[tuple[str, int, int], Citation] = {}
    for claim in claims:
        span = _locate(claim, catalog)
        if span is None:
            continue
        key = (claim.passage.version_id, *span[:2])
        citation = numbers.get(key) or _citation(len(numbers) + 1, claim, *span)
        numbers[key] = citation
        kept.append(CitedStatement(claim.statement, citation))
    return kept


def find_folded(quote: str, text: str) -> tuple[int, int] | None:
    """Returns the offsets in `text` of `quote`, or None.

    Any white space equals any other, and so do quotation marks and dashes. Words and numbers count whole: "5 tonnes" does not stand in "1.5 tonnes".
    """
    parts = quote.translate(_FOLDED).split()
    if not parts:
        return None
    body = r"\s+".join(re.escape(part) for part in parts)
    before = r"(?<![A-Za-z0-9])(?<!\d[.,])" if _ALNUM.match(parts[0][0]) else ""
    after = r"(?![A-Za-z0-9])(?![.,]\d)" if _ALNUM.match(parts[-1][-1]) else ""
    match = re.search(before + body + after, text.translate(_FOLDED))
    return match.span() if match else None


def _locate(claim: Claim, catalog: Catalog) -> tuple[int, int, str] | None:
    passage = claim.passage.passage
    stored = catalog.excerpt(claim.passage.version_id, passage.start, passage.end)
    if stored is None:
        return None
    found = find_folded(claim.quote, stored)
    if found is None:
        return None
    start, end = found
    return passage.start + start, passage.start + end, stored[start:end]


def _citation(number: int, claim: Claim, start: int, end: int, quote: str) -> Citation:
    stored = claim.passage
    return Citation(
        number, stored.document, stored.title, stored.passage.section, stored.passage.page,
        stored.date, quote, start, end, stored.id, round(claim.score, 4),
    )  # fmt: skip


def markers(citations: Iterable[Citation]) -> str:
    """Returns the markers that point at citations: `[1][2]`."""
    return "".join(f"[{citation.number}]" for citation in citations)
