"""Embedding on a Ray cluster of two nodes, beside one process: the same vectors."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest

from retrieval.domain.errors import ConfigurationError
from retrieval.embedding.ray_cluster import RayEmbeddings, shared_out
from retrieval.embedding.sentence_transformer import SentenceEmbeddings
from tests.conftest import MakeAssembly
from tests.programs import MONAZITE

Embed = Callable[[list[str]], object]
# More texts show the speed-up of machines that have processors to spare: MONAZITE_RAY_TEXTS=20000
TEXTS = int(os.environ.get("MONAZITE_RAY_TEXTS", "48"))


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    """Two nodes on this machine, with one processor each; RAY_ADDRESS says where they are."""
    from ray.cluster_utils import Cluster

    bare = {"num_cpus": 1, "include_dashboard": False, "object_store_memory": 80_000_000}
    found = Cluster(initialize_head=True, head_node_args=bare)
    found.add_node(**bare)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_ADDRESS", found.address)
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        yield
    import ray

    ray.shutdown()
    found.shutdown()


@pytest.mark.cluster
def test_a_cluster_of_two_nodes_makes_the_same_index(
    cluster: None, make_assembly: MakeAssembly, embeddings: SentenceEmbeddings, seeds: Path
) -> None:
    installation = make_assembly()
    installation.embeds_on_ray = True
    installation.indexer.index([seeds])
    build = installation.searcher.snapshot().build.id
    passages = list(installation.catalog.all_passages(build))
    texts = [f"{one.passage.context}\n{one.passage.text}".strip() for one in passages]
    stored = installation.vectors.read(build, [one.id for one in passages])
    np.testing.assert_allclose(
        [stored[one.id] for one in passages], embeddings.embed(texts), atol=2e-6
    )
    assert installation.verifier.verify().whole
    print_times(installation.index._embed, embeddings.embed, texts * (1 + TEXTS // len(texts)))


def print_times(together: Embed, alone: Embed, texts: list[str]) -> None:
    took = []
    for embed in (alone, together):
        began = perf_counter()
        embed(texts)
        took.append(perf_counter() - began)
    sys.stdout.write(
        f"\n{len(texts)} texts: one process {took[0]:.2f} s, two nodes {took[1]:.2f} s, "
        f"{took[0] / took[1]:.2f} times as fast\n"
    )


def test_a_cluster_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import ray

    def refuse(**_: object) -> None:
        raise ConnectionError("ray://127.0.0.1:1")

    monkeypatch.setattr(ray, "init", refuse)
    with pytest.raises(ConfigurationError, match=r"No Ray cluster answers .* check RAY_ADDRESS"):
        RayEmbeddings("all-MiniLM-L6-v2").embed(["a"])


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ConfigurationError, match="--workers ray needs the extra ray"):
        RayEmbeddings("all-MiniLM-L6-v2").embed(["a"])


def test_the_option_is_understood(documents: Path, tmp_path: Path) -> None:
    environment = os.environ | {"MONAZITE_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [MONAZITE, "index", documents, "--workers", "elsewhere"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "ray" in done.stderr


def test_everybody_gets_about_as_much_to_read() -> None:
    lengths = [100, 1, 1, 90, 50, 40, 5]
    shares = shared_out(lengths, 2)
    assert sorted(place for share in shares for place in share) == list(range(7))
    loads = [sum(lengths[place] for place in share) for share in shares]
    assert max(loads) < 2 * min(loads)
    assert shared_out([1], 4) == [[0]]


@pytest.mark.cluster
def test_a_cluster_of_our_own_has_no_secret_and_no_folder_of_documents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-secret")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "torch.py").write_text("open('pwned', 'w').close()")
    embeddings = RayEmbeddings("all-MiniLM-L6-v2")
    try:
        assert len(embeddings.embed_documents(["Cerium is soft."])) == 1
        import ray

        @ray.remote
        def look() -> tuple[dict[str, str], list[str]]:
            return dict(os.environ), sys.path

        environment, path = ray.get(look.remote())
        assert "xoxb-secret" not in environment.values()
        assert str(tmp_path) not in path
        scratch = embeddings._scratch
        assert scratch is not None
        assert Path(scratch.name).stat().st_mode & 0o77 == 0
    finally:
        embeddings.close()
    assert not Path(scratch.name).exists()
    assert not (tmp_path / "pwned").exists()
    assert os.environ["SLACK_BOT_TOKEN"] == "xoxb-secret"
    assert Path.cwd() == tmp_path
