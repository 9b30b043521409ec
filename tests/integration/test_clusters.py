"""Which unanswered questions stand together: by the real model, what they ask for and not their words."""

import pytest

from bot.journal.entries import Entry
from bot.journal.search import JournalRecord
from bot.ops.clusters import cluster_questions
from retrieval.embedding.sentence_transformer import SentenceEmbeddings

ALIKE = [
    ("What does gallium cost?", "What is the price of gallium?"),
    ("Who owns Lynas?", "Who are the shareholders of Lynas?"),
    ("How much dysprosium did China export in 2024?", "What were China's dysprosium exports in 2024?"),
    ("When does the Mountain Pass expansion finish?",
     "When will the expansion of Mountain Pass be completed?"),
    ("Which countries buy our cerium?", "To which countries is our cerium sold?"),
    ("What is the warranty on the kiln?", "How long is the kiln under warranty?"),
    ("Who is the safety officer at Karrabin?", "Name of Karrabin's safety officer"),
    ("What are the terms of the offtake contract with Zwickau?", "Zwickau offtake contract terms?"),
]  # fmt: skip
OTHER = [
    ("What does gallium cost?", "Who produces gallium?"),
    ("Who owns Lynas?", "Where does Lynas mine?"),
    ("When does the Mountain Pass expansion finish?", "What does the Mountain Pass expansion cost?"),
    ("What is the warranty on the kiln?", "How hot is the kiln?"),
    ("Who is the safety officer at Karrabin?", "How much ore does Karrabin mine?"),
    ("What are the terms of the offtake contract with Zwickau?", "What does the plant in Zwickau make?"),
    ("What does gallium cost?", "What does terbium cost?"),
    ("What does neodymium cost?", "What does praseodymium cost?"),
]  # fmt: skip


def records(*questions: str) -> list[JournalRecord]:
    return [
        JournalRecord(number, Entry(f"r{number}", question, "", "abstained"))
        for number, question in enumerate(questions)
    ]


@pytest.mark.parametrize("pair", ALIKE)
def test_the_same_question_in_other_words_stands_with_it(
    embeddings: SentenceEmbeddings, pair: tuple[str, str]
) -> None:
    assert len(cluster_questions(records(*pair), embeddings.embed)) == 1


@pytest.mark.parametrize("pair", OTHER)
def test_another_question_about_the_same_thing_stands_apart(
    embeddings: SentenceEmbeddings, pair: tuple[str, str]
) -> None:
    assert len(cluster_questions(records(*pair), embeddings.embed)) == 2


def test_the_largest_group_comes_first_under_its_newest_wording(
    embeddings: SentenceEmbeddings,
) -> None:
    newest_first = ("Who owns Lynas?", "What does gallium cost?", "What is the price of gallium?")
    groups = cluster_questions(records(*newest_first), embeddings.embed)
    assert [group.question for group in groups] == ["What does gallium cost?", "Who owns Lynas?"]
    assert [len(group.records) for group in groups] == [2, 1]


def test_without_questions_there_are_no_groups(embeddings: SentenceEmbeddings) -> None:
    assert cluster_questions([], embeddings.embed) == []
