"""What an evaluation says of written answers: statements, citations, failures, tokens."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bot.answers.answer import Answer
from bot.costs.prices import total_cost
from bot.evaluation.alce import CitationQuality, Cited, citation_quality, entailed_by_rules
from bot.writing.transcript import Transcript
from retrieval.text.glossary import Glossary


@dataclass(frozen=True, slots=True)
class WrittenReport:
    """Figures of the questions that a chat model was asked.

    `dropped` counts statements by reason, `failures` answers by what went wrong. Citation
    recall and precision are ALCE's (`bot/evaluation/alce.py`): of the statements as they were written,
    and of those that were posted. `cost` is None where a price is not known.
    """

    asked: int
    answered: int
    not_in_documents: int
    nothing_left: int
    written: int
    posted: int
    dropped: dict[str, int]
    failures: dict[str, int]
    as_written: CitationQuality
    as_posted: CitationQuality
    calls: int
    tokens_read: int
    tokens_written: int
    tokens_estimated: bool
    cost: float | None


def written_report(
    outcomes: Sequence[tuple[Answer, Transcript]], glossary: Glossary
) -> WrittenReport | None:
    """Returns the figures, or None where no chat model was asked anything."""
    asked = [(answer, transcript) for answer, transcript in outcomes if answer.writing is not None]
    if not asked:
        return None
    transcripts = [transcript for _, transcript in asked]
    accounts = [answer.writing for answer, _ in asked if answer.writing is not None]
    entails = entailed_by_rules(glossary)
    written = sum(account.written for account in accounts)
    posted = sum(account.verified for account in accounts)
    generated = [(answer, transcript) for answer, transcript in asked if answer.mode == "generated"]
    denied = sum(transcript.in_documents is False for _, transcript in generated)
    answered = sum(answer.answered for answer, _ in generated)
    return WrittenReport(
        asked=len(asked),
        answered=answered,
        not_in_documents=denied,
        nothing_left=len(generated) - answered - denied,
        written=written,
        posted=posted,
        dropped=dict(
            Counter(drop.reason for transcript in transcripts for drop in transcript.dropped)
        ),
        failures=dict(Counter(account.failure for account in accounts if account.failure)),
        as_written=citation_quality(_as_written(transcripts), entails),
        as_posted=citation_quality(_as_posted(transcripts), entails),
        calls=sum(account.calls for account in accounts),
        tokens_read=sum(account.tokens_read for account in accounts),
        tokens_written=sum(account.tokens_written for account in accounts),
        tokens_estimated=any(account.tokens_estimated for account in accounts),
        cost=total_cost([account.cost for account in accounts]),
    )


def _as_written(transcripts: Sequence[Transcript]) -> list[Cited]:
    return [
        Cited(written.statement.text, tuple(stored.passage.text for stored in written.passages))
        for transcript in transcripts
        for written in transcript.written
    ]


def _as_posted(transcripts: Sequence[Transcript]) -> list[Cited]:
    found = []
    for transcript in transcripts:
        for claim in transcript.claims:
            passages = {quote.passage.id: quote.passage.passage.text for quote in claim.quotes}
            found.append(Cited(claim.statement, tuple(passages.values())))
    return found
