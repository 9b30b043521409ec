"""The journal, what is written into it, and the budget that reads it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from bot.answering.answerer import Inquiry
from bot.costs.budget import Budget
from bot.journal.entries import Entry, Journal
from bot.questions.question import QuestionError
from bot.wiring.installation import Installation
from retrieval.database.engine import open_database
from retrieval.domain.errors import ConfigurationError
from tests.conftest import MakeAssembly
from tests.integration.test_writing import QUESTION, QUOTE
from tests.providers.server import Providers

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(open_database(f"sqlite:///{tmp_path / 'catalog.db'}"))


def entry(request_id: str, cost: float | None, when: datetime, workspace: str = "T1") -> Entry:
    return Entry(
        request_id, "Q?", "Q?", "answered", workspace=workspace, cost=cost, answered_at=when
    )


def test_what_was_answered_is_kept_with_what_it_was_made_of(
    make_writing: MakeAssembly, providers: Providers
) -> None:
    providers.play("openai/answer.sse")
    installation = make_writing()
    inquiry = Inquiry(QUESTION, workspace="T1")
    installation.recorder.answer(inquiry, asker="U1")
    (kept,) = installation.journal.of_request(inquiry.request_id)
    assert (kept.outcome, kept.mode, kept.workspace, kept.asker) == (
        "answered", "generated", "T1", "U1",
    )  # fmt: skip
    assert [citation["quote"] for citation in kept.citations] == [QUOTE]
    assert kept.writing is not None
    assert kept.writing["dropped"][0]["reason"] == "quote not found"
    assert set(kept.writing["prompts"]) == {"answer", "repair", "plan"}
    assert (kept.writing["tokens_read"], kept.writing["tokens_written"]) == (1840, 132)
    assert kept.timings is not None
    assert kept.timings["write"] > 0


def test_a_question_that_cannot_be_answered_is_kept_as_failed(library: Installation) -> None:
    inquiry = Inquiry("?!")
    with pytest.raises(QuestionError):
        library.recorder.answer(inquiry)
    (kept,) = library.journal.of_request(inquiry.request_id)
    assert kept.outcome == "failed"
    assert kept.note.startswith("QuestionError: ")


def test_an_answer_is_given_although_it_cannot_be_recorded(
    library: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def burn(_: Entry) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(library.journal, "record", burn)
    assert library.recorder.answer(Inquiry("What is the two bases policy?")).answered


def test_spending_is_summed_by_workspace_and_day(journal: Journal) -> None:
    journal.record(entry("1", 0.5, NOON))
    journal.record(entry("2", 0.25, NOON))
    journal.record(entry("3", None, NOON))
    journal.record(entry("4", 9.0, NOON, workspace="T2"))
    journal.record(entry("5", 9.0, NOON - timedelta(days=1)))
    assert journal.spent("T1", NOON.replace(hour=0)) == 0.75
    assert journal.spent("T3", NOON.replace(hour=0)) == 0.0


def test_a_budget_is_used_up_until_midnight(journal: Journal) -> None:
    journal.record(entry("1", 0.5, NOON))
    assert Budget(journal, 0.5, lambda: NOON).used_up("T1")
    assert not Budget(journal, 0.51, lambda: NOON).used_up("T1")
    assert not Budget(journal, 0.5, lambda: NOON + timedelta(hours=12)).used_up("T1")
    assert not Budget(journal, None, lambda: NOON).used_up("T1")
    assert Budget(journal, 0.0, lambda: NOON).used_up("T2")


def test_when_the_budget_is_used_up_answers_are_verbatim_and_say_so(
    make_writing: MakeAssembly, providers: Providers, tmp_path: Path
) -> None:
    prices = tmp_path / "prices.toml"
    prices.write_text('["gpt-4.1-mini"]\ninput = 100\noutput = 1000\n')
    installation = make_writing(daily_budget=0.1, prices=prices)
    providers.play("openai/answer.sse")
    answers = [installation.recorder.answer(Inquiry(QUESTION, workspace="T7")) for _ in range(2)]
    assert [answer.mode for answer in answers] == ["generated", "extractive"]
    assert answers[0].writing is not None
    assert answers[0].writing.cost == pytest.approx(0.316)
    assert "budget" in answers[1].note
    assert len(providers.requests) == 1
    providers.play("openai/answer.sse")
    other = installation.recorder.answer(Inquiry(QUESTION, workspace="T8"))
    assert other.mode == "generated"


def test_a_budget_without_a_price_is_refused(make_writing: MakeAssembly) -> None:
    with pytest.raises(ConfigurationError, match="MONAZITE_PRICES"):
        _ = make_writing(daily_budget=1.0).answerer


def test_old_entries_are_forgotten(journal: Journal) -> None:
    now = datetime.now(UTC)
    journal.record(entry("old", 1.0, now - timedelta(days=91)))
    journal.record(entry("new", 1.0, now))
    journal.forget_old(0)
    assert journal.of_request("old")
    journal.forget_old(90)
    assert not journal.of_request("old")
    assert journal.of_request("new")


def test_metrics_tell_of_questions_statements_tokens_and_failures(
    make_writing: MakeAssembly, providers: Providers
) -> None:
    installation = make_writing()
    providers.play("openai/answer.sse", "openai/refusal.sse")
    for _ in range(2):
        installation.recorder.answer(Inquiry(QUESTION))
    text = generate_latest(installation.metrics.registry).decode()
    for line in (
        'monazite_questions_total{mode="generated",outcome="answered"} 1.0',
        'monazite_questions_total{mode="extractive",outcome="answered"} 1.0',
        'monazite_statements_total{outcome="verified"} 2.0',
        'monazite_statements_total{outcome="quote not found"} 1.0',
        'monazite_chat_failures_total{kind="refused"} 1.0',
        'monazite_chat_tokens_total{direction="read",model="openai:gpt-4.1-mini"} 3680.0',
        'monazite_answer_seconds_count{stage="write"} 2.0',
    ):
        assert line in text.splitlines()
