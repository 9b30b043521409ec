"""The seam for a cross-encoder, with a small one that the test builds and trains."""

from pathlib import Path

import pytest
import torch

from bot.wiring.installation import Installation
from retrieval.domain.errors import ModelError
from retrieval.search.cross_encoder import CrossEncoderReranker
from tests.conftest import MakeAssembly

WORDS = "[PAD] [UNK] [CLS] [SEP] [MASK] is where the green red box lamp kiln ? .".split()


@pytest.fixture(scope="module")
def green(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A cross-encoder of two layers that has learnt to like whatever is green."""
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    folder = tmp_path_factory.mktemp("green")
    (folder / "vocab.txt").write_text("\n".join(WORDS))
    tokenizer = BertTokenizerFast(str(folder / "vocab.txt"))
    torch.manual_seed(0)
    model = BertForSequenceClassification(
        BertConfig(
            vocab_size=len(WORDS), hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
            intermediate_size=64, num_labels=1,
        )
    )  # fmt: skip
    texts = [
        f"the {thing} is {colour} ." for thing in ("box", "lamp") for colour in ("green", "red")
    ]
    batch = tokenizer(["where ?"] * 4, texts, return_tensors="pt", padding=True)
    wanted = torch.tensor([[1.0], [0.0], [1.0], [0.0]])
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(60):
        loss = torch.nn.functional.binary_cross_entropy_with_logits(model(**batch).logits, wanted)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)


def test_it_judges_each_text_from_nought_to_one(green: str) -> None:
    liked, not_liked = CrossEncoderReranker(green).judge(
        "where ?", ["the lamp is green .", "the lamp is red ."]
    )
    assert 0.0 <= not_liked < 0.2
    assert 0.8 < liked <= 1.0
    assert CrossEncoderReranker(green).judge("where ?", []) == []


def test_what_it_likes_comes_first(green: str, make_assembly: MakeAssembly, tmp_path: Path) -> None:
    folder = tmp_path / "colours"
    folder.mkdir()
    (folder / "one.txt").write_text("The lamp is red.")
    (folder / "two.txt").write_text("The lamp is green.")
    plain = make_assembly()
    plain.indexer.index([folder])
    question = "Where is the red lamp?"
    assert first_of(plain, question) == "one.txt"
    assert first_of(make_assembly(reranker_model=green), question) == "two.txt"


def first_of(installation: Installation, question: str) -> str:
    return installation.searcher.search(question).hits[0].passage.document


def test_one_that_cannot_be_loaded_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="check MONAZITE_RERANKER_MODEL"):
        CrossEncoderReranker(str(tmp_path / "nothing")).judge("where ?", ["the lamp is red ."])
