"""Answers a question: plan, search, write or choose, or abstain; verify; word."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain, zip_longest
from time import perf_counter

from bot.answering.abstention.confidence import weigh
from bot.answering.abstention.thresholds import SURE, THRESHOLDS
from bot.answering.extractive.claims import claims_of, nearest_claims
from bot.answering.extractive.scoring import Candidate, Embed, candidates
from bot.answering.extractive.selection import Extraction, extract
from bot.answering.notes import (
    BROKE_OFF,
    outdated_note,
    unanswered_note,
    unsure_note,
    verbatim_note,
)
from bot.answers.answer import Answer, Citation, FoundPassage, Mode, Timings, Writing
from bot.answers.citations import CitationVerifier, CitedStatement, verify
from bot.answers.wording import NOT_FOUND, as_answer, as_readings, passage_place
from bot.questions.planner import Planner
from bot.questions.question import Question, read_question
from bot.runtime.deadlines import Deadline
from bot.runtime.request_ids import new_request_id
from bot.writing.author import Author, Task
from bot.writing.transcript import Transcript
from retrieval.domain.access import PUBLIC, Reader
from retrieval.domain.records import StoredPassage
from retrieval.domain.sanitizing import clean_text
from retrieval.search.searcher import Hit, Searcher, SearchResult, Snapshot
from retrieval.storage.catalog import Catalog

_MAX_NEAREST = 3
# Of a question in parts, so many times the usual number of passages are read at most.
_PARTS_PASSAGES = 1.5


@dataclass(frozen=True, slots=True)
class AnswerRules:
    """How many passages to read, when to abstain (0 to 1), how long an answer may be and take.

    `written_passages` are shown to a chat model, where that is another number.
    """

    passages: int = 8
    min_confidence: float = THRESHOLDS["balanced"]
    max_words: int = 120
    seconds: float = 30.0
    written_passages: int | None = None


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A question as it was asked.

    `earlier` is what was asked before it, oldest first; `workspace` pays for it; `show` is
    given pieces of the answer's text as soon as they are verified, if at all; `reader` is
    everybody who will see the answer; `channel` is where it was asked, for the record. What was
    asked is cleaned: a half of a surrogate pair stops the tokenizer, a NUL PostgreSQL.
    """

    text: str
    earlier: Sequence[str] = ()
    workspace: str = ""
    request_id: str = field(default_factory=new_request_id)
    show: Callable[[str], object] | None = None
    reader: Reader = PUBLIC
    channel: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", clean_text(self.text))
        object.__setattr__(self, "earlier", tuple(clean_text(text) for text in self.earlier))


@dataclass(frozen=True, slots=True)
class _Part:
    """A question that was searched for, what was chosen, and how sure we are that it is the answer.

    `confidence` is below every threshold where there is nothing to choose from.
    """

    question: Question
    found: SearchResult
    ranked: list[Candidate]
    chosen: Extraction
    confidence: float


@dataclass(frozen=True, slots=True)
class _UnverifiedAnswer:
    """What is left of an answer after verification."""

    mode: Mode
    text: str = ""
    cited: Sequence[CitedStatement] = ()
    note: str = ""


