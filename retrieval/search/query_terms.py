"""What a question asks about, term by term, and how much of it a text covers."""

import math
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from retrieval.domain.records import StoredPassage
from retrieval.text.dates import MONTHS
from retrieval.text.glossary import Glossary, Mention
from retrieval.text.periods import CalendarPeriod, periods_in
from retrieval.text.terms import STOP_WORDS, content_words, stems, words

# "May" alone is most often no month.
_MONTHS = frozenset(MONTHS) - {"may"}
# Asking for the newest is met by a date, not by these words.
_NEWEST = frozenset({"latest", "newest", "current", "currently", "still", "today"})
# "Three bases" is not two bases; "three million" is an amount to compare, not a name.
_BINDING_NUMBER = re.compile(
    r"\b((?:19|20)\d\d|(?:two|three|four|five|six|seven|eight|nine|ten)"
    r"(?!\s+(?:hundred|thousand|million|billion|percent)))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class QueryTerm:
    """A term of a question: any of `forms`, each a set of stems, says it.

    `weight` is its inverse document frequency. A `binding` term is a name, an
    element, a number or a date: a text about another one does not answer. A `period` is
    a year or a part of one, which only the text around a passage can settle. A term that
    stands nowhere in the index is not `known`.
    """

    term: str
    forms: tuple[frozenset[str], ...]
    weight: float
    binding: bool = False
    period: bool = False
    known: bool = True

    def covered_by(self, found: Collection[str]) -> bool:
        """Says whether the stems `found` hold any form of the term."""
        return any(all(stem in found for stem in form) for form in self.forms)


def coverage(query_terms: Sequence[QueryTerm], found: Collection[str]) -> float:
    """Returns the share of the terms' weight, 0 to 1, that the stems `found` cover."""
    total = sum(query_term.weight for query_term in query_terms)
    covered = sum(query_term.weight for query_term in query_terms if query_term.covered_by(found))
    return covered / total if total else 0.0


def names_covered(query_terms: Sequence[QueryTerm], found: Collection[str]) -> float:
    """Returns the share of the binding terms, 0 to 1, that the stems `found` cover."""
    binding = [query_term for query_term in query_terms if query_term.binding]
    if not binding:
        return 1.0
    return sum(query_term.covered_by(found) for query_term in binding) / len(binding)


def open_stems(query_terms: Sequence[QueryTerm], found: Collection[str]) -> set[str]:
    """Returns the stems that, beside those `found`, would cover terms that are not covered yet."""
    return {
        stem
        for query_term in query_terms
        if not query_term.covered_by(found)
        for form in query_term.forms
        for stem in form
        if stem not in found
    }


def stems_around(stored: StoredPassage) -> set[str]:
    """Returns the stems of what stands above a passage, and of its document's date."""
    return set(stems(f"{stored.passage.context} {stored.date or ''}"))


class QueryTermReader:
    """Reads the terms of a question; knows names that mean the same from the glossary."""

    def __init__(
        self,
        glossary: Glossary,
        document_frequency: Callable[[str], int],
        passages: Callable[[], int],
    ) -> None:
        self._glossary = glossary
        self._document_frequency = document_frequency
        self._passages = passages

    def read(self, question: str) -> tuple[QueryTerm, ...]:
        """Returns the terms of `question`, stop words left out, in order."""
        total = self._passages()
        periods = periods_in(question)
        rest = _without(question, periods)
        mentions = self._glossary.mentions(rest)
        found = [self._mentioned(mention, total) for mention in mentions]
        found += [self._period(period, total) for period in periods]
        rest = _without(rest, mentions)
        names = _names(rest)
        numbers = {match.group().lower() for match in _BINDING_NUMBER.finditer(rest)}
        for word in dict.fromkeys(content_words(rest)):
            binding = word in names or word in _MONTHS or word in numbers
            if word not in _NEWEST:
                found += self._word(word, total, binding=binding)
        return tuple(found)

    def _word(self, word: str, total: int, *, binding: bool) -> list[QueryTerm]:
        stem = frozenset(stems(word))
        known = all(map(self._document_frequency, stem))
        if not known and not word.isascii():
            return []  # most pairs of Chinese characters straddle two words
        year = len(word) == 4 and word.isdigit() and binding
        return [QueryTerm(word, (stem,), self._weight(stem, total), binding, year, known)]

    def _period(self, period: CalendarPeriod, total: int) -> QueryTerm:
        forms = tuple(
            frozenset(stem for stem in stems(name) if stem != "of") for name in period.names
        )
        weight = min(self._weight(form, total) for form in forms)
        return QueryTerm(period.names[0], forms, weight, binding=True, period=True)

    def _mentioned(self, mention: Mention, total: int) -> QueryTerm:
        forms = tuple(frozenset(stems(form)) for form in mention.group if stems(form))
        weight = min(self._weight(form, total) for form in forms)
        return QueryTerm(mention.group[0], forms, weight, mention.is_name)

    def _weight(self, form: Collection[str], total: int) -> float:
        """Inverse document frequency as in BM25 (Robertson and Zaragoza 2009), of the rarest stem."""
        frequency = min((self._document_frequency(stem) for stem in form), default=0)
        return math.log(1 + (total - frequency + 0.5) / (frequency + 0.5))


def _names(text: str) -> frozenset[str]:
    """Words with a capital that is not just the start of a sentence."""
    inside = re.finditer(r"(?<![.?!:]\s)(?<=\s)[A-Z][\w’'-]*", text)
    found = {word for match in inside for word in words(match.group())}
    return frozenset(word for word in found if word not in STOP_WORDS and len(word) > 1)


def _without(question: str, taken: Sequence[Mention | CalendarPeriod]) -> str:
    for mention in reversed(taken):
        question = f"{question[: mention.start]} , {question[mention.end :]}"
    return question
