"""Questions that ask for the same thing, together: what the documents lack, by how often."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from bot.journal.search import JournalRecord
from retrieval.embedding.embedder import Vectors

# Of all-MiniLM-L6-v2: eight paraphrases had cosines of 0.88 to 0.95, eight other questions about the same thing
# 0.33 to 0.74 (tests/integration/test_clusters.py). Another year hardly counts: 0.96.
_ALIKE = 0.8


@dataclass(slots=True)
class QuestionCluster:
    """Records whose questions are alike, newest first; `sum` of their unit vectors."""

    records: list[JournalRecord]
    sum: Vectors = field(repr=False)

    @property
    def question(self) -> str:
        """The newest wording."""
        return worded(self.records[0])

    def similarity(self, vector: Vectors) -> float:
        """Returns the cosine of `vector` and the middle of the group."""
        return float(self.sum @ vector / (np.linalg.norm(self.sum) or 1.0))

    def take(self, record: JournalRecord, vector: Vectors) -> None:
        """Adds a record."""
        self.records.append(record)
        self.sum = self.sum + vector


def cluster_questions(
    records: Sequence[JournalRecord], embed: Callable[[Sequence[str]], Vectors]
) -> list[QuestionCluster]:
    """Returns the records in groups, the largest first; `embed` gives unit vectors."""
    groups: list[QuestionCluster] = []
    if not records:
        return groups
    vectors = embed([worded(record) for record in records])
    for record, vector in zip(records, vectors, strict=True):
        likely = max(groups, key=lambda group: group.similarity(vector), default=None)
        if likely and likely.similarity(vector) >= _ALIKE:
            likely.take(record, vector)
        else:
            groups.append(QuestionCluster([record], vector))
    return sorted(groups, key=lambda group: -len(group.records))


def worded(record: JournalRecord) -> str:
    """Returns the question as it was understood, or else as it was asked."""
    return record.entry.understood or record.entry.question
