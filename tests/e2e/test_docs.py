"""Every command, setting, metric and link that the documentation shows is one that there is."""

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from bot.cli.main import app
from bot.slack.api.settings import SlackSettings
from bot.telemetry.metrics import Metrics
from bot.wiring.settings import Settings
from tests.conftest import REPOSITORY
from tests.slack.server import LoopbackSlack

PAGES = sorted([*REPOSITORY.glob("docs/*.md"), *REPOSITORY.glob("*.md")])
# What does not end by itself, or needs a chat model; its words are still held against the program.
_GOES_ON = {"serve", "watch", "model-server"}


def commands(page: Path) -> Iterator[str]:
    """The lines of a page's shell blocks that call monazite, whole."""
    for block in re.findall(r"^ *```sh\n(.+?)^ *```", page.read_text(), re.MULTILINE | re.DOTALL):
        joined = block.replace("\\\n", " ")
        for line in joined.splitlines():
            words = line.split(" #")[0].strip().removesuffix("&").strip()
            words = words.removeprefix(".venv/bin/")
            if words.startswith("monazite "):
                yield words


def shown() -> list[tuple[str, str]]:
    return [(page.name, command) for page in PAGES for command in commands(page)]


def parse(words: list[str]) -> None:
    """Parses a command as the program does, and runs nothing."""
    group: Any = typer.main.get_command(app)
    found = group.commands[words[0]]
    found.make_context(words[0], list(words[1:]))


@pytest.mark.parametrize(("page", "command"), shown())
def test_a_command_that_is_shown_is_understood(page: str, command: str) -> None:
    words = shlex.split(re.sub(r"[<>|].*$", "", command))
    parse(words[1:])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, seeds: Path) -> Path:
    """Where a reader of the documentation stands: documents, and nothing else."""
    place = tmp_path_factory.mktemp("reader")
    shutil.copytree(seeds, place / "my-documents")
    (place / "my-documents/notes.txt").write_text("Terbium makes lamps glow green.")
    (place / "my-documents/old").mkdir()
    (place / "my-documents/old/erbium.txt").write_text("Erbium amplifies light in fibres.")
    return place


@pytest.mark.parametrize("name", ["admins.md", "operators.md"])
def test_every_command_of_a_page_was_run_in_its_order(
    name: str, folder: Path, slack: LoopbackSlack, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """In this process: a new one would load torch for each of them."""
    monkeypatch.setenv("MONAZITE_HOME", str(folder / "home"))
    monkeypatch.setenv("MONAZITE_DOCUMENTS", str(folder / "my-documents"))
    monkeypatch.chdir(folder)
    for command in commands(REPOSITORY / "docs" / name):
        called, _, target = command.partition(" > ")
        words = shlex.split(called)[1:]
        if words[0] in _GOES_ON:
            continue
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            app(words)
        said = capsys.readouterr()
        assert ended.value.code in (0, None), (command, said)
        if target:
            (folder / target).write_text(said.out)


def test_every_setting_that_is_named_is_one_and_every_one_is_named() -> None:
    known = {f"MONAZITE_{name.upper()}" for name in Settings.model_fields} | {
        f"SLACK_{name.upper()}" for name in SlackSettings.model_fields
    }
    text = "".join(page.read_text() for page in PAGES if page.name != "CHANGELOG.md")
    named = set(re.findall(r"\b(?:MONAZITE|SLACK)_[A-Z_]+[A-Z]\b", text))
    assert named - known - {"MONAZITE_KILLS", "MONAZITE_FUZZ"} == set()
    assert known - named == set()


def test_every_metric_that_is_named_is_one() -> None:
    registered = set(Metrics().registry._names_to_collectors)
    gauges = {"queue_depth", "errands_depth", "index_age_seconds", "index_documents"}
    known = registered | {f"monazite_{name}" for name in (*gauges, "slack_connected")}
    named = {name for page in PAGES for name in re.findall(r"`(monazite_\w+)`", page.read_text())}
    assert named
    assert named <= known


def test_every_link_to_a_file_leads_to_one() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), (page.name, target)
