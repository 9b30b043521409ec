from pathlib import Path

import pytest

from bot.conversations.exchanges import Exchange, Exchanges
from retrieval.database.engine import open_database


@pytest.fixture
def exchanges(tmp_path: Path) -> Exchanges:
    return Exchanges(open_database(f"sqlite:///{tmp_path / 'catalog.db'}"))


def asked(request_id: str, thread: str = "1.0", asker: str = "U1") -> Exchange:
    return Exchange(request_id, "C1", thread, f"1.{request_id}", asker, f"Question {request_id}?")


def test_an_exchange_is_found_by_message_thread_and_asker(exchanges: Exchanges) -> None:
    exchanges.open(asked("1"))
    exchanges.open(asked("2", thread="2.0", asker="U2"))
    assert [e.request_id for e in exchanges.of_message("C1", "1.1")] == ["1"]
    assert [e.request_id for e in exchanges.of_thread("C1", "2.0")] == ["2"]
    assert [e.request_id for e in exchanges.of_asker("U2")] == ["2"]
    assert exchanges.get("3") is None


def test_what_happens_to_it_is_remembered(exchanges: Exchanges) -> None:
    exchanges.open(asked("1"))
    exchanges.close("1", "Understood?", answered=True, reply="9.9")
    exchanges.reword("1", "Other question?")
    found = exchanges.get("1")
    assert found
    assert (found.question, found.understood, found.answered, found.reply) == (
        "Other question?", "Understood?", True, "9.9",
    )  # fmt: skip


def test_withdrawn_questions_are_not_among_the_last_ones(exchanges: Exchanges) -> None:
    exchanges.open(asked("1"))
    exchanges.withdraw("1")
    assert exchanges.of_asker("U1") == []
    assert exchanges.of_message("C1", "1.1")[0].withdrawn


def test_the_newest_are_returned_oldest_first(exchanges: Exchanges) -> None:
    for number in range(8):
        exchanges.open(asked(str(number)))
    assert [e.request_id for e in exchanges.of_asker("U1", limit=3)] == ["5", "6", "7"]


def test_a_reader_has_one_verdict_the_last(exchanges: Exchanges) -> None:
    exchanges.judge("1", "U1", helpful=True)
    exchanges.judge("1", "U1", helpful=False, reason="old", comment="See 2025")
    assert exchanges.verdict("1", "U1") == (False, "old", "See 2025")
    assert exchanges.verdict("1", "U2") is None
