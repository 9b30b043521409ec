"""The default model in both precisions."""

import numpy as np
import pytest

from retrieval.embedding.model_files import DEFAULT_MODEL
from retrieval.embedding.sentence_transformer import SentenceEmbeddings

TEXTS = [f"Kiln number {number} burns {'very ' * (number % 40)}hot." for number in range(45)]
LONG = "The kiln is hot and the mill is cold. " * 80


@pytest.fixture(scope="module")
def halves() -> SentenceEmbeddings:
    return SentenceEmbeddings(DEFAULT_MODEL, "bfloat16")


@pytest.fixture(scope="module")
def single() -> SentenceEmbeddings:
    return SentenceEmbeddings(DEFAULT_MODEL, "float32")


def test_what_is_embedded_beside_a_text_does_not_show_in_its_vector(
    halves: SentenceEmbeddings,
) -> None:
    together = halves.embed(TEXTS)
    assert np.array_equal(together[:1], halves.embed(TEXTS[:1]))
    assert np.array_equal(together[20:31], halves.embed(TEXTS[20:31]))


def test_both_precisions_mean_the_same(
    halves: SentenceEmbeddings, single: SentenceEmbeddings
) -> None:
    texts = [*TEXTS, LONG, ""]
    agreement = (halves.embed(texts) * single.embed(texts)).sum(axis=1)
    assert agreement.min() > 0.999


def test_a_query_and_a_text_of_the_same_words_are_one(halves: SentenceEmbeddings) -> None:
    query = halves.embed_query(TEXTS[3])
    assert query @ halves.embed([TEXTS[3]])[0] > 0.999
    assert np.linalg.norm(query) == pytest.approx(1.0, abs=1e-5)


def test_nothing_is_embedded_as_nothing(single: SentenceEmbeddings) -> None:
    assert len(single.embed([])) == 0
