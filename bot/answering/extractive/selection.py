"""Answers without a language model: chooses the sentences that answer, verbatim."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.answering.extractive.scoring import Candidate, leans, sentence_text
from bot.questions.question import Question
from retrieval.domain.passages import Passage
from retrieval.domain.records import StoredPassage
from retrieval.text.key_values import is_field

# How far below the best sentence, in score, another may be and still join the answer.
_COMPANION_MARGIN = 0.25
_READING_MARGIN = 0.5
_RIVAL_MARGIN = 0.12
_MAX_SENTENCES = 3
_MAX_READINGS = 3
# One that starts like this limits what the one before it says, which is half true without it.
_LIMITS = re.compile(
    r"(?:above that|below that|beyond that|otherwise|instead|however|but|except|unless|this does not)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_FIGURES = re.compile(r"\d[\d.,]*\d|\d")


@dataclass(frozen=True, slots=True)
class Extract:
    """Neighbouring sentences of one passage, `passage.text[start:end]` in document offsets."""

    stored: StoredPassage
    first: int
    last: int
    score: float

    @property
    def quote(self) -> str:
        """Returns the sentences as they stand in the document."""
        passage = self.stored.passage
        start = passage.sentences[self.first].start - passage.start
        ending = passage.sentences[self.last].start - passage.start
        return passage.text[start:ending] + sentence_text(self.stored, self.last)


@dataclass(frozen=True, slots=True)
class Extraction:
    """The extracts of an answer; `readings` says that they are rival answers, not one."""

    extracts: tuple[Extract, ...]
    readings: bool = False

    @property
    def text(self) -> str:
        """Returns all that would be quoted."""
        return " ".join(extract.quote for extract in self.extracts)


def extract(question: Question, ranked: Sequence[Candidate], max_words: int) -> Extraction:
    """Returns the extracts that answer, in document order, about `max_words` at most.

    `ranked` are the candidates, best first; there must be at least one.
    """
    best = ranked[0]
    rivals = _readings(question, ranked)
    if len(rivals) > 1:
        groups = [_complete(rival.hit.passage, {rival.index}, rival.score) for rival in rivals]
        return Extraction(tuple(_within(_flatten(groups), max_words)), readings=True)
    chosen = {best.index} | _companions(best, ranked)
    extracts = _complete(best.hit.passage, chosen, best.score)
    return Extraction(tuple(_in_order(_within(_best_first(extracts, best.index), max_words))))


def _companions(best: Candidate, ranked: Sequence[Candidate]) -> set[int]:
    """Sentences of the same passage that answer nearly as well; a table row stands alone."""
    if best.hit.passage.passage.header:
        return set()
    close = [
        other.index
        for other in ranked[1:]
        if other.hit is best.hit
        and other.score >= best.score - _COMPANION_MARGIN
        and is_field(other.text) == is_field(best.text)
    ]
    return set(close[: _MAX_SENTENCES - 1])


def _readings(question: Question, ranked: Sequence[Candidate]) -> list[Candidate]:
    """Rival answers: definitions of the same thing, or figures that differ, in other places."""
    best = ranked[0]
    rivals = [best]
    for other in ranked[1:]:
        if len(rivals) == _MAX_READINGS:
            break
        if not any(_same_place(other, rival) for rival in rivals) and (
            _defines_too(best, other) or _differs(question, best, other)
        ):
            rivals.append(other)
    return sorted(rivals, key=_place) if best.defining else rivals


def _defines_too(best: Candidate, other: Candidate) -> bool:
    return best.defining and other.defining and other.score >= best.score - _READING_MARGIN


def _differs(question: Question, best: Candidate, other: Candidate) -> bool:
    """Says whether another document answers as well, with other figures."""
    if "number" not in question.expects or other.score < best.score - _RIVAL_MARGIN:
        return False
    figures = [set(_FIGURES.findall(candidate.text)) for candidate in (best, other)]
    elsewhere = other.hit.passage.document != best.hit.passage.document
    covers = other.hit.coverage >= best.hit.coverage and _years(question.text) <= _years_of(other)
    return elsewhere and covers and all(figures) and not figures[0] & figures[1]


def _years_of(candidate: Candidate) -> set[str]:
    """Years that a passage speaks of; when its document was published is another matter."""
    passage = candidate.hit.passage.passage
    return _years(f"{passage.context} {passage.text}")


def _years(text: str) -> set[str]:
    return set(_YEAR.findall(text))


def _same_place(one: Candidate, other: Candidate) -> bool:
    """Sentences of one paragraph are one reading."""
    return _place(one)[:2] == _place(other)[:2]


def _place(candidate: Candidate) -> tuple[str, int, int]:
    sentence = candidate.sentence
    return candidate.hit.passage.version_id, sentence.block, sentence.start


def _complete(stored: StoredPassage, chosen: set[int], score: float) -> list[Extract]:
    """Adds what chosen sentences lean on, and merges neighbours into extracts."""
    passage = stored.passage
    wanted = set(chosen)
    for index in chosen:
        wanted |= _support(passage, index, lambda i: sentence_text(stored, i))
    extracts: list[Extract] = []
    for index in sorted(wanted):
        if extracts and extracts[-1].last == index - 1:
            extracts[-1] = Extract(stored, extracts[-1].first, index, score)
        else:
            extracts.append(Extract(stored, index, index, score))
    return extracts


def _support(passage: Passage, index: int, text: Callable[[int], str]) -> set[int]:
    """The sentences without which sentence `index` cannot be understood."""
    needed: set[int] = set()
    block = passage.sentences[index].block
    before = index
    while before > 0 and leans(text(before)) and passage.sentences[before - 1].block == block:
        before -= 1
        needed.add(before)
    limits = index + 1
    if (
        limits < len(passage.sentences)
        and passage.sentences[limits].block == block
        and _LIMITS.match(text(limits))
    ):
        needed.add(limits)
    if text(index).rstrip().endswith(":"):
        following = index + 1
        while following < len(passage.sentences) and text(following).lstrip().startswith(
            ("-", "•", "*")
        ):
            needed.add(following)
            following += 1
    return needed


def _best_first(extracts: list[Extract], index: int) -> list[Extract]:
    return sorted(extracts, key=lambda extract: not extract.first <= index <= extract.last)


def _within(extracts: Sequence[Extract], max_words: int) -> list[Extract]:
    """The first extract always, further ones while the words last."""
    kept: list[Extract] = []
    words = 0
    for extracted in extracts:
        words += len(extracted.quote.split())
        if not kept or words <= max_words:
            kept.append(extracted)
    return kept


def _in_order(extracts: Sequence[Extract]) -> list[Extract]:
    return sorted(extracts, key=lambda extract: extract.first)


def _flatten(groups: Sequence[Sequence[Extract]]) -> list[Extract]:
    return [extracted for group in groups for extracted in group]
