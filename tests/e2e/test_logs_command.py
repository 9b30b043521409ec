"""`monazite logs`: the whole program, over a journal that it wrote itself."""

import csv
import json
import os
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from bot.answering.answerer import Inquiry
from bot.evaluation.runner import read_cases
from bot.journal.entries import Entry
from bot.questions.question import QuestionError
from bot.wiring.installation import Installation
from bot.wiring.settings import Settings
from tests.conftest import MakeAssembly
from tests.programs import MONAZITE
from tests.slack.server import wait_for


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, seeds: Path, make_shared: MakeAssembly) -> Path:
    folder = tmp_path_factory.mktemp("logs")
    installation = make_shared(folder, documents=seeds)
    installation.indexer.index([seeds])
    for question in ("What is the two bases policy?", "Who won the 1998 World Cup?", "?!"):
        with suppress(QuestionError):
            installation.recorder.answer(Inquiry(question))
    return folder


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"MONAZITE_HOME": str(home)}
    command = [MONAZITE, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_questions_are_shown_with_what_came_of_them_newest_last(home: Path) -> None:
    shown = run(home, "logs")
    assert shown.returncode == 0
    first, second, third = shown.stdout.split("\n    → ")[0], *shown.stdout.split("request ")[2:]
    assert "answered" in first
    assert "What is the two bases policy?" in first
    assert "northern-rare-earth-2024-12.txt" in shown.stdout
    assert "Who won the 1998 World Cup?" in second
    assert "QuestionError" in third


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--failed"], ["?!"]),
        (["--unanswered"], ["Who won the 1998 World Cup?"]),
        (["--document", "northern"], ["What is the two bases policy?"]),
        (["--words", "world cup"], ["Who won the 1998 World Cup?"]),
        (["--since", "1h", "--limit", "1"], ["?!"]),
        (["--since", "2099-01-01"], []),
        (["--unhelpful"], []),
        (["--user", "U1"], []),
    ],
)
def test_options_choose_what_is_shown(home: Path, options: list[str], expected: list[str]) -> None:
    lines = run(home, "logs", "--json", *options).stdout.splitlines()
    assert [json.loads(line)["question"] for line in lines] == expected


def test_csv_is_read_by_a_spreadsheet_and_holds_no_formula(home: Path) -> None:
    installation = Installation(Settings(_env_file=None, home=home))
    installation.journal.record(
        Entry("rx", '=HYPERLINK("http://evil")', "", "failed", note="+1, -2")
    )
    rows = list(csv.DictReader(run(home, "logs", "--csv").stdout.splitlines(keepends=True)))
    assert [row["outcome"] for row in rows] == ["answered", "abstained", "failed", "failed"]
    assert rows[0]["documents"] == "northern-rare-earth-2024-12.txt"
    assert float(rows[0]["total_ms"]) > 0
    assert rows[-1]["question"] == '\'=HYPERLINK("http://evil")'


def test_an_export_for_measuring_is_read_as_questions(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text(run(home, "logs", "--to-eval").stdout)
    answered, abstained = read_cases(file)
    assert answered.answerable
    assert answered.held_by(answered.documents[0], answered.answers[0])
    assert not abstained.answerable


def test_following_shows_what_is_asked_from_now_on(home: Path, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    environment = os.environ | {"MONAZITE_HOME": str(home)}
    with seen.open("w") as output, subprocess.Popen(
        [MONAZITE, "logs", "--json", "--follow", "--since", "2099-01-01"],
        env=environment, stdout=output,
    ) as nothing, subprocess.Popen(
        [MONAZITE, "logs", "--follow", "--limit", "1"], env=environment, stdout=output
    ) as following:  # fmt: skip
        wait_for(seen.read_text, 30)
        installation = Installation(Settings(_env_file=None, home=home))
        installation.journal.record(Entry("r9", "Is this\x1b[31m new?", "", "failed"))
        wait_for(lambda: "request r9" in seen.read_text(), 30)
        following.terminate()
        nothing.terminate()
    assert "Is this [31m new?" in seen.read_text()
    assert "\x1b" not in seen.read_text()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--since", "yesterday"], "'yesterday' is no time; write 30m, 1h, 2d, 1w or a date"),
        (["--json", "--csv"], "Choose one of --json, --csv and --to-eval"),
        (["--failed", "--unanswered"], "Choose one of --failed and --unanswered"),
    ],
)
def test_wrong_use_is_told_in_a_line(home: Path, options: list[str], says: str) -> None:
    refused = run(home, "logs", *options)
    assert refused.returncode == 2
    assert refused.stderr.startswith(f"monazite: {says}")
    assert refused.stderr.count("\n") == 1
