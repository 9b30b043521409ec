"""Finding entries of the journal again, on SQLite and on PostgreSQL alike."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.conversations.exchanges import Exchanges
from bot.journal.entries import Entry, Journal
from bot.journal.search import Filter, JournalRecord, JournalSearch
from retrieval.database.engine import open_database
from retrieval.domain.errors import ConfigurationError

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    if request.param == "postgresql":
        return open_database(request.getfixturevalue("postgres").database())
    folder: Path = tmp_path_factory.mktemp("journal")
    return open_database(f"sqlite:///{folder / 'catalog.db'}")


def cited(document: str, quote: str = "…") -> tuple[dict[str, object], ...]:
    return ({"document": document, "quote": quote},)


@pytest.fixture(scope="module")
def search(engine: Engine) -> JournalSearch:
    journal = Journal(engine)
    entries = (
        Entry("r1", "What is cerium?", "", "answered", asker="U1", text="A polish. 100%",
              citations=cited("cerium.txt", "says dysprosium.pdf"), answered_at=NOON),
        Entry("r2", "Price of Dysprosium?", "", "abstained", asker="U2",
              answered_at=NOON + timedelta(hours=1)),
        Entry("r3", "Was kostet Öl?", "", "failed", asker="U1", note="IndexMissingError",
              answered_at=NOON + timedelta(hours=2)),
        Entry("r4", "Was ist Öl_1?", "", "answered", asker="U2", text="Ein Stoff.",
              citations=cited("Öle und Fette.pdf"), answered_at=NOON + timedelta(hours=3)),
    )  # fmt: skip
    for entry in entries:
        journal.record(entry)
    exchanges = Exchanges(engine)
    exchanges.judge("r1", "U2", helpful=True)
    exchanges.judge("r4", "U1", helpful=False, reason="wrong", comment="no")
    exchanges.judge("r4", "U2", helpful=True)
    return JournalSearch(engine)


def ids(records: list[JournalRecord]) -> list[str]:
    return [record.entry.request_id for record in records]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Filter(), ["r4", "r3", "r2", "r1"]),
        (Filter(since=NOON + timedelta(hours=2)), ["r4", "r3"]),
        (Filter(until=NOON + timedelta(hours=2)), ["r2", "r1"]),
        (Filter(outcome="abstained"), ["r2"]),
        (Filter(outcome="failed"), ["r3"]),
        (Filter(asker="U1"), ["r3", "r1"]),
        (Filter(unhelpful=True), ["r4"]),
        (Filter(words="dysprosium price"), ["r2"]),
        (Filter(words="polish"), ["r1"]),
        (Filter(words="100%"), ["r1"]),
        (Filter(words="%"), ["r1"]),
        (Filter(words="l_1"), ["r4"]),
        (Filter(document="CERIUM"), ["r1"]),
        (Filter(document="dysprosium"), []),
        (Filter(document="Öle"), ["r4"]),
        (Filter(asker="U1", outcome="answered", words="cerium"), ["r1"]),
        (Filter(words="nothing of the kind"), []),
    ],
)  # fmt: skip
def test_what_is_wanted_is_found_newest_first(
    search: JournalSearch, wanted: Filter, found: list[str]
) -> None:
    assert ids(search.newest(wanted, 10)) == found


def test_pages_follow_one_another_without_gaps(search: JournalSearch) -> None:
    first = search.newest(Filter(), 2)
    second = search.newest(Filter(), 2, before=first[-1].number)
    assert ids(first) + ids(second) == ["r4", "r3", "r2", "r1"]
    assert search.newest(Filter(), 2, before=second[-1].number) == []


def test_what_is_new_is_told_oldest_first(search: JournalSearch) -> None:
    (second,) = search.of_request("r2")
    assert ids(search.after(Filter(), second.number)) == ["r3", "r4"]
    assert search.after(Filter(), search.last_number()) == []


def test_verdicts_come_with_what_they_are_about(search: JournalSearch) -> None:
    (record,) = search.of_request("r4")
    assert [(verdict.reader, verdict.helpful) for verdict in record.verdicts] == [
        ("U1", False), ("U2", True),
    ]  # fmt: skip
    newest = search.verdicts(NOON - timedelta(days=1))
    assert {(one.request_id, one.reader) for one in newest} == {
        ("r1", "U2"), ("r4", "U1"), ("r4", "U2"),
    }  # fmt: skip


def test_more_than_one_batch_is_walked_whole(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'catalog.db'}")
    journal = Journal(engine)
    for number in range(450):
        journal.record(Entry(f"r{number}", "Q?", "", "answered", answered_at=NOON))
    search = JournalSearch(engine)
    assert len(list(search.walk(Filter()))) == 450
    assert len(search.after(Filter(), 0)) == 450


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"words": "price " * 3000}, "50 words at most; these are 3,000"),
        ({"words": "x" * 60_000}, "2,000 characters at most in words"),
        ({"document": "x" * 60_000}, "2,000 characters at most in document"),
        ({"asker": "x" * 60_000}, "2,000 characters at most in asker"),
    ],
)
def test_a_search_that_no_database_can_do_is_refused_in_words(
    wanted: dict[str, str], said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said):
        Filter(**wanted)


def test_what_no_database_holds_is_left_out_of_what_is_looked_for() -> None:
    wanted = Filter(words="nul \0", document="half \ud800")
    assert wanted.words.isprintable()
    wanted.document.encode()


def test_as_many_words_as_are_allowed_can_be_looked_for(search: JournalSearch) -> None:
    words = " ".join(f"word%_{number}" for number in range(50))
    assert search.newest(Filter(words=words, document="x" * 2000), 5) == []
    assert search.of_request("\0") == []
    assert search.of_request("\ud800") == []
