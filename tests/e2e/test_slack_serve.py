"""`monazite serve` as a program: it starts, answers, and leaves when it is told to."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.slack.bot import ENVIRONMENT, MENTION
from tests.slack.server import LoopbackSlack, deliver, sender_by_http, wait_for

MONAZITE = Path(sys.executable).parent / "monazite"


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


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def metrics_port() -> int:
    return free_port()


@pytest.fixture(params=["socket", "http"])
def program(
    request: pytest.FixtureRequest, home: Path, slack: LoopbackSlack, metrics_port: int
) -> Iterator[subprocess.Popen[str]]:
    settings = ENVIRONMENT | {
        "SLACK_API_URL": f"{slack.url}/api/", "MONAZITE_METRICS_PORT": str(metrics_port),
    }  # fmt: skip
    if request.param == "socket":
        running = serve(home, **settings)
        slack.send = slack.send_by_socket
        wait_for(lambda: slack.connected, 60)
    else:
        port = free_port()
        running = serve(home, "--mode", "http", "--port", str(port), **settings)
        url = f"http://127.0.0.1:{port}/slack/events"
        slack.send = sender_by_http(slack, url)
        wait_for(lambda: deliver(url, {}, secret="wrong") == 401, 60)
    yield running
    running.kill()


def test_it_answers_and_leaves_quietly_when_told_to(
    program: subprocess.Popen[str], slack: LoopbackSlack, metrics_port: int
) -> None:
    slack.say(MENTION)
    wait_for(lambda: [m for m in slack.messages if not m.get("streaming")], 30)
    with urllib.request.urlopen(f"http://127.0.0.1:{metrics_port}/metrics") as page:
        counted = page.read().decode()
    assert 'monazite_questions_total{mode="extractive",outcome="answered"} 1.0' in counted
    program.send_signal(signal.SIGTERM)
    output, log = program.communicate(timeout=30)
    assert program.returncode == 0
    assert output == ""
    assert log.startswith("monazite: ")
    assert "Traceback" not in log
    assert not any(secret in log for secret in ENVIRONMENT.values() if "-" in secret)


def test_a_question_taken_before_the_end_is_answered(
    program: subprocess.Popen[str], slack: LoopbackSlack
) -> None:
    slack.say(MENTION)
    program.send_signal(signal.SIGTERM)
    program.communicate(timeout=30)
    (answer,) = slack.messages
    assert "two critical rare earth bases" in answer["text"]


def test_without_tokens_it_says_what_to_do(home: Path) -> None:
    running = serve(home, **dict.fromkeys(ENVIRONMENT, ""))
    _, log = running.communicate(timeout=60)
    assert running.returncode == 2
    assert log == (
        "monazite: SLACK_BOT_TOKEN is not set; copy it from your app's page at api.slack.com\n"
    )
