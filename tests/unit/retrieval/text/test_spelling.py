import pytest

from retrieval.text.spelling import corrected

KNOWN = "dysprosium melts at a high temperature ytterbium lynas of kalgoorlie".split()


@pytest.mark.parametrize(
    ("question", "unknown", "meant"),
    [
        ("What is disprosium for?", ["disprosium"], "What is dysprosium for?"),
        ("Who runs Kalgorlie?", ["kalgorlie"], "Who runs Kalgoorlie?"),
        ("What temprature, at most?", ["temprature"], "What temperature, at most?"),
        ("Who is Linas?", ["linas"], "Who is Linas?"),
        ("What is unobtainium?", ["unobtainium"], "What is unobtainium?"),
        ("What is ytterbum?", [], "What is ytterbum?"),
    ],
)
def test_a_word_nowhere_in_the_documents_is_read_as_its_neighbour(
    question: str, unknown: list[str], meant: str
) -> None:
    assert corrected(question, unknown, KNOWN) == meant
