"""Puts claims together without a language model: sentences as they stand, or rival readings."""

from collections.abc import Sequence

from bot.answering.extractive.scoring import Candidate
from bot.answering.extractive.selection import Extract, Extraction
from bot.answers.citations import Claim, Quote
from bot.answers.wording import readable_quote
from retrieval.domain.passages import labelled


def claims_of(extraction: Extraction) -> list[Claim]:
    """Returns what an extraction claims: that its sentences stand where they were found."""
    return [_claim(part) for part in extraction.extracts]


def nearest_claims(ranked: Sequence[Candidate], count: int) -> list[Claim]:
    """Returns the best sentence of each of the `count` nearest passages."""
    best: dict[str, Candidate] = {}
    for candidate in ranked:
        best.setdefault(candidate.hit.passage.id, candidate)
    return [
        Claim(found.text, (Quote(found.text, found.hit.passage),), found.score)
        for found in list(best.values())[:count]
    ]


def _claim(part: Extract) -> Claim:
    passage = part.stored.passage
    statement = _statement(part.quote, passage.header)
    statement = labelled(passage.sentences[part.first], statement)
    return Claim(statement, (Quote(part.quote, part.stored),), part.score)


def _statement(quote: str, header: str) -> str:
    """The quote as read; rows of a table are told which columns they fill."""
    text = readable_quote(quote)
    described = ":" in text.split(";")[0]
    return f"({header}) {text}" if header and not described else text
