"""Embedding on a Ray cluster of two nodes, beside one process: the same vectors."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from retrieval.ray_embedding import shared_out
from tests.conftest import MakeAssembly

MONAZITE = Path(sys.executable).parent / "monazite"
RAY = Path(sys.executable).parent / "ray"
DOCUMENTS = int(os.environ.get("MONAZITE_RAY_DOCUMENTS", "3"))


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[str]:
    """Two nodes with one processor each; yields the head's address."""
    from tests.servers import free_port

    address = f"127.0.0.1:{free_port()}"
    environment = os.environ | {"RAY_DISABLE_IMPORT_WARNING": "1", "RAY_USAGE_STATS_ENABLED": "0"}
    head = ["--head", f"--port={address.rpartition(':')[2]}", "--node-ip-address=127.0.0.1"]
    rest = ["--num-cpus=1", "--disable-usage-stats", "--include-dashboard=false"]
    commands = [[RAY, "start", *head, *rest], [RAY, "start", f"--address={address}", *rest[:2]]]
    for command in commands:
        subprocess.run(command, env=environment, check=True, capture_output=True, timeout=120)
    yield address
    subprocess.run([RAY, "stop", "--force"], env=environment, check=False, capture_output=True)


def write_documents(folder: Path, seeds: Path) -> None:
    folder.mkdir()
    text = next(seeds.glob("*.txt")).read_text()
    for number in range(DOCUMENTS):
        (folder / f"{number}.txt").write_text(f"Report number {number}.\n\n{text}")


def index(home: Path, folder: Path, *options: str, **settings: str) -> float:
    environment = os.environ | {"MONAZITE_HOME": str(home)} | settings
    began = time.perf_counter()
    done = subprocess.run(
        [MONAZITE, "index", folder, *options],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return time.perf_counter() - began


def test_a_cluster_of_two_nodes_gives_the_same_vectors(
    cluster: str, seeds: Path, tmp_path: Path, make_shared: MakeAssembly
) -> None:
    folder = tmp_path / "documents"
    write_documents(folder, seeds)
    alone = index(tmp_path / "alone", folder)
    together = index(tmp_path / "together", folder, "--workers", "ray", RAY_ADDRESS=cluster)
    sys.stdout.write(
        f"\none process {alone:.1f} s, two nodes {together:.1f} s: {alone / together:.2f} times as fast\n"
    )
    found = []
    for name in ("alone", "together"):
        assembly = make_shared(tmp_path / name)
        build = assembly.searcher.ready().id
        by_place = {
            (stored.document, stored.passage.ordinal): stored.id
            for stored in assembly.catalog.all_passages(build)
        }
        vectors = assembly.vectors.read(build, list(by_place.values()))
        found.append({place: vectors[identifier] for place, identifier in by_place.items()})
        assert assembly.verifier.verify().whole
    assert found[0].keys() == found[1].keys()
    assert len(found[0]) > DOCUMENTS * 5
    for place, vector in found[0].items():
        np.testing.assert_allclose(vector, found[1][place], atol=2e-6)


def test_a_cluster_that_is_not_there_is_named(seeds: Path, tmp_path: Path) -> None:
    environment = os.environ | {"MONAZITE_HOME": str(tmp_path), "RAY_ADDRESS": "127.0.0.1:1"}
    done = subprocess.run(
        [MONAZITE, "index", seeds, "--workers", "ray"],
        env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("monazite: No Ray cluster answers (")
    assert "check RAY_ADDRESS" in done.stderr


def test_everybody_gets_about_as_much_to_read() -> None:
    lengths = [100, 1, 1, 90, 50, 40, 5]
    shares = shared_out(lengths, 2)
    assert sorted(place for share in shares for place in share) == list(range(7))
    loads = [sum(lengths[place] for place in share) for share in shares]
    assert max(loads) < 2 * min(loads)
    assert shared_out([1], 4) == [[0]]
