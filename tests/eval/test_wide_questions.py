"""The wide evaluation set is what it says it is; `make eval-wide` measures answers with it."""

from collections import Counter
from pathlib import Path

import pytest

from bench.wide import HALVES, cases_of
from bot.answers.citations import find_folded
from bot.evaluation.runner import EvalCase, EvalReport, evaluate
from retrieval.loading.registry import load_document
from tests.conftest import MakeAssembly
from tests.eval.office import build_corpus

# A third of the questions is few: a figure of them is this far off at times.
MARGIN = 0.08


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_corpus(tmp_path_factory.mktemp("whole"), whole=True)


@pytest.fixture(scope="module")
def texts(whole: Path) -> dict[str, str]:
    return {path.name: load_document(path.read_bytes(), path.name).text for path in whole.iterdir()}


@pytest.fixture(scope="module")
def cases() -> dict[str, list[EvalCase]]:
    return {half: cases_of(half) for half in HALVES}


def test_there_are_enough_documents_and_questions_of_every_kind(
    texts: dict[str, str], cases: dict[str, list[EvalCase]]
) -> None:
    every = [case for half in cases.values() for case in half]
    assert len(texts) >= 150
    assert len(every) >= 400
    assert sum(not case.answerable for case in every) >= 100
    kinds = Counter(case.kind for case in every)
    assert set(kinds) >= {
        "acronym", "chinese", "comparison", "conflict", "definition", "fact", "follow-up", "latest",
        "list", "misspelling", "number", "symbol", "table", "when", "who", "why",
    }  # fmt: skip


def test_every_expected_answer_stands_in_one_of_its_documents(
    texts: dict[str, str], cases: dict[str, list[EvalCase]]
) -> None:
    for case in (case for half in cases.values() for case in half):
        for answer in case.answers:
            found = [name for name in case.documents if find_folded(answer, texts[name])]
            assert found, (case.question, answer)


def test_no_document_of_the_new_ones_serves_both_halves(cases: dict[str, list[EvalCase]]) -> None:
    more = {path.name for path in (Path(__file__).parent / "more").iterdir()}
    dev, held_out = (
        {name for case in half for name in case.documents if name in more}
        for half in cases.values()
    )
    assert dev & held_out == set()
    assert dev | held_out == more


def test_no_question_is_asked_twice(cases: dict[str, list[EvalCase]]) -> None:
    asked = Counter(
        (case.question.lower(), case.earlier) for half in cases.values() for case in half
    )
    assert [question for question, count in asked.items() if count > 1] == []


@pytest.fixture(scope="module")
def sampled(
    make_shared: MakeAssembly, tmp_path_factory: pytest.TempPathFactory, whole: Path,
    cases: dict[str, list[EvalCase]],
) -> EvalReport:  # fmt: skip
    """Every third question of the half that nothing was tuned on, over all the documents."""
    installation = make_shared(tmp_path_factory.mktemp("sampled-home"))
    installation.indexer.index([whole])
    asked = cases["held out"][::3]
    return evaluate(asked, installation.answerer, installation.searcher, installation.catalog)


def test_answers_over_many_like_documents_are_as_right_as_measured(sampled: EvalReport) -> None:
    """What was measured over the whole half (docs/quality.md), less a margin for the sample."""
    assert sampled.recall["5"] >= 0.97 - MARGIN
    assert sampled.mrr >= 0.88 - MARGIN
    assert sampled.answer_hits >= 0.81 - MARGIN
    assert sampled.abstention_recall >= 0.56 - MARGIN
    assert sampled.citation_validity == 1
