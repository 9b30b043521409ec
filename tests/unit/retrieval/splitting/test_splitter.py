from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.embedding.sentence_transformer import SentenceEmbeddings
from retrieval.loading.registry import load_document
from retrieval.splitting.splitter import Splitter


class Words:
    """Counts words, for properties that need no model."""

    max_tokens = 120
    special_tokens = 2

    def count(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]


LINES = st.sampled_from(
    [
        "A heading here", "", "- an item of a list", "Name | Price | Year",
        "The mine opened in 1998. It closed in 2004! Why?", "word " * 90, "x" * 300,
        "稀土很重要。包头是中心。", "You Might Also Like…", "Dr. Li paid 1.5 million (of 2.0).",
    ]
)  # fmt: skip


@given(st.lists(LINES, min_size=1, max_size=25), st.integers(20, 100))
@settings(deadline=None)
def test_every_passage_stands_at_its_offsets(lines: list[str], target: int) -> None:
    document = load_document(("Some words.\n" + "\n".join(lines)).encode(), "a.txt")
    passages = Splitter(Words(), target).split(document)
    assert [passage.ordinal for passage in passages] == list(range(len(passages)))
    end = 0
    for passage in passages:
        assert document.text[passage.start : passage.end] == passage.text
        assert passage.start >= end
        end = passage.end
        assert passage.sentences[0].start == passage.start
        assert passage.sentences[-1].end == passage.end


@given(st.lists(LINES, min_size=1, max_size=25))
@settings(deadline=None)
def test_no_passage_outgrows_the_window(lines: list[str]) -> None:
    counter = Words()
    document = load_document(("Some words.\n" + "\n".join(lines)).encode(), "a.txt")
    for passage in Splitter(counter, 100).split(document):
        size = counter.count([f"{passage.context}\n{passage.text}"])[0]
        assert size + counter.special_tokens <= counter.max_tokens


def test_nothing_is_cut_off_by_the_real_tokenizer(
    corpus: Path, embeddings: SentenceEmbeddings
) -> None:
    splitter = Splitter(embeddings, 190)
    texts = []
    for path in sorted(corpus.iterdir()):
        for passage in splitter.split(load_document(path.read_bytes(), path.name)):
            texts.append(f"{passage.context}\n{passage.text}")
    sizes = [size + embeddings.special_tokens for size in embeddings.count(texts)]
    assert max(sizes) <= embeddings.max_tokens == 256
    assert max(sizes) > 180  # and the room is used


@pytest.mark.parametrize("nasty", ["dysprosium " * 700, "€" * 3000, "稀" * 900, "a." * 2000])
def test_even_a_monstrous_sentence_fits_the_model(
    nasty: str, embeddings: SentenceEmbeddings
) -> None:
    document = load_document(f"Title of it all\n\nWords first. {nasty}".encode(), "a.txt")
    passages = Splitter(embeddings, 190).split(document)
    sizes = embeddings.count([f"{passage.context}\n{passage.text}" for passage in passages])
    assert max(sizes) + embeddings.special_tokens <= embeddings.max_tokens
    kept = "".join("".join(passage.text.split()) for passage in passages)
    assert kept.endswith("".join(nasty.split())[-50:])


def test_a_passage_stays_under_one_heading_and_knows_it() -> None:
    source = b"# The title of it\n\nIntro words.\n\n## Water\n\nWet.\n\n## Fire\n\nHot.\n"
    passages = Splitter(Words(), 100).split(load_document(source, "a.md"))
    assert [(p.section, p.text) for p in passages] == [
        ("", "Intro words."), ("Water", "Wet."), ("Fire", "Hot."),
    ]  # fmt: skip
    assert passages[1].context == "The title of it › Water"


def test_a_heading_right_under_another_of_its_level_does_not_replace_it(
    embeddings: SentenceEmbeddings,
) -> None:
    text = (
        "Halvorsen Rare Metals\nReport for the first quarter of 2023\n\nOslo, 25 April 2023\n\n"
        "The mine produced 1,943 tonnes of oxide, and the mill stood for nine days in March.\n"
    )
    (passage,) = Splitter(embeddings).split(load_document(text.encode(), "report.txt"))
    assert passage.section == "Report for the first quarter of 2023 › Oslo, 25 April 2023"
