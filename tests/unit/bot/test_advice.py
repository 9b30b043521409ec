"""Nobody is told to install what somebody else may have put on the package index under our name."""

import re
import subprocess
import sys
import tomllib

import pytest

from bot.telemetry import tracing
from bot.writing.models import ChatModelSettings, open_chat_model
from retrieval.domain.errors import ConfigurationError, how_to_install
from tests.conftest import REPOSITORY

# Installing by our name, in any spelling that pip takes, with or without an extra or a version.
BY_NAME = re.compile(
    r"""monazite\s*\[\w|\b(?:pip3?|pipx|uv|conda|poetry)\b[^\n|;&]*\b(?:install|add|run)\b[^\n|;&]*?[\s'"`]monazite\b(?![/.\w-])""",
    re.IGNORECASE,
)


@pytest.mark.parametrize(
    "advice",
    [
        "pip install 'monazite[postgres]'", "pip install monazite", "pip install -U 'monazite>=1'",
        "uv pip install Monazite[ocr]", "pipx install monazite", "install `monazite[otel]`",
        "python -m pip install --quiet \"monazite\"", "poetry add monazite",
    ],
)  # fmt: skip
def test_advice_to_install_by_name_is_recognised(advice: str) -> None:
    assert BY_NAME.search(advice)


def test_no_file_of_the_repository_advises_to_install_by_name() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY, capture_output=True, check=True,
    ).stdout.decode()  # fmt: skip
    wrong = []
    for name in filter(None, listed.split("\0")):
        path = REPOSITORY / name
        if name == "tests/unit/bot/test_advice.py" or not path.is_file():
            continue
        for number, line in enumerate(path.read_bytes().decode(errors="replace").splitlines(), 1):
            if BY_NAME.search(line):
                wrong.append(f"{name}:{number}: {line.strip()[:100]}")
    assert wrong == []


def test_what_is_advised_names_an_extra_that_there_is() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    sources = [*(REPOSITORY / "bot").rglob("*.py"), *(REPOSITORY / "retrieval").rglob("*.py")]
    code = "".join(path.read_text() for path in sources)
    advised = set(re.findall(r"how_to_install\(['\"](\w+)['\"]\)", code))
    assert advised >= {"local", "multilingual", "ocr", "otel", "postgres", "ray"}
    assert advised | {"anthropic", "openai", "ollama"} <= set(project["optional-dependencies"])
    assert how_to_install("ray").startswith(".venv/bin/pip install -c constraints.txt -e '.[ray]'")


@pytest.mark.parametrize(
    ("model", "advice"),
    [
        ("anthropic:claude", "-e '.[anthropic]'"),
        ("mistralai:large", "install LangChain's for mistralai, or use anthropic, openai, ollama"),
    ],
)
def test_a_missing_package_of_a_provider_is_advised_by_folder(
    model: str, advice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "langchain_anthropic", None)
    with pytest.raises(ConfigurationError) as refused:
        open_chat_model(ChatModelSettings(model))
    assert advice in str(refused.value)


def test_missing_traces_are_advised_by_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    exporter = "opentelemetry.exporter.otlp.proto.http.trace_exporter"
    monkeypatch.setitem(sys.modules, exporter, None)
    with pytest.raises(ConfigurationError, match=r"-e '\.\[otel\]'"):
        tracing.start_tracing({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"})
