from datetime import UTC, datetime, timedelta

from bot.journal.entries import Entry
from bot.slack.service.maintenance import Maintenance
from tests.conftest import MakeAssembly


def test_what_is_old_is_forgotten_once_a_day(make_assembly: MakeAssembly) -> None:
    installation, now = make_assembly(journal_days=30), [0.0]
    upkeep = Maintenance(installation, lambda: now[0])

    def keep(request_id: str) -> None:
        old = datetime.now(UTC) - timedelta(days=31)
        installation.journal.record(Entry(request_id, "Q?", "", "answered", answered_at=old))

    keep("before the start")
    upkeep.look()
    assert installation.journal.of_request("before the start") == []
    keep("during the day")
    now[0] = 23 * 3600
    upkeep.look()
    assert installation.journal.of_request("during the day")
    now[0] = 25 * 3600
    upkeep.look()
    assert installation.journal.of_request("during the day") == []


def test_without_an_index_there_is_nothing_to_follow(make_assembly: MakeAssembly) -> None:
    Maintenance(make_assembly()).look()
