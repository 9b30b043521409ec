"""Embedding on a Ray cluster: as many workers as it has processors, each with the model in memory.

Monazite must be installed on every node, in the same version, with the same model.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from retrieval.domain.errors import ConfigurationError, how_to_install
from retrieval.embedding.embedder import Vectors
from retrieval.embedding.model_files import Precision
from retrieval.system.isolation import SAFE_FOLDER, clean_environment

_TRIES = 3


class RayEmbeddings:
    """Embeds on the cluster at RAY_ADDRESS, or on one that is started on this machine."""

    def __init__(self, model: str, precision: Precision = "auto") -> None:
        self._model = model
        self._precision = precision
        self._workers: list[Any] = []
        # Where a cluster of our own keeps sockets and logs: /tmp/ray could be anybody's.
        self._scratch: TemporaryDirectory[str] | None = None

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Returns one unit vector a text, in order, shape `(len(texts), dimensions)`.

        Raises `ConfigurationError` without a cluster.
        """
        workers = self._start()
        import ray

        shares = shared_out([len(text) for text in texts], len(workers))
        tasks = [
            worker.embed.remote([texts[place] for place in share])
            for worker, share in zip(workers, shares, strict=False)
        ]
        found = np.concatenate(ray.get(tasks))
        vectors = np.empty_like(found)
        vectors[[place for share in shares for place in share]] = found
        return vectors

    def close(self) -> None:
        """Leaves the cluster; its processors are free for others. One of our own ends."""
        if self._workers:
            import ray

            self._workers = []
            ray.shutdown()
        if self._scratch:
            self._scratch.cleanup()
            self._scratch = None

    def _start(self) -> list[Any]:
        if not self._workers:
            ray = self._connected()
            count = max(1, int(ray.cluster_resources().get("CPU", 1)))
            # A worker that dies with its node is started elsewhere, and asked again.
            actor = ray.remote(num_cpus=1, max_restarts=-1, max_task_retries=_TRIES)(_RayWorker)
            self._workers = [actor.remote(self._model, self._precision) for _ in range(count)]
        return self._workers

    def _connected(self) -> Any:
        try:
            import ray
        except ImportError:
            raise ConfigurationError(
                f"--workers ray needs the extra ray; run: {how_to_install('ray')}"
            ) from None
        where: dict[str, Any] = {}
        if not os.environ.get("RAY_ADDRESS"):
            # Not one that a file in /tmp names.
            self._scratch = TemporaryDirectory(prefix="mz-ray-", ignore_cleanup_errors=True)
            where = {"address": "local", "_temp_dir": self._scratch.name}
        try:
            with _set_apart():
                ray.init(
                    log_to_driver=False, include_dashboard=False, ignore_reinit_error=True, **where
                )
        except (ConnectionError, ValueError, RuntimeError) as error:
            raise ConfigurationError(
                f"No Ray cluster answers ({type(error).__name__}); check RAY_ADDRESS, or unset it"
            ) from error
        return ray


@contextmanager
def _set_apart() -> Iterator[None]:
    """Hides secrets and the current folder while Ray starts its processes.

    They inherit the environment, and put the current folder first on the path of what they import.
    """
    environment, folder = dict(os.environ), Path.cwd()
    own = [name for name in environment if name.startswith("RAY_")]
    try:
        os.environ.clear()
        os.environ.update(clean_environment(environment, own))
        os.chdir(SAFE_FOLDER)
        yield
    finally:
        os.chdir(folder)
        # What Ray has set meanwhile stays.
        os.environ.update(environment)


class _RayWorker:
    """One process of the cluster, on one of its processors."""

    def __init__(self, model: str, precision: Precision) -> None:
        import torch

        from retrieval.embedding.opening import open_embedder

        torch.set_num_threads(1)
        self._embeddings = open_embedder(model, precision)
        self._embeddings.warm()

    def embed(self, texts: list[str]) -> Vectors:
        return self._embeddings.embed(texts)


def shared_out(lengths: Sequence[int], workers: int) -> list[list[int]]:
    """Returns the places of texts for each worker, so that all have about as much to read."""
    longest_first = sorted(range(len(lengths)), key=lambda place: -lengths[place])
    shares = [longest_first[worker::workers] for worker in range(workers)]
    return [share for share in shares if share]
