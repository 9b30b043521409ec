"""A real chat model, small and on this machine: the whole path, and the gate at its end."""

import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.programs import MONAZITE
from tests.slack.server import START_SECONDS, wait_for

QUESTION = "What is the two bases policy?"


def environment(folder: Path, url: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("MONAZITE_")}
    return kept | {
        "MONAZITE_HOME": str(folder / "home"), "MONAZITE_CHAT_MODEL": "openai:local",
        "MONAZITE_CHAT_BASE_URL": url, "MONAZITE_CHAT_GUIDED": "true",
        "MONAZITE_CHAT_PASSAGES": "2", "MONAZITE_CHAT_MAX_TOKENS": "400",
        "MONAZITE_ANSWER_SECONDS": "240",
    }  # fmt: skip


@pytest.fixture(scope="module")
def model_server() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [MONAZITE, "model-server", "--port", str(port), "--threads", "1"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        line = wait_for(server.stderr.readline, START_SECONDS)
        url = f"http://127.0.0.1:{port}/v1"
        assert f"MONAZITE_CHAT_BASE_URL={url}" in line
        yield url
        server.send_signal(signal.SIGTERM)
        assert server.wait(20) == 0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, seeds: Path) -> Path:
    folder = tmp_path_factory.mktemp("local")
    run(folder, "", "index", seeds)
    return folder


def run(folder: Path, url: str, *arguments: str | Path) -> str:
    done = subprocess.run(
        [MONAZITE, *arguments], cwd=folder, env=environment(folder, url), check=True,
        capture_output=True, text=True, timeout=400,
    )  # fmt: skip
    return done.stdout


def test_it_writes_an_answer_whose_every_statement_is_proved(
    folder: Path, model_server: str, seeds: Path
) -> None:
    answer = json.loads(run(folder, model_server, "ask", "--json", QUESTION))
    writing = answer["writing"]
    assert writing["model"] == "openai:local"
    assert writing["calls"] >= 1
    assert writing["written"] >= 1
    assert writing["tokens_read"] > 300
    # Guided, even this model quotes to the letter; what it says then is up to the gate.
    assert "quote not found" not in [drop["reason"] for drop in writing["dropped"]]
    assert answer["mode"] == ("generated" if writing["verified"] else "extractive") or (
        not answer["answered"]
    )
    for citation in answer["citations"]:
        text = (seeds / citation["document"]).read_text(encoding="utf-8")
        assert text[citation["start"] : citation["end"]] == citation["quote"]


@pytest.mark.several
def test_an_evaluation_counts_what_it_writes_and_what_is_dropped(
    folder: Path, model_server: str, tmp_path: Path
) -> None:
    cases = [
        {"question": QUESTION, "answers": ["largest rare earth new material base"]},
        {"question": "What is the capital of France?", "answerable": False},
    ]
    file = tmp_path / "cases.jsonl"
    file.write_text("\n".join(json.dumps(case) for case in cases))
    report = json.loads(
        run(folder, model_server, "eval", str(file), "--mode", "generated", "--json")
    )
    written = report["written"]
    assert written["asked"] == 1
    assert written["written"] == written["posted"] + sum(
        count for reason, count in written["dropped"].items() if reason != "cut off"
    )
    assert written["as_posted"]["recall"] >= written["as_written"]["recall"]
    plain = json.loads(run(folder, "", "eval", str(file), "--mode", "extractive", "--json"))
    assert "written" not in plain


def test_a_port_in_use_and_a_file_that_is_no_model_are_named(
    model_server: str, tmp_path: Path
) -> None:
    port = model_server.rpartition(":")[2].removesuffix("/v1")
    nothing = tmp_path / "model.gguf"
    nothing.write_text("no model")
    for arguments, advice in (
        (["--port", port], "choose another one with --port"),
        (["--model", str(nothing)], "cannot serve model.gguf"),
        (["--model", str(tmp_path / "none.gguf")], "There is no file"),
    ):
        done = subprocess.run(
            [MONAZITE, "model-server", *arguments], capture_output=True, text=True, check=False,
            timeout=60, cwd=tmp_path,
        )  # fmt: skip
        assert done.returncode == 2
        assert advice in done.stderr.splitlines()[-1]
        assert "Traceback" not in done.stderr
