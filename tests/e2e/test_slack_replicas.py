"""Three replicas over one Chroma server and one PostgreSQL, while one dies and the documents change.

`MONAZITE_REPLICA_QUESTIONS` sets how many questions are asked; `make programs` asks 500.
"""

import os
import random
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.programs import MONAZITE
from tests.servers import free_port
from tests.slack.bot import ENVIRONMENT
from tests.slack.server import START_SECONDS, LoopbackSlack, deliver, wait_for
from tests.slack.workspace import BOT_USER

QUESTIONS = int(os.environ.get("MONAZITE_REPLICA_QUESTIONS", "120"))
# Fewer than a replica takes, so that none has to refuse.
_OPEN_AT_ONCE = 60
_DUPLICATES = 0.1


def write_edition(folder: Path, edition: str, tonnes: int) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "plan.txt").write_text(
        f"Edition {edition} of the plan says that the Aldren plant separates {tonnes} tonnes of oxide."
    )
    (folder / "budget.txt").write_text(
        f"Edition {edition} of the budget says that the Aldren plant costs {tonnes} thousand euros."
    )


class Cluster:
    """Replicas behind a balancer that, like Slack, sends again what was not acknowledged."""

    def __init__(self, folder: Path, shared: dict[str, str]) -> None:
        self._folder = folder
        self._environment = os.environ | shared | {"OMP_NUM_THREADS": "1"}
        self._random = random.Random(7)
        self.replicas: list[subprocess.Popen[bytes]] = []
        self.urls: list[str] = []

    def run(self, home: str, *arguments: str | Path) -> None:
        environment = self._environment | {"MONAZITE_HOME": str(self._folder / home)}
        subprocess.run([MONAZITE, *arguments], env=environment, check=True, capture_output=True)

    def start(self, name: str) -> None:
        port = free_port()
        environment = self._environment | {"MONAZITE_HOME": str(self._folder / name)}
        log = (self._folder / f"{name}.log").open("wb")
        self.replicas.append(
            subprocess.Popen(
                [MONAZITE, "serve", "--mode", "http", "--port", str(port)],
                env=environment, stdout=log, stderr=log, cwd=self._folder,
            )
        )  # fmt: skip
        self.urls.append(f"http://127.0.0.1:{port}/slack/events")

    def send(self, _kind: str, body: dict[str, Any]) -> None:
        first = self._random.randrange(len(self.urls))
        for attempt in range(12):
            url = self.urls[(first + attempt) % len(self.urls)]
            headers = {"X-Slack-Retry-Num": str(attempt)} if attempt else {}
            if deliver(url, body, headers=headers) == 200:
                break
        else:
            raise AssertionError("nobody took it")
        if self._random.random() < _DUPLICATES:
            deliver(self.urls[first - 1], body, headers={"X-Slack-Retry-Num": "1"})

    def stop(self) -> None:
        for replica in self.replicas:
            replica.terminate()
        for replica in self.replicas:
            replica.wait(30)


@pytest.fixture
def cluster(
    tmp_path: Path, slack: LoopbackSlack, chroma_url: str, postgres_url: str
) -> Iterator[Cluster]:
    settings = ENVIRONMENT | {
        "SLACK_API_URL": f"{slack.url}/api/", "MONAZITE_CHROMA_URL": chroma_url,
        "MONAZITE_DATABASE_URL": postgres_url, "SLACK_USER_QUESTIONS_PER_MINUTE": "0",
        "SLACK_CHANNEL_QUESTIONS_PER_MINUTE": "0", "MONAZITE_DOCUMENTS": str(tmp_path / "documents"),
    }  # fmt: skip
    running = Cluster(tmp_path, settings)
    write_edition(tmp_path / "documents", "one", 4100)
    running.run("indexer", "index")
    for name in ("a", "b", "c"):
        running.start(name)
    for url in running.urls:
        wait_for(lambda url=url: deliver(url, {}, secret="wrong") == 401, START_SECONDS)
    slack.send = running.send
    yield running
    running.stop()


def answers_by_thread(slack: LoopbackSlack) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for message in slack.messages:
        found.setdefault(str(message["thread_ts"]), []).append(message)
    return found


@pytest.mark.several
def test_every_question_is_answered_once_and_from_one_generation(
    cluster: Cluster, slack: LoopbackSlack, tmp_path: Path
) -> None:
    asked: list[str] = []
    lock = threading.Lock()

    def ask() -> None:
        while True:
            with lock:
                number = len(asked)
                if number == QUESTIONS:
                    return
                asked.append("")
            while number - len(slack.messages) > _OPEN_AT_ONCE:
                time.sleep(0.02)
            question = f"<@{BOT_USER}> What does the Aldren plant separate, and what does it cost?"
            asked[number] = str(slack.say(question)["ts"])

    threads = [threading.Thread(target=ask, daemon=True) for _ in range(6)]
    for thread in threads:
        thread.start()
    wait_for(lambda: len(slack.messages) > QUESTIONS // 3, 300)
    os.kill(cluster.replicas[1].pid, signal.SIGKILL)
    write_edition(tmp_path / "documents", "two", 5200)
    cluster.run("indexer", "index")
    for thread in threads:
        thread.join(400)
    wait_for(lambda: len(answers_by_thread(slack)) == QUESTIONS, 120)
    wait_for(lambda: not any(one.get("streaming") for one in slack.messages), 60)

    logs = "".join((tmp_path / f"{name}.log").read_text() for name in "abc")
    assert '"taken over"' in logs
    assert '"level": "error"' not in logs
    answers = answers_by_thread(slack)
    assert set(answers) == set(asked)
    assert [thread for thread, found in answers.items() if len(found) != 1] == []
    editions = [
        frozenset(re.findall(r"Edition (\w+) of", str(found[0]["text"])))
        for found in answers.values()
    ]
    assert set(editions) == {frozenset({"one"}), frozenset({"two"})}
    texts = {str(found[0]["text"]) for found in answers.values()}
    assert [text for text in texts if not ("separates" in text and "costs" in text)] == []
