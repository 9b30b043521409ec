"""The same index on a Chroma server and in PostgreSQL, both started here on loopback."""

from pathlib import Path

import pytest

from bot.conversations.exchanges import Exchange
from retrieval.domain.errors import ConfigurationError
from tests.conftest import MakeAssembly
from tests.integration.test_indexer import assert_whole


def test_a_chroma_server_and_postgresql_serve_as_well(
    make_assembly: MakeAssembly, documents: Path, chroma_url: str, postgres_url: str
) -> None:
    installation = make_assembly(chroma_url=chroma_url, database_url=postgres_url)
    installation.indexer.index([documents])
    assert_whole(installation)
    (documents / "cerium.txt").write_text("Cerium oxide cleans the exhaust of cars.")
    installation.indexer.index([documents])
    installation.indexer.index([documents], rebuild=True)
    assert_whole(installation)
    answer = installation.answerer.answer("What does cerium oxide clean?")
    assert "exhaust of cars" in answer.text
    assert [installation.idempotency_keys.claim("event 1") for _ in range(2)] == [True, False]
    installation.exchanges.open(Exchange("r1", "C1", "1.0", "1.0", "U1", "What is cerium?"))
    installation.exchanges.judge("r1", "U1", helpful=True)
    installation.exchanges.judge("r1", "U1", helpful=False, reason="old")
    assert installation.exchanges.of_asker("U1")[0].question == "What is cerium?"
    assert installation.exchanges.verdict("r1", "U1") == (False, "old", "")


@pytest.mark.parametrize(
    ("settings", "advice"),
    [
        ({"chroma_url": "http://127.0.0.1:1"}, "check MONAZITE_CHROMA_URL"),
        ({"chroma_url": "nonsense"}, "must look like http"),
        ({"database_url": "postgresql://u:p@127.0.0.1:1/x"}, "check MONAZITE_HOME and"),
        ({"database_url": "nonsense"}, "MONAZITE_DATABASE_URL is not usable"),
    ],
)
def test_a_server_that_is_not_there_is_named(
    make_assembly: MakeAssembly, documents: Path, settings: dict[str, str], advice: str
) -> None:
    with pytest.raises(ConfigurationError, match=advice):
        make_assembly(**settings).indexer.index([documents])
