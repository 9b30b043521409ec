"""The whole program, as a person or a script runs it."""

import json
import os
import pty
import re
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from tests.programs import MONAZITE, Program


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory, seeds: Path) -> Program:
    """A working folder with the seeds and one bad file, indexed by the program itself."""
    folder = tmp_path_factory.mktemp("work")
    (folder / "seeds").mkdir()
    for seed in seeds.iterdir():
        (folder / "seeds" / seed.name).write_bytes(seed.read_bytes())
    return Program(folder)


@pytest.fixture(scope="module")
def indexed(program: Program) -> Program:
    done = program.launch("index", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["documents"] == {
        "added": 1, "updated": 0, "removed": 0, "unchanged": 0, "failed": [],
    }  # fmt: skip
    assert report["passages"] > 5
    assert report["generation"] >= 1
    assert set(report["timings_s"]) == {"load", "split", "embed", "write", "total"}
    return program


def assert_refused(done: subprocess.CompletedProcess[str], advice: str, code: int = 2) -> None:
    assert done.returncode == code
    assert done.stdout == ""
    assert advice in done.stderr
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


def test_asking_before_indexing_says_what_to_run(tmp_path: Path) -> None:
    assert_refused(Program(tmp_path).launch("ask", "anything"), "run: monazite index")


def test_a_missing_and_an_empty_folder_are_named(tmp_path: Path) -> None:
    program = Program(tmp_path)
    assert_refused(program.run("index"), "There is no seeds")
    (tmp_path / "seeds").mkdir()
    assert_refused(program.run("index"), "No documents in")


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    assert_refused(Program(tmp_path).launch("status", passages="many"), "MONAZITE_PASSAGES")


def test_help_lists_the_commands(tmp_path: Path) -> None:
    done = Program(tmp_path).launch("--help")
    assert done.returncode == 0
    for command in ("index", "ask", "status", "doctor", "eval"):
        assert f"\n  {command} " in done.stdout


def test_an_unknown_command_is_wrong_use(tmp_path: Path) -> None:
    done = Program(tmp_path).launch("frobnicate")
    assert done.returncode == 2
    assert "No such command" in done.stderr


def test_a_person_reads_the_answer_and_its_sources(indexed: Program) -> None:
    done = indexed.launch("ask", "What is the two bases policy?", "--passages")
    assert done.returncode == 0
    assert done.stdout.startswith("The documents give two readings:\n1. The two critical")
    assert "\nSources\n[1] Northern rare earth 2024-12 · line 12 · December 2024 · " in done.stdout
    assert "\n--- northern-rare-earth-2024-12.txt" in done.stdout
    # Offsets into what was read are for programs: no file of a person's has them.
    assert not re.search(r"\.txt:\d+-\d+", done.stdout)
    assert done.stderr == ""


def test_a_program_reads_one_object_whose_quotes_are_exact(indexed: Program) -> None:
    done = indexed.run("ask", "What is the two bases policy?", "--json")
    answer = json.loads(done.stdout)
    assert list(answer) == [
        "question", "answer", "answered", "mode", "citations", "nearest", "timings_ms", "request_id",
    ]  # fmt: skip
    assert list(answer["citations"][0]) == [
        "number", "document", "title", "section", "page", "date", "quote", "start", "end",
        "passage", "score", "place", "outdated",
    ]  # fmt: skip
    assert list(answer["timings_ms"]) == ["embed", "search", "compose", "total"]
    for citation in answer["citations"]:
        text = (indexed.folder / "seeds" / citation["document"]).read_text(encoding="utf-8")
        assert text[citation["start"] : citation["end"]] == citation["quote"]


def test_questions_from_stdin_are_answered_line_by_line_in_order(indexed: Program) -> None:
    questions = ["Who chaired the meeting?", "", "What is the capital of Peru?", "y" * 50_000]
    done = indexed.run("ask", "-", "--json", stdin="\n".join(questions) + "\n")
    assert done.returncode == 1
    objects = [json.loads(line) for line in done.stdout.splitlines()]
    assert [entry["answered"] for entry in objects] == [True, False, False, False]
    assert "Liu Peixun" in objects[0]["answer"]
    assert "empty" in objects[1]["error"]
    assert objects[2]["nearest"]
    assert "error" not in objects[2]
    assert "50,000 characters" in objects[3]["error"]


@pytest.mark.parametrize(
    ("question", "advice"), [("", "The question is empty"), ("z" * 50_000, "shorten it")]
)
def test_a_question_that_cannot_be_asked_is_refused(
    indexed: Program, question: str, advice: str
) -> None:
    assert_refused(indexed.run("ask", question), advice)


def test_an_index_of_another_model_is_refused(indexed: Program) -> None:
    done = indexed.run("ask", "anything", embedding_model="other/model")
    assert_refused(done, "run: monazite index --rebuild")


def test_a_model_that_cannot_be_loaded_is_named(indexed: Program, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Words.")
    done = indexed.run("index", tmp_path, home=str(tmp_path / "h"), embedding_model="./nowhere",
                       hf_hub_offline="1")  # fmt: skip
    assert_refused(done, "check MONAZITE_EMBEDDING_MODEL")


def test_status_tells_people_and_programs_what_is_there(indexed: Program) -> None:
    status = json.loads(indexed.run("status", "--json").stdout)
    assert status["current"] is True
    assert [document["name"] for document in status["documents"]] == [
        "northern-rare-earth-2024-12.txt"
    ]
    assert "northern-rare-earth-2024-12.txt" in indexed.run("status").stdout


def test_doctor_finds_a_healthy_installation_and_a_sick_one(indexed: Program) -> None:
    healthy = indexed.run("doctor")
    assert healthy.returncode == 0
    assert "FAIL" not in healthy.stdout
    sick = indexed.run("doctor", documents="nowhere", chroma_url="nonsense", glossary="none.txt")
    assert sick.returncode == 1
    for remedy in ("Set MONAZITE_DOCUMENTS", "Check MONAZITE_CHROMA_URL", "MONAZITE_GLOSSARY"):
        assert remedy in sick.stdout
    broken = indexed.run("doctor", passages="none")
    assert broken.returncode == 1
    assert "MONAZITE_PASSAGES" in broken.stdout


def test_eval_measures_a_file_of_questions(indexed: Program) -> None:
    file = indexed.folder / "questions.jsonl"
    file.write_text(
        '{"question": "Who chaired the meeting?", "answers": ["Liu Peixun"], "answerable": true}\n'
        '{"question": "What is the capital of Peru?", "answerable": false}\n'
    )
    report = json.loads(indexed.run("eval", file, "--json").stdout)
    assert report["answer_hits"] == 1
    assert report["abstention_recall"] == 1
    assert report["citation_validity"] == 1
    assert report["recall"]["5"] == 1
    assert set(report["latency_ms"]) == {"p50", "p90", "p99"}
    file.write_text('{"question": "x"}\n{"answerable": tr\n')
    assert_refused(indexed.run("eval", file), "line 2")


def test_a_bad_file_fails_by_name_and_the_rest_go_in(program: Program, tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("Erbium amplifies light in glass fibres.")
    (tmp_path / "bad.pdf").write_text("no PDF at all")
    done = program.run("index", tmp_path, home=str(tmp_path / "home"))
    assert done.returncode == 1
    assert "1 added" in done.stdout
    assert "Failed: bad.pdf: is not a PDF" in done.stderr


def test_a_data_folder_that_cannot_be_made_is_named(program: Program, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert_refused(program.run("index", home=str(tmp_path / "file" / "home")), "set MONAZITE_HOME")


def test_a_broken_catalog_shows_no_stack_trace_but_logs_one(
    program: Program, tmp_path: Path
) -> None:
    (tmp_path / "catalog.db").write_bytes(b"this is no database" * 100)
    done = program.launch("status", home=str(tmp_path))
    assert "Traceback" not in done.stderr
    assert done.returncode != 0
    log = tmp_path / "logs" / "errors.log"
    assert "Traceback" in log.read_text()
    assert done.stderr.count("\n") == 1


def test_progress_shows_on_a_terminal_and_not_in_a_pipe(program: Program, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Erbium amplifies light in glass fibres.")
    leader, lexical_replica = pty.openpty()
    with subprocess.Popen(
        [MONAZITE, "index", tmp_path], stderr=lexical_replica, stdout=subprocess.DEVNULL,
        cwd=program.folder, env=program.environment | {"MONAZITE_HOME": str(tmp_path / "h1")},
    ) as run:  # fmt: skip
        os.close(lexical_replica)
        shown = read_all(leader)
        assert run.wait(60) == 0
    assert b"Indexing" in shown
    piped = program.run("index", tmp_path, home=str(tmp_path / "h2"))
    assert piped.stderr == ""


def read_all(terminal: int) -> bytes:
    """Reads until the program at the other end is gone, which Linux reports as an error."""
    parts = []
    with suppress(OSError):
        while part := os.read(terminal, 65536):
            parts.append(part)
    os.close(terminal)
    return b"".join(parts)
