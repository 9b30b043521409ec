"""`monazite serve` as a program: it starts, answers, and leaves when it is told to."""

import json
import os
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.programs import MONAZITE
from tests.servers import free_port
from tests.slack.bot import ENVIRONMENT, MENTION
from tests.slack.server import START_SECONDS, LoopbackSlack, sender_by_http, wait_for


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, seeds: Path) -> Path:
    folder = tmp_path_factory.mktemp("serve")
    environment = os.environ | {"MONAZITE_HOME": str(folder)}
    subprocess.run([MONAZITE, "index", seeds], env=environment, check=True, capture_output=True)
    return folder


def serve(home: Path, *options: str, **settings: str) -> subprocess.Popen[str]:
    environment = os.environ | {"MONAZITE_HOME": str(home), **settings}
    return subprocess.Popen(
        [MONAZITE, "serve", *options],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=home,
    )  # fmt: skip


@pytest.fixture
def ops_port() -> int:
    return free_port()


@pytest.fixture(params=["socket", "http"])
def program(
    request: pytest.FixtureRequest, home: Path, slack: LoopbackSlack, ops_port: int
) -> Iterator[subprocess.Popen[str]]:
    settings = ENVIRONMENT | {
        "SLACK_API_URL": f"{slack.url}/api/", "MONAZITE_OPS_PORT": str(ops_port),
    }  # fmt: skip
    if request.param == "socket":
        running = serve(home, **settings)
        slack.send = slack.send_by_socket
        wait_for(lambda: slack.connected, START_SECONDS)
    else:
        port = free_port()
        running = serve(home, "--mode", "http", "--port", str(port), **settings)
        url = f"http://127.0.0.1:{port}/slack/events"
        slack.send = sender_by_http(slack, url)
        wait_for(lambda: is_open(port), START_SECONDS)
    yield running
    running.kill()


def is_open(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


def get(port: int, page: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/{page}") as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_it_answers_and_leaves_quietly_when_told_to(
    program: subprocess.Popen[str], slack: LoopbackSlack, ops_port: int
) -> None:
    slack.say(MENTION)
    wait_for(lambda: [m for m in slack.messages if not m.get("streaming")], 30)
    assert get(ops_port, "healthz") == (200, "alive\n")
    assert get(ops_port, "readyz")[0] == 200
    counted = get(ops_port, "metrics")[1]
    assert 'monazite_questions_total{mode="extractive",outcome="answered"} 1.0' in counted
    assert 'monazite_slack_calls_total{method="auth.test",outcome="ok"} 1.0' in counted
    assert "monazite_slack_connected 1.0" in counted
    assert "monazite_index_documents 1.0" in counted
    program.send_signal(signal.SIGTERM)
    output, errors = program.communicate(timeout=60)
    assert program.returncode == 0
    assert errors == ""
    lines = [json.loads(line) for line in output.splitlines()]
    assert lines[-1]["event"] == "stopped"
    check_that_one_request_id_leads_from_the_event_to_the_last_call(lines, slack.calls)
    assert [line for line in lines if line["level"] != "info"] == []
    assert not any(secret in output for secret in ENVIRONMENT.values() if "-" in secret)


def check_that_one_request_id_leads_from_the_event_to_the_last_call(
    lines: list[dict[str, Any]], calls: list[str]
) -> None:
    (taken,) = [line for line in lines if line["event"] == "taken"]
    ours = [line for line in lines if line.get("request_id") == taken["request_id"]]
    (question,) = [line for line in ours if line["event"] == "question"]
    assert question["outcome"] == "answered"
    assert question["question"] == "What is the two bases policy?"
    assert set(question["timings_ms"]) >= {"embed", "search", "total"}
    assert set(question["cited"]) <= {passage for passage, _ in question["found"]}
    called = [line["method"] for line in ours if line["event"] == "slack call"]
    assert called[-1] in {"chat.stopStream", "chat.postMessage", "reactions.remove"}
    assert sum(calls.count(method) for method in set(called)) == len(called)


def test_it_is_not_ready_before_there_is_an_index_and_says_so(
    tmp_path: Path, slack: LoopbackSlack, ops_port: int
) -> None:
    running = serve(
        tmp_path, **ENVIRONMENT, SLACK_API_URL=f"{slack.url}/api/", MONAZITE_OPS_PORT=str(ops_port)
    )
    wait_for(lambda: slack.connected, START_SECONDS)
    status, page = get(ops_port, "readyz")
    running.send_signal(signal.SIGTERM)
    running.communicate(timeout=60)
    assert status == 503
    assert json.loads(page) == {
        "index": "There is no index yet; run: monazite index", "model": "ready", "slack": "ready",
    }  # fmt: skip


def test_a_port_that_is_taken_is_named(home: Path, slack: LoopbackSlack, ops_port: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", ops_port))
        other.listen()
        running = serve(
            home, **ENVIRONMENT, SLACK_API_URL=f"{slack.url}/api/", MONAZITE_OPS_PORT=str(ops_port)
        )
        _, errors = running.communicate(timeout=START_SECONDS)
    assert running.returncode == 2
    assert errors == (
        f"monazite: Port {ops_port} of 127.0.0.1 cannot be listened on;"
        " check MONAZITE_OPS_PORT and MONAZITE_OPS_HOST\n"
    )


def test_a_question_taken_before_the_end_is_answered(
    program: subprocess.Popen[str], slack: LoopbackSlack
) -> None:
    slack.say(MENTION)
    program.send_signal(signal.SIGTERM)
    program.communicate(timeout=60)
    (answer,) = slack.messages
    assert "two critical rare earth bases" in answer["text"]


def test_without_tokens_it_says_what_to_do(home: Path) -> None:
    running = serve(home, **dict.fromkeys(ENVIRONMENT, ""))
    _, log = running.communicate(timeout=START_SECONDS)
    assert running.returncode == 2
    assert log == (
        "monazite: SLACK_BOT_TOKEN is not set; copy it from your app's page at api.slack.com\n"
    )