class Answerer:
    """Answers questions from the index, cited. Shared between threads.

    Without an `author` answers are verbatim sentences; with one they are written by its
    chat model, and verbatim again when it fails.
    """

    def __init__(
        self, searcher: Searcher, catalog: Catalog, embed: Embed,
        rules: AnswerRules, planner: Planner, author: Author | None = None,
    ) -> None:  # fmt: skip
        self._searcher = searcher
        self._catalog = catalog
        self._embed = embed
        self._rules = rules
        self._planner = planner
        self._author = author

    def answer(self, inquiry: Inquiry | str) -> Answer:
        """Returns the answer to a question, or one that says it is not known.

        Raises `QuestionError` for a question that is empty or too long,
        `IndexMissingError` and `IndexMismatchError` when there is nothing to search.
        """
        return self.answer_with(inquiry, Transcript())

    def answer_with(self, inquiry: Inquiry | str, transcript: Transcript) -> Answer:
        """Answers as `answer` does, and keeps account of what a chat model wrote in `transcript`."""
        if isinstance(inquiry, str):
            inquiry = Inquiry(inquiry)
        deadline = Deadline(self._rules.seconds)
        typed = read_question(inquiry.text)
        clock = _Clock()
        plan = self._planner.plan(typed.text, inquiry.earlier, transcript.usage, deadline)
        clock.lap("plan")

        def attempt(snapshot: Snapshot) -> tuple[list[_Part], Answer | None]:
            parts = [self._look_up(snapshot, text, inquiry.reader) for text in plan.searches]
            clock.lap("compose")
            # A chat model is not asked twice: what it reads is of one snapshot first.
            is_written = self._author is not None and any(self._known(parts))
            return parts, None if is_written else finish(parts)

        def finish(parts: Sequence[_Part]) -> Answer:
            draft = self._draft(plan.question, self._known(parts), inquiry, transcript, deadline)
            clock.lap("write" if draft.mode == "generated" else "compose")
            return self._finish(plan.question, inquiry, parts, draft, transcript, clock)

        parts, answer = self._searcher.on_one_snapshot(attempt)
        return answer or finish(parts)

    def _known(self, parts: Sequence[_Part]) -> list[_Part]:
        return [part for part in parts if part.confidence >= self._rules.min_confidence]

    def _look_up(self, snapshot: Snapshot, text: str, reader: Reader) -> _Part:
        question = read_question(text)
        count = self._rules.passages
        found = self._searcher.search_in(snapshot, question.text, count, reader)
        question = read_question(found.question)
        ranked = candidates(question, found, self._embed)
        if not ranked:
            return _Part(question, found, ranked, Extraction(()), -1.0)
        chosen = extract(question, ranked, self._rules.max_words)
        return _Part(question, found, ranked, chosen, weigh(found, ranked, chosen).confidence)

    def _draft(
        self, question: str, known: Sequence[_Part], inquiry: Inquiry, transcript: Transcript,
        deadline: Deadline,
    ) -> _UnverifiedAnswer:  # fmt: skip
        if self._author is None or not known:
            return self._verbatim(known)
        passages = _passages(known, self._rules.written_passages or self._rules.passages)
        task = Task(question, passages, inquiry.request_id, inquiry.workspace, inquiry.show)
        written = self._author.write(task, transcript, deadline)
        if written.failure is not None and not written.cited:
            return self._verbatim(known, verbatim_note(written.failure))
        note = BROKE_OFF if written.failure else ""
        return _UnverifiedAnswer("generated", written.text, written.cited, note)

    def _verbatim(self, known: Sequence[_Part], note: str = "") -> _UnverifiedAnswer:
        verifier = CitationVerifier(self._catalog)
        texts: list[str] = []
        cited: list[CitedStatement] = []
        unsure: list[str] = []
        for part in known:
            stand = [one for claim in claims_of(part.chosen) if (one := verifier.verify(claim))]
            if stand:
                rivals = part.chosen.readings and len(stand) > 1
                told = as_readings(stand) if rivals else as_answer(stand)
                texts.append(f"{part.question.text}\n{told}" if len(known) > 1 else told)
                cited += stand
                if part.confidence < SURE:
                    unsure.append(part.question.text)
        notes = [note, unsure_note(unsure, several=len(known) > 1)]
        return _UnverifiedAnswer("extractive", "\n\n".join(texts), cited, _lines(notes))

    def _finish(
        self, question: str, inquiry: Inquiry, parts: Sequence[_Part], draft: _UnverifiedAnswer,
        transcript: Transcript, clock: "_Clock",
    ) -> Answer:  # fmt: skip
        answered = bool(draft.cited)
        limit = self._rules.min_confidence
        unknown = [part.question.text for part in parts if part.confidence < limit]
        outdated = outdated_note(draft.cited)
        notes = [draft.note, outdated, unanswered_note(unknown) if answered else ""]
        best = max(parts, key=lambda part: part.confidence)
        embed = sum(part.found.embed_seconds for part in parts) * 1000
        search = sum(part.found.search_seconds for part in parts) * 1000
        return Answer(
            question=question,
            text=draft.text if answered else NOT_FOUND,
            answered=answered,
            mode=draft.mode,
            citations=_unique(draft.cited),
            nearest=() if answered else self._nearest(best.ranked),
            timings=clock.timings(embed, search),
            request_id=inquiry.request_id,
            confidence=max(0.0, best.confidence),
            note=_lines(notes),
            writing=self._account(transcript, len(draft.cited) if draft.mode == "generated" else 0),
            found=_found(parts),
        )

    def _account(self, transcript: Transcript, verified: int) -> Writing | None:
        if self._author is None or not (transcript.usage.calls or transcript.failure):
            return None
        return self._author.account(transcript, verified)

    def _nearest(self, ranked: list[Candidate]) -> tuple[Citation, ...]:
        """The best sentence of each of the nearest passages, verified like any quote."""
        return _unique(verify(nearest_claims(ranked, _MAX_NEAREST), self._catalog))


class _Clock:
    """Milliseconds by step."""

    def __init__(self) -> None:
        self._began = self._last = perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, step: str) -> None:
        now = perf_counter()
        self._laps[step] = self._laps.get(step, 0.0) + (now - self._last) * 1000
        self._last = now

    def timings(self, embed: float, search: float) -> Timings:
        compose = max(0.0, self._laps.get("compose", 0.0) - embed - search)
        total = (perf_counter() - self._began) * 1000
        plan, write = self._laps.get("plan", 0.0), self._laps.get("write", 0.0)
        return Timings(plan, embed, search, compose, write, total)


def _passages(known: Sequence[_Part], count: int) -> list[StoredPassage]:
    """The passages of all parts, the best of each first."""
    rows = zip_longest(*(part.found.hits for part in known))
    hits = [hit for hit in chain.from_iterable(rows) if hit is not None]
    unique = {hit.passage.id: hit.passage for hit in hits}
    return list(unique.values())[: count if len(known) == 1 else int(count * _PARTS_PASSAGES)]


def _lines(notes: Sequence[str]) -> str:
    return "\n".join(note for note in notes if note)


def _found(parts: Sequence[_Part]) -> tuple[FoundPassage, ...]:
    hits = sorted((hit for part in parts for hit in part.found.hits), key=lambda hit: -hit.score)
    best: dict[str, Hit] = {}
    for hit in hits:
        best.setdefault(hit.passage.id, hit)
    return tuple(
        FoundPassage(
            hit.passage.id, hit.passage.document, hit.passage.passage.section,
            hit.passage.passage.page, round(hit.score, 4),
            None if hit.cosine is None else round(hit.cosine, 4),
            None if hit.bm25 is None else round(hit.bm25, 2),
            passage_place(hit.passage),
        )
        for hit in best.values()
    )  # fmt: skip


def _unique(cited: Sequence[CitedStatement]) -> tuple[Citation, ...]:
    every = chain.from_iterable(entry.citations for entry in cited)
    return tuple({citation.number: citation for citation in every}.values())
