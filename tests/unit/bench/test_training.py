"""The training data is what its page says: verbatim answers, and near misses without any."""

import pytest

from bench.training.check import SETS, check, records


@pytest.mark.parametrize("name", SETS)
def test_answers_stand_in_their_documents_and_near_misses_have_none(name: str) -> None:
    counts, faults = check(name)
    assert faults == []
    assert 0.3 < counts["near miss"] / sum(counts.values()) < 0.4


def test_no_document_stands_twice() -> None:
    documents = [(name, one) for name in SETS for one in records(f"documents-{name}")]
    identifiers = [one["id"] for _, one in documents]
    assert len(set(identifiers)) == len(identifiers)
    assert len({one["text"] for _, one in documents}) == len(documents)
