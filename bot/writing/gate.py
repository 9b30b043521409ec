"""The gate for written statements: borne out by their passages, or dropped with a reason."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.answers.citations import Claim, Quote, find_folded
from bot.answers.wording import readable_date
from bot.writing.form import MAX_STATEMENT_CHARS, misshapen
from bot.writing.support import StatementEvidence, lacking, speaks_of
from prompts.answer import Statement
from retrieval.domain.records import StoredPassage
from retrieval.text.glossary import Glossary
from retrieval.text.instructions import gives_orders, ordering_spans
from retrieval.text.sentences import sentence_spans

# A quote shorter than this, in words and in characters, proves nothing.
_MIN_WORDS, _MIN_CHARS = 3, 12
_CUT = 200
# A passage has about 1,300 characters and 4,000 at most: no quote of one is longer.
_MAX_QUOTE_CHARS = 4_000
_MAX_QUOTES = 12
# White space is folded before a statement's length counts, but not that of a book.
_MAX_RAW_CHARS = 2 * MAX_STATEMENT_CHARS


@dataclass(frozen=True, slots=True)
class Drop:
    """A statement that was not posted; `reason` is a kind, `detail` what gave rise to it."""

    reason: str
    detail: str
    statement: str


class StatementGate:
    """Examines statements against the passages that were shown to the model."""

    def __init__(self, passages: Sequence[StoredPassage], glossary: Glossary) -> None:
        self._passages = passages
        self._glossary = glossary
        self._seen: set[str] = set()

    def named(self, statement: Statement) -> tuple[StoredPassage, ...]:
        """Returns the passages that a statement names, as far as there are such."""
        numbers = dict.fromkeys(evidence.passage for evidence in statement.evidence)
        return tuple(
            self._passages[number - 1] for number in numbers if 0 < number <= len(self._passages)
        )

    def examine(self, statement: Statement) -> Claim | Drop:
        """Returns the claim that a statement makes, or why it is dropped.

        Every quote must stand in a passage: in the one named, or in another one, which is
        cited in its place. Numbers, percentages, dates and names must stand in the
        passages quoted, and so must most of the words, a third of them in the quotes; the
        form must be that of plain sentences. What is longer than any statement or quote is
        refused before it is looked at.
        """
        if len(statement.text) > _MAX_RAW_CHARS or len(statement.evidence) > _MAX_QUOTES:
            return _drop("form", "too long", statement.text)
        text = _once(statement.text)
        quotes: list[Quote] = []
        for evidence in statement.evidence:
            found = self._find(evidence.quote, evidence.passage)
            if isinstance(found, str):
                return _drop(found, evidence.quote, text)
            if found not in quotes:
                quotes.append(found)
        if not quotes:
            return _drop("no quote", "", text)
        if text.casefold() in self._seen:
            return _drop("repeated", "", text)
        wrong = self._unsound(text, quotes)
        if wrong:
            return wrong
        self._seen.add(text.casefold())
        return Claim(text, tuple(quotes))

    def _find(self, quote: str, number: int) -> Quote | str:
        """The quote with the passage that holds it, or the reason why there is none."""
        if len(quote) > _MAX_QUOTE_CHARS:
            return "quote not found"
        if len(quote.split()) < _MIN_WORDS and len("".join(quote.split())) < _MIN_CHARS:
            return "quote too short"
        if gives_orders(quote):
            return "order"
        named = self._passages[number - 1 : number] if number > 0 else []
        for stored in [*named, *self._passages]:
            span = find_folded(quote, stored.passage.text)
            if span and any(_overlap(span, bad) for bad in ordering_spans(stored.passage)):
                return "order"
            if span:
                return Quote(quote, stored)
        return "quote not found"

    def _unsound(self, text: str, quotes: Sequence[Quote]) -> Drop | None:
        texts = [_told_by(quote.passage) for quote in quotes]
        evidence = "\n".join(texts)
        shape = misshapen(text, evidence)
        if shape:
            return _drop(shape, "", text)
        headers = [quote.passage.passage.header for quote in quotes]
        percent = any("%" in header or "per cent" in header for header in headers)
        lack = lacking(text, StatementEvidence(evidence, percent), self._glossary)
        if lack:
            return _drop(lack.reason, lack.detail, text)
        if not speaks_of(text, "\n".join(quote.text for quote in quotes), self._glossary):
            return _drop("quote proves something else", quotes[0].text, text)
        return None


def _once(text: str) -> str:
    """A statement with its white space folded, each of its sentences once."""
    folded = " ".join(text.split())
    sentences = (folded[start:end] for start, end in sentence_spans(folded))
    return " ".join(dict.fromkeys(sentences))


def _told_by(stored: StoredPassage) -> str:
    """What a statement may draw on: the passage, and what is known of its document."""
    date = readable_date(stored.date) if stored.date else ""
    return "\n".join((stored.passage.text, stored.passage.context, stored.title, date))


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _drop(reason: str, detail: str, text: str) -> Drop:
    return Drop(reason, detail[:_CUT], text[:_CUT])
