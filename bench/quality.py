"""Ours beside the usual baselines, on the evaluation questions: `make eval`."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from bot.evaluation.runner import (  # fmt: skip
    EvalCase,
    EvalReport,
    evaluate,
    first_rank,
    mean_reciprocal_rank,
    read_cases,
    recall_at,
)
from bot.wiring.installation import Installation
from bot.wiring.settings import Settings
from retrieval.embedding.sentence_transformer import SentenceEmbeddings
from retrieval.loading.registry import load_document
from tests.eval.office import build_corpus

EVAL = Path(__file__).parents[1] / "tests" / "eval"
CHUNK, OVERLAP, TOP = 1000, 200, 4

Passages = list[tuple[str, str]]
Rank = Callable[[str], Passages]


@dataclass(frozen=True)
class Row:
    """A retriever's figures on one set of questions."""

    name: str
    recall: dict[int, float]
    mrr: float


def measure(name: str, cases: Sequence[EvalCase], rank: Rank) -> Row:
    ranks = [first_rank(case, rank(case.question)) for case in cases if case.answerable]
    recall = {depth: recall_at(depth, ranks) for depth in (1, 3, 5)}
    return Row(name, recall, mean_reciprocal_rank(ranks))


def chunks_of(corpus: Path) -> Passages:
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(chunk_size=CHUNK, chunk_overlap=OVERLAP)
    return [
        (path.name, chunk)
        for path in sorted(corpus.iterdir())
        for chunk in splitter.split_text(load_document(path.read_bytes(), path.name).text)
    ]


def dense_baseline(chunks: Passages, embeddings: SentenceEmbeddings) -> Rank:
    from langchain_core.documents import Document
    from langchain_core.embeddings import Embeddings
    from langchain_core.vectorstores import InMemoryVectorStore

    class Adapter(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return embeddings.embed(texts).tolist()

        def embed_query(self, text: str) -> list[float]:
            return embeddings.embed_query(text).tolist()

    store = InMemoryVectorStore(Adapter())
    store.add_documents([Document(text, metadata={"name": name}) for name, text in chunks])

    def rank(question: str) -> Passages:
        found = store.similarity_search(question, k=TOP)
        return [(document.metadata["name"], document.page_content) for document in found]

    return rank


def lexical_baseline(passages: Passages) -> Rank:
    from rank_bm25 import BM25Okapi

    index = BM25Okapi([text.lower().split() for _, text in passages])

    def rank(question: str) -> Passages:
        scores = index.get_scores(question.lower().split())
        return [passages[place] for place in np.argsort(-scores)[:20]]

    return rank


def our_ranking(installation: Installation) -> Rank:
    def rank(question: str) -> Passages:
        hits = installation.searcher.search(question, 20).hits
        return [(hit.passage.document, hit.passage.passage.text) for hit in hits]

    return rank


def print_rows(title: str, rows: Sequence[Row]) -> None:
    table = Table("retriever", "recall@1", "recall@3", "recall@5", "MRR", title=title)
    for row in rows:
        table.add_row(
            row.name, *(f"{share:.3f}" for share in row.recall.values()), f"{row.mrr:.3f}"
        )
    Console(width=110).print(table)


def print_report(title: str, report: EvalReport) -> None:
    print(
        f"{title}: answer hits {report.answer_hits:.1%}, citations valid "
        f"{report.citation_validity:.1%}, abstention precision {report.abstention_precision:.1%}, "
        f"recall {report.abstention_recall:.1%}, latency {report.latency_ms}"
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        corpus = build_corpus(Path(folder) / "corpus")
        installation = Installation(Settings(_env_file=None, home=Path(folder) / "home"))
        installation.indexer.index([corpus])
        chunks = chunks_of(corpus)
        rankers = {
            "Monazite": our_ranking(installation),
            f"splitter({CHUNK}, {OVERLAP}) + cosine, top {TOP}": dense_baseline(
                chunks, installation.embeddings
            ),
            "BM25 on the same chunks": lexical_baseline(chunks),
        }
        for name in ("questions", "held-out"):
            cases = read_cases(EVAL / f"{name}.jsonl")
            print_rows(name, [measure(label, cases, rank) for label, rank in rankers.items()])
            report = evaluate(
                cases, installation.answerer, installation.searcher, installation.catalog
            )
            print_report(name, report)


if __name__ == "__main__":
    main()
