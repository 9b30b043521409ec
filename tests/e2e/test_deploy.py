"""The program as it is deployed: from a wheel, by the image's own command, watched by Prometheus."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import REPOSITORY, MakeAssembly
from tests.servers import free_port, wait_for_port
from tests.slack.bot import ENVIRONMENT, MENTION
from tests.slack.server import START_SECONDS, LoopbackSlack, wait_for

DEPLOY = REPOSITORY / "deploy"


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with our wheel alone; what it depends on is borrowed from the tests'."""
    folder = tmp_path_factory.mktemp("clean")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder]
    subprocess.run([*command, REPOSITORY], check=True)
    venv.create(folder / "venv", with_pip=True)
    (wheel,) = folder.glob("*.whl")
    python = folder / "venv/bin/python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-deps", wheel], check=True)
    (packages,) = (folder / "venv/lib").glob("*/site-packages")
    borrowed = next(path for path in sys.path if path.endswith("site-packages"))
    (packages / "borrowed.pth").write_text(f"{borrowed}\n")
    return folder / "venv/bin"


@pytest.fixture
def deployed(
    clean: Path, slack: LoopbackSlack, make_shared: MakeAssembly, seeds: Path, tmp_path: Path
) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The image's entry point and command, with the image's settings and a read-only home of code."""
    make_shared(tmp_path / "data", documents=seeds).indexer.index([seeds])
    text = (DEPLOY / "Dockerfile").read_text()
    command = json.loads(re.findall(r"^ENTRYPOINT (.+)$", text, re.MULTILINE)[0])
    command += json.loads(re.findall(r"^CMD (.+)$", text, re.MULTILINE)[0])
    settings = dict(re.findall(r"(MONAZITE_\w+|PYTHON\w+)=(\S+)", text))
    port = free_port()
    settings |= {
        "MONAZITE_HOME": str(tmp_path / "data"), "MONAZITE_OPS_PORT": str(port),
        "MONAZITE_OPS_TOKEN": "operators-token-of-the-tests", "SLACK_API_URL": f"{slack.url}/api/",
        "PATH": f"{clean}:{os.environ['PATH']}", **ENVIRONMENT,
    }  # fmt: skip
    running = subprocess.Popen(
        command, env=os.environ | settings, cwd=tmp_path, stdout=subprocess.PIPE, text=True
    )
    slack.send = slack.send_by_socket
    wait_for(lambda: slack.connected, START_SECONDS)
    yield running, port
    running.kill()


def read(url: str) -> str:
    with urllib.request.urlopen(url, timeout=60) as page:
        return str(page.read().decode())


def ask_prometheus(port: int, path: str, **query: str) -> dict[str, Any]:
    found = json.loads(
        read(f"http://127.0.0.1:{port}/api/v1/{path}?{urllib.parse.urlencode(query)}")
    )
    assert found["status"] == "success"
    return dict(found["data"])


def test_the_wheel_holds_all_that_the_program_needs(
    clean: Path, seeds: Path, tmp_path: Path, make_shared: MakeAssembly
) -> None:
    make_shared(tmp_path / "home", documents=seeds).indexer.index([seeds])
    environment = os.environ | {"MONAZITE_HOME": str(tmp_path / "home")}
    program = (
        "import bot, sys; print(bot.__file__); "
        "sys.argv = ['monazite', 'ask', 'What is the two bases policy?']; "
        "from bot.cli.main import main; main()"
    )
    told = subprocess.run(
        [clean / "python", "-c", program],
        env=environment, cwd=tmp_path, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    assert told.startswith(str(clean.parent))
    assert "two critical rare earth bases" in told


@pytest.mark.several
def test_the_images_command_serves_and_prometheus_watches_it(
    deployed: tuple[subprocess.Popen[str], int], slack: LoopbackSlack, tmp_path: Path
) -> None:
    running, port = deployed
    slack.say(MENTION)
    wait_for(lambda: [one for one in slack.messages if not one.get("streaming")], START_SECONDS)
    assert "Log in" in read(f"http://127.0.0.1:{port}/")
    metrics = read(f"http://127.0.0.1:{port}/metrics")
    told = subprocess.run(
        ["promtool", "check", "metrics"], input=metrics, capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    check_that_the_dashboard_and_the_rules_name_what_there_is(metrics)
    with prometheus(port, tmp_path) as watching:
        wait_for(
            lambda: ask_prometheus(watching, "query", query="up == 1")["result"], START_SECONDS
        )
        for expression in expressions():
            ask_prometheus(watching, "query", query=expression)
        (rules,) = ask_prometheus(watching, "rules")["groups"]
        wait_for(lambda: healthy(watching), START_SECONDS)
        assert len(rules["rules"]) == 9
        firing = ask_prometheus(watching, "query", query='ALERTS{alertstate="firing"}')["result"]
        assert firing == []
    running.send_signal(signal.SIGTERM)
    running.communicate(timeout=120)
    assert running.returncode == 0


def check_that_the_dashboard_and_the_rules_name_what_there_is(metrics: str) -> None:
    there = set(re.findall(r"^# TYPE (\w+) \w+$", metrics, re.MULTILINE))
    there |= {name.removesuffix("_total") for name in there}
    rules = (DEPLOY / "prometheus/rules.yml").read_text()
    named = set(re.findall(r"\b(?:monazite|process)_\w+", " ".join(expressions()) + rules))
    ours = {re.sub(r"_(bucket|total|count|sum)$", "", name) for name in named}
    assert len(ours) > 12
    assert ours - there == set()


def expressions() -> list[str]:
    dashboard = json.loads((DEPLOY / "grafana/dashboard.json").read_text())
    return [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]


def healthy(watching: int) -> bool:
    (group,) = ask_prometheus(watching, "rules")["groups"]
    return {rule["health"] for rule in group["rules"]} == {"ok"}


class prometheus:  # noqa: N801  it is used as a context manager
    """Prometheus with our own configuration, but for the address of the bot."""

    def __init__(self, target: int, folder: Path) -> None:
        config = (DEPLOY / "prometheus/prometheus.yml").read_text()
        config = config.replace("bot:9090", f"127.0.0.1:{target}").replace("15s", "1s")
        (folder / "prometheus.yml").write_text(config)
        (folder / "rules.yml").write_text((DEPLOY / "prometheus/rules.yml").read_text())
        self._folder, self._port = folder, free_port()

    def __enter__(self) -> int:
        self._process = subprocess.Popen(
            ["prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=tsdb",
             f"--web.listen-address=127.0.0.1:{self._port}"],
            cwd=self._folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        wait_for_port(self._port)
        wait_for(self._is_ready, START_SECONDS)
        return self._port

    def _is_ready(self) -> bool:
        """It listens before it has read its data, and refuses questions until then."""
        try:
            return "Ready" in read(f"http://127.0.0.1:{self._port}/-/ready")
        except urllib.error.HTTPError:
            return False

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(10)
