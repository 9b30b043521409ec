"""Times against named baselines in the same run; ratios, not seconds, are what counts."""

import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from statistics import median
from time import perf_counter

from bench.memory import resident_mb
from bench.synthetic import NearbyVectors, sentences_of, versions, write_documents
from bot.evaluation.runner import read_cases
from bot.wiring.installation import Installation
from bot.wiring.settings import Settings
from retrieval.domain.passages import in_context
from retrieval.embedding.sentence_transformer import SentenceEmbeddings
from retrieval.storage.index import Index
from retrieval.storage.vector_store import VectorStore
from tests.eval.office import build_corpus

ROOT = Path(__file__).parents[1]
MONAZITE = Path(sys.executable).parent / "monazite"
BARE_ASK = """
import sentence_transformers
from retrieval.embedding.model_files import locate_model
model = sentence_transformers.SentenceTransformer(locate_model("all-MiniLM-L6-v2"), device="cpu")
model.encode(["What is the two bases policy?"], show_progress_bar=False)
"""


def say(name: str, ours: float, baseline: float, goal: float, unit: str = "s") -> None:
    ratio = ours / baseline
    verdict = "met" if ratio <= goal else "MISSED"
    print(
        f"{name}: {ours:.3f} {unit} against {baseline:.3f} {unit}, "
        f"ratio {ratio:.2f} (goal {goal}, {verdict})",
        flush=True,
    )


def bench_indexing(folder: Path, sentences: list[str], documents: int) -> None:
    write_documents(folder / "documents", sentences, documents)
    installation = Installation(Settings(_env_file=None, home=folder / "home"))
    embeddings = installation.embeddings
    embeddings.embed(sentences[:64])
    # What both sides need is there before the clock starts: the model, and Chroma's import.
    import_module("chromadb")
    report = installation.indexer.index([folder / "documents"])
    build = installation.catalog.live_build()
    assert build is not None
    texts = [
        in_context(stored.passage.context, stored.passage.text)
        for stored in installation.catalog.all_passages(build.id)
    ]
    began = perf_counter()
    embeddings._model.encode(texts, show_progress_bar=False)
    bare = perf_counter() - began
    ours, name = report.timings["total"], f"indexing {len(texts)} passages, against bare encode"
    say(f"{name} in the same precision", ours, bare, 1.15)
    single = SentenceEmbeddings(embeddings.name, "float32")
    single.embed(sentences[:64])
    began = perf_counter()
    single._model.encode(texts, show_progress_bar=False)
    say(f"{name} as the library loads the model", ours, perf_counter() - began, 1.15)
    parts = {step: round(seconds, 1) for step, seconds in report.timings.items()}
    print(f"  of which, in seconds: {parts}")


def bench_query(folder: Path, sentences: list[str], passages: int) -> None:
    installation = Installation(Settings(_env_file=None, home=folder))
    embeddings = installation.embeddings
    embeddings.embed(sentences[:64])
    build = installation.catalog.stage_build(installation.fingerprint)
    filler = VectorStore(folder / "chroma")
    nearby = NearbyVectors(embeddings, sentences)
    index = Index(installation.catalog, filler, installation.lexical, nearby.embed)
    began = perf_counter()
    for version in versions(build.id, sentences, passages // 1000, 1000):
        index.write(build.id, [version])
    installation.catalog.switch_build(build.id)
    filler.reopen()
    print(f"filled {passages} passages in {perf_counter() - began:.0f} s", flush=True)
    before = resident_mb()
    questions = [case.question for case in read_cases(ROOT / "tests/eval/questions.jsonl")]
    for question in questions[:5]:
        installation.searcher.search(question)
    print(f"memory for {passages} passages: {resident_mb() - before:.0f} MB above the loaded model")
    ours, bare = [], []
    for question in questions:
        began = perf_counter()
        vector = embeddings.embed_query(question)
        with installation.vectors._collection(build.id) as collection:
            collection.query(query_embeddings=[vector], n_results=8)
        bare.append(perf_counter() - began)
        began = perf_counter()
        installation.searcher.search(question)
        ours.append(perf_counter() - began)
    name = f"a search of {passages} passages, against bare embed + Chroma query"
    say(name, median(ours) * 1000, median(bare) * 1000, 1.5, "ms")


def seconds_of(command: list[str | Path], folder: Path) -> float:
    began = perf_counter()
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return perf_counter() - began


def bench_cold(folder: Path) -> None:
    folder.mkdir()
    subprocess.run([MONAZITE, "index", ROOT / "seeds"], cwd=folder, check=True, capture_output=True)
    ask: list[str | Path] = [MONAZITE, "ask", "What is the two bases policy?"]
    bare: list[str | Path] = [sys.executable, "-c", BARE_ASK]
    pairs = [(seconds_of(ask, folder), seconds_of(bare, folder)) for _ in range(5)]
    asks, bares = zip(*pairs, strict=True)
    say("cold ask, against bare import + load + encode", median(asks), median(bares), 1.3)
    helps = median(seconds_of([MONAZITE, "--help"], folder) for _ in range(5))
    print(f"monazite --help: {helps:.3f} s (goal 0.5, {'met' if helps < 0.5 else 'MISSED'})")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sentences = sentences_of(build_corpus(folder / "corpus"))
        bench_cold(folder / "cold")
        bench_indexing(folder / "indexing", sentences, documents=600)
        bench_query(folder / "query", sentences, passages=100_000)


if __name__ == "__main__":
    main()
