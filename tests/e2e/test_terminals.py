"""What documents, names and questions hold is shown in a terminal, never obeyed by it."""

import csv
import json
import os
import re
from dataclasses import fields
from datetime import UTC, datetime

import pytest

from bot.cli import console, index_console
from bot.cli.log_export import csv_headings, csv_line
from bot.cli.watch import _Follower
from bot.evaluation.runner import EvalReport
from bot.journal.entries import Entry
from bot.journal.search import JournalRecord
from retrieval.domain.failures import DocumentFailure
from retrieval.domain.sanitizing import clean_text
from retrieval.indexing.report import IndexReport, Preview
from tests.attacks.texts import read_texts
from tests.conftest import MakeAssembly
from tests.programs import Program

OBEYED = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
HOSTILE = (
    "\x1b]0;pwned\x07\x9b31m\u202etxt.exe\x1b]52;c;ZXZpbA==\x1b\\ \ud800[/t] [bold]b[/bold] :smile:"
)
# Half of a surrogate pair cannot be written in YAML.
NO_HALVES = HOSTILE.replace("\ud800", "")
TITLE = "# Prices [/t] of oxides [red]now[/red] :smile:"
COMMANDS = (
    ("status",), ("status", "--json"), ("history",), ("history", "--json"), ("logs",),
    ("logs", "--json"), ("logs", "--csv"), ("logs", "--to-eval"), ("index", "--dry-run"),
    ("index", "--dry-run", "--json"), ("verify",), ("doctor",),
    ("ask", "What runs on gas?", "--passages"), ("ask", "What runs on gas?", "--json"),
    ("ask", f"What runs on {HOSTILE.replace(chr(0xD800), '')}?"),
    ("ask", "What runs on gas?\x1b]0;x\x07" * 200),
    ("remove", "\x1b]0;x\x07.txt", "--yes"), ("index", "\x1b]0;x\x07"), ("index", "--json"), ("index",),
)  # fmt: skip


@pytest.fixture(scope="module")
def hostile(make_shared: MakeAssembly, tmp_path_factory: pytest.TempPathFactory) -> Program:
    folder = tmp_path_factory.mktemp("terminals")
    documents = folder / "seeds"
    documents.mkdir()
    (documents / "a.md").write_text(
        f"---\ntitle: {json.dumps(TITLE)}\nauthor: {json.dumps(NO_HALVES)}\n---\n"
        "The kiln \u202eruns\u202c on gas \x1b]0;pwned\x07 in 2021.\n"
    )
    (documents / "b [red] :smile:.txt").write_text("The mill runs on oil.")
    os.fdopen(os.open(os.fsencode(documents) + b"/\x1b]0;x\x07\xe9.txt", os.O_CREAT)).close()
    installation = make_shared(folder / ".monazite", documents=documents)
    installation.indexer.index([documents], who=HOSTILE.replace("\ud800", ""))
    shown = HOSTILE.replace("\ud800", "")
    installation.journal.record(
        Entry("r1", shown, shown, "answered", asker=shown, channel=shown, text=shown, note=shown,
              citations=({"document": shown, "quote": shown},))
    )  # fmt: skip
    (documents / "c.txt").write_text("The wharf was dredged in 2019.")
    program = Program(folder)
    program.environment |= {"MONAZITE_HOME": str(folder / ".monazite"), "COLUMNS": "140"}
    return program


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: " ".join(words)[:40])
def test_no_command_prints_what_a_terminal_would_obey(
    hostile: Program, command: tuple[str, ...]
) -> None:
    done = hostile.run(*command)
    assert not OBEYED.search(done.stdout + done.stderr)
    assert "Traceback" not in done.stderr
    assert "Something went wrong" not in done.stderr
    if "--json" in command or "--to-eval" in command:
        for line in done.stdout.splitlines():
            json.loads(line)


def test_titles_and_names_are_no_markup(hostile: Program) -> None:
    shown = hostile.run("status").stdout
    assert "[/t] of oxides [red]now[/red] :smile:" in " ".join(shown.split())
    assert "b [red] :smile:.txt" in shown


def test_json_still_tells_what_was_asked_to_the_letter(hostile: Program) -> None:
    records = map(json.loads, hostile.run("logs", "--json").stdout.splitlines())
    (record,) = [one for one in records if one["request_id"] == "r1"]
    assert record["question"] == clean_text(HOSTILE.replace("\ud800", ""))


@pytest.mark.parametrize(
    "cell",
    ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1+1", "\r=1+1", "\0=1+1", " =1+1", "\n=1+1",
     "\x1b=1+1", "\u202e=1+1", "\uff1dHYPERLINK(1)", "\uff0b1", "\uff0d1", "\uff20A1", "\ufeff=1", "\x80=1",
     '"=1+1"', "\u2028=1"],
)  # fmt: skip
def test_no_cell_of_a_csv_is_a_formula(cell: str, capsys: pytest.CaptureFixture[str]) -> None:
    now = datetime.now(UTC)
    entry = Entry(
        "r1", cell, cell, "answered", asker=cell, note=cell, answered_at=now,
        citations=({"document": cell, "quote": cell},),
    )  # fmt: skip
    console.tell(csv_headings())
    console.tell(csv_line(JournalRecord(1, entry, ())))
    printed = capsys.readouterr().out
    assert not OBEYED.search(printed)
    (row,) = csv.DictReader(printed.splitlines(keepends=True))
    for name in ("question", "understood", "note", "asker", "documents"):
        assert row[name].startswith("'")


@pytest.mark.parametrize("text", [HOSTILE, *(one.text for one in read_texts())])
def test_reports_of_every_kind_are_harmless(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    report = IndexReport(failed=[DocumentFailure(text, text)])
    index_console.print_index_report(report)
    index_console.print_preview(Preview((text,), (text,), (text,), 0), json=False)
    index_console.print_preview(Preview((text,), (text,), (text,), 0), json=True)
    _Follower(None, ())._tell(report)  # type: ignore[arg-type]
    console.print_json({text: text})
    console.say(text)
    console.tell(text)
    console.print_table(["a"], [[text]])
    screen = console.Screen()
    screen.show(text)
    printed = "".join(capsys.readouterr())
    assert not OBEYED.search(printed)
    printed.encode()


def test_questions_that_went_wrong_in_an_evaluation_are_harmless(
    capsys: pytest.CaptureFixture[str],
) -> None:
    empty = {field.name: 0 for field in fields(EvalReport)}
    given = empty | {"recall": {}, "latency_ms": {}, "missed": [HOSTILE], "written": None}
    console.print_evaluation(EvalReport(**given | {"wrongly_answered": [HOSTILE]}))
    assert not OBEYED.search("".join(capsys.readouterr()))
