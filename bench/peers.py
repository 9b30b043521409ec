"""Monazite beside its peers, with the same embedder and documents, in one run: `make bench-peers`.

Each system runs in a process of its own, so that its memory can be told. haiku-rag, which wants
a newer Python, has an environment of its own and is served the embedder over loopback.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.quality import chunks_of, dense_baseline, lexical_baseline
from bench.wide import HALVES, cases_of
from bot.evaluation.runner import EvalCase, first_rank, mean_reciprocal_rank, recall_at
from retrieval.embedding.model_files import DEFAULT_MODEL, locate_model
from retrieval.embedding.sentence_transformer import SentenceEmbeddings
from retrieval.loading.registry import load_document
from tests.eval.office import build_corpus
from tests.slack.server import Serving

HAIKU = Path(__file__).with_name("peer_haiku.py")
PEERS_PYTHON = "PEERS_PYTHON"
DEPTH = 8


@dataclass
class Found:
    """What a system gives for a question: passages, best first, and its answer, if it has one."""

    passages: list[tuple[str, str]]
    seconds: float
    answer: list[tuple[str, str]] | None = None
    abstains: bool = False


@dataclass
class Trial:
    """What a system did with all documents and questions; memory in MB at its peak."""

    index_seconds: float
    memory: float
    found: list[Found]


def all_cases() -> list[EvalCase]:
    return [case for half in HALVES for case in cases_of(half) if not case.earlier]


def try_monazite(corpus: Path, home: Path) -> Trial:
    from bot.wiring.installation import Installation
    from bot.wiring.settings import Settings

    installation = Installation(Settings(_env_file=None, home=home))
    installation.embeddings.warm()
    began = perf_counter()
    installation.indexer.index([corpus])
    indexed = perf_counter() - began
    found = []
    for case in all_cases():
        began = perf_counter()
        hits = installation.searcher.search(case.question, DEPTH).hits
        seconds = perf_counter() - began
        answer = installation.answerer.answer(case.question)
        quotes = [(citation.document, citation.quote) for citation in answer.citations]
        passages = [(hit.passage.document, hit.passage.passage.text) for hit in hits]
        found.append(Found(passages, seconds, quotes, not answer.answered))
    return Trial(indexed, peak_memory(), found)


def try_ranker(make: Callable[[], Callable[[str], list[tuple[str, str]]]]) -> Trial:
    began = perf_counter()
    rank = make()
    indexed = perf_counter() - began
    found = []
    for case in all_cases():
        began = perf_counter()
        passages = rank(case.question)[:DEPTH]
        found.append(Found(passages, perf_counter() - began))
    return Trial(indexed, peak_memory(), found)


def try_langchain(corpus: Path, _: Path) -> Trial:
    embeddings = SentenceEmbeddings(DEFAULT_MODEL)
    embeddings.warm()
    return try_ranker(lambda: dense_baseline(chunks_of(corpus), embeddings))


def try_bm25(corpus: Path, _: Path) -> Trial:
    return try_ranker(lambda: lexical_baseline(chunks_of(corpus)))


def try_haiku(corpus: Path, home: Path) -> Trial:
    """Serves the embedder in this process; the peer's own process does the rest."""
    embeddings = SentenceEmbeddings(DEFAULT_MODEL)
    embeddings.warm()
    texts = {
        path.name: load_document(path.read_bytes(), path.name).text for path in corpus.iterdir()
    }
    task = {
        "documents": texts, "questions": [case.question for case in all_cases()], "depth": DEPTH,
        "home": str(home), "tokenizer": locate_model(DEFAULT_MODEL),
    }  # fmt: skip
    with Serving(embedding_server(embeddings)) as serving:
        task["url"] = f"http://127.0.0.1:{serving.port}/v1"
        done = subprocess.run(
            [os.environ[PEERS_PYTHON], HAIKU], input=json.dumps(task), capture_output=True,
            text=True, check=False,
        )  # fmt: skip
    if done.returncode:
        sys.exit(done.stderr[-3000:])
    result = json.loads(done.stdout.splitlines()[-1])
    found = [
        Found([(name, text) for name, text in one["passages"]], one["seconds"])
        for one in result["found"]
    ]
    return Trial(result["index_seconds"], result["memory"], found)


def embedding_server(embeddings: SentenceEmbeddings) -> Any:
    """OpenAI's embeddings endpoint, as little of it as is asked for."""
    from starlette.applications import Starlette
    from starlette.concurrency import run_in_threadpool
    from starlette.requests import Request
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    async def embed(request: Request) -> JSONResponse:
        texts = (await request.json())["input"]
        texts = [texts] if isinstance(texts, str) else texts
        vectors = (await run_in_threadpool(embeddings.embed, texts)).tolist()
        data = [
            {"object": "embedding", "index": place, "embedding": vector}
            for place, vector in enumerate(vectors)
        ]
        usage = {"prompt_tokens": 0, "total_tokens": 0}
        return JSONResponse(
            {"object": "list", "model": DEFAULT_MODEL, "data": data, "usage": usage}
        )

    return Starlette(routes=[Route("/v1/embeddings", embed, methods=["POST"])])


SYSTEMS = {
    "Monazite": try_monazite,
    "haiku-rag": try_haiku,
    "LangChain tutorial": try_langchain,
    "BM25": try_bm25,
}


def peak_memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def row(name: str, trial: Trial) -> list[str]:
    cases = all_cases()
    both = list(zip(cases, trial.found, strict=True))
    ranks = [first_rank(case, one.passages) for case, one in both if case.answerable]
    hits = [
        any(
            case.held_by(*part) for part in (one.passages[:1] if one.answer is None else one.answer)
        )
        for case, one in both
        if case.answerable
    ]
    silent = [one.abstains for case, one in both if not case.answerable]
    return [
        name, f"{recall_at(5, ranks):.3f}", f"{mean_reciprocal_rank(ranks):.3f}",
        f"{sum(hits) / len(hits):.1%}", f"{sum(silent) / len(silent):.1%}",
        f"{trial.index_seconds:.1f}", f"{median(one.seconds for one in trial.found) * 1000:.1f}",
        f"{trial.memory:.0f}",
    ]  # fmt: skip


def main() -> None:
    columns = "recall@5", "MRR", "answer hit", "abstention", "index s", "query ms", "memory MB"
    table = Table("system", *columns, title=f"{len(all_cases())} questions, 159 documents")
    with tempfile.TemporaryDirectory() as folder:
        corpus = build_corpus(Path(folder) / "corpus", whole=True)
        for number, name in enumerate(SYSTEMS):
            home = Path(folder) / str(number)
            command = [sys.executable, "-m", "bench.peers", name, str(corpus), str(home)]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            told = json.loads(done.stdout.splitlines()[-1])
            told["found"] = [Found(**one) for one in told["found"]]
            table.add_row(*row(name, Trial(**told)))
    Console(width=110).print(table)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        system, corpus_folder, home_folder = sys.argv[1:]
        print(json.dumps(asdict(SYSTEMS[system](Path(corpus_folder), Path(home_folder)))))
    else:
        main()
