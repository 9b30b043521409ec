"""Starts child processes that take nothing from the folder or the environment that they are started in.

The current folder is often one of documents that others fill: a `resource.py` or a `.env` in it
must not be read. The environment holds tokens: a child has none that it is not given.
"""

import os
import site
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

# Exists on every system, and holds nothing of anybody's.
SAFE_FOLDER = "/"
# What a program needs to find itself, its language, its libraries and its models: no secrets.
_ALLOWED = frozenset({
    "HOME", "LANG", "LANGUAGE", "LOGNAME", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "PATH",
    "SYSTEMROOT", "TESSDATA_PREFIX", "TMPDIR", "TOKENIZERS_PARALLELISM", "TZ", "USER",
    "LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_LIBRARY_PATH", "XDG_CACHE_HOME",
    "HF_HOME", "HF_HUB_CACHE", "HF_HUB_OFFLINE", "SENTENCE_TRANSFORMERS_HOME",
    "TRANSFORMERS_CACHE", "TRANSFORMERS_OFFLINE", "TRANSFORMERS_VERBOSITY",
    "ANONYMIZED_TELEMETRY", "SSL_CERT_DIR", "SSL_CERT_FILE", "PYTHONDONTWRITEBYTECODE",
})  # fmt: skip
_ALLOWED_BEGINNING = ("LC_",)


def clean_environment(
    environment: Mapping[str, str] | None = None, more: Iterable[str] = ()
) -> dict[str, str]:
    """Returns those variables of `environment` (this process's) that hold no secret, and `more`."""
    given = os.environ if environment is None else environment
    names = _ALLOWED | frozenset(more)
    return {
        name: value
        for name, value in given.items()
        if name in names or name.startswith(_ALLOWED_BEGINNING)
    }


def isolated_python(program: str, *arguments: str) -> list[str]:
    """Returns the command that runs `program`, Python source, with `arguments` in `sys.argv[1:]`.

    In isolated mode (`-I`): neither the current folder, PYTHON… variables nor the user's own
    packages are on the path. This package is: an editable installation and a wheel are found by
    site-packages, a checkout as it is by its folder, which stands behind the standard library.
    """
    return [sys.executable, "-I", "-c", f"{_path_of_packages()}\n{program}", *arguments]


def _path_of_packages() -> str:
    folders = [str(Path(__file__).resolve().parents[2])]
    if site.ENABLE_USER_SITE:
        folders.append(site.getusersitepackages())
    standard = "next((i for i, p in enumerate(sys.path) if p.endswith('-packages')), len(sys.path))"
    return f"import sys; at = {standard}; sys.path[at:at] = {folders!r}"
