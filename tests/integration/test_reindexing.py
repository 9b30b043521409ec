"""A run that the bot starts: its report may be of any size, and it is told no secret that it needs not."""

import os
from pathlib import Path

import pytest

from bot.slack.permissions.audience import Audiences
from bot.slack.work import index_jobs
from bot.slack.work.index_jobs import IndexJobs
from bot.wiring.installation import Installation
from retrieval.domain.access import OPERATOR
from retrieval.system.isolation import isolated_python
from tests.conftest import MakeAssembly

SECRETS = {
    "SLACK_BOT_TOKEN": "xoxb-secret", "SLACK_APP_TOKEN": "xapp-secret", "OPENAI_API_KEY": "sk-secret",
    "MONAZITE_OPS_TOKEN": "secret-of-operators", "MONAZITE_CHAT_API_KEY": "secret-of-chat",
    "PYTHONPATH": "secret-path", "PGPASSWORD": "secret-of-postgres",
}  # fmt: skip


def unexpected(error: Exception, request_id: str) -> None:
    raise AssertionError(request_id) from error


def jobs(installation: Installation) -> IndexJobs:
    audiences = Audiences(installation.catalog)
    return IndexJobs(installation.settings, os.environ, unexpected, audiences)


def environments_of_children() -> list[dict[str, str]]:
    """The environment of every process that this one has started, as the kernel has it."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    found = []
    for child in children:
        words = Path(f"/proc/{child}/environ").read_bytes().decode().split("\0")
        found.append(dict(word.partition("=")[::2] for word in words if word))
    return found


def test_a_report_larger_than_a_pipe_is_told_cut_short_and_kept_whole(
    make_assembly: MakeAssembly, documents: Path
) -> None:
    for number in range(1200):
        (documents / f"{'long ' * 20}{number:04}.pdf").write_bytes(b"no pdf")
    installation = make_assembly(documents=documents)
    run = jobs(installation)
    outcome = run.index("U1 in Slack")
    lines = outcome.told_to(OPERATOR, alone=True).splitlines()
    assert not outcome.clean
    assert lines[0].startswith("Indexed: 2 added, 0 updated, 0 removed, 0 unchanged, 1,200 failed")
    assert lines[-1] == "… and 1,190 more; see: monazite history"
    assert len(lines) == 12
    (kept,) = installation.runs.history(1)
    assert len(kept.report["documents"]["failed"]) == 1200


@pytest.mark.parametrize("noise", ["stdout", "stderr"])
def test_a_run_that_prints_without_end_is_read_to_its_end(
    noise: str, make_assembly: MakeAssembly, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = f"import sys\nfor _ in range(200_000): sys.{noise}.write('\\x1b' * 20)\nsys.exit(1)"
    monkeypatch.setattr(index_jobs, "isolated_python", lambda *_: [*isolated_python(program)])
    outcome = jobs(make_assembly()).index("U1")
    assert outcome.text.startswith("Indexing failed: ")
    assert "\x1b" not in outcome.text


def test_the_process_has_no_token_and_no_folder_of_documents(
    make_assembly: MakeAssembly, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (documents / "resource.py").write_text("open('pwned', 'w').close()")
    (documents / ".env").write_text("MONAZITE_EMBEDDING_MODEL=evil\nMONAZITE_HOME=/nowhere\n")
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(documents)
    installation = make_assembly(documents=Path(), glossary=Path("words.txt"))
    settings = installation.settings
    (documents / "words.txt").write_text("cerium, Ce\n")
    seen: list[dict[str, str]] = []
    run = jobs(installation)
    outcome = run.index("U1", progress=lambda _: seen.extend(environments_of_children()))
    assert outcome.clean, outcome.text
    ours = [one for one in seen if one.get("MONAZITE_HOME") == str(settings.home.absolute())]
    assert ours
    assert not any("secret" in value for one in ours for value in one.values())
    assert not (documents / "pwned").exists()


def test_that_nobody_could_be_told_does_not_end_a_run(
    make_assembly: MakeAssembly, documents: Path
) -> None:
    def away(_: str) -> None:
        raise ConnectionError("Slack is away")

    assert jobs(make_assembly(documents=documents)).index("U1", progress=away).clean


def test_a_database_and_a_model_named_from_the_current_folder_are_found(
    make_assembly: MakeAssembly, documents: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    installation = make_assembly(documents=Path("documents"), database_url="sqlite:///here.db")
    assert jobs(installation).index("U1").clean
    assert (tmp_path / "here.db").is_file()
    assert installation.catalog.document_count() == 2


def test_variables_of_a_database_reach_the_run_only_where_there_is_one(
    make_assembly: MakeAssembly,
) -> None:
    given = {"PGPASSWORD": "x", "PGSSLMODE": "require", "CHROMA_CLIENT_AUTH_CREDENTIALS": "y"}
    installation = make_assembly()
    audiences = Audiences(installation.catalog)
    alone = IndexJobs(installation.settings, given, unexpected, audiences)._environment
    assert not given.keys() & alone.keys()
    served = make_assembly(database_url="postgresql://h/n", chroma_url="http://h:8000").settings
    assert given.items() <= IndexJobs(served, given, unexpected, audiences)._environment.items()
