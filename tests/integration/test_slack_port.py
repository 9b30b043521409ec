"""Slack's port as a program of its own: the real server, endpoint and Bolt, attacked over sockets."""

import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.attacks.http import HttpAttack, read_http_attacks, read_status, send
from tests.conftest import REPOSITORY
from tests.servers import free_port, wait_for_port
from tests.slack.server import deliver, wait_for

ATTACKS = read_http_attacks()
FILES = 1024
COMMAND = {
    "command": "/ask", "user_id": "U1", "channel_id": "C1", "team_id": "T1", "trigger_id": "t1", "text": "x",
    "response_url": "https://hooks.slack.com/commands/T1/1/x",
}  # fmt: skip


@dataclass
class Port:
    """A running program; `internal` is a server that it must leave alone, `hits` what came there."""

    number: int
    process: subprocess.Popen[str]
    home: Path
    output: Path
    internal: int
    hits: list[str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.number}/slack/events"

    def log(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.output.read_text().splitlines() if line[0] == "{"]

    def memory(self) -> int:
        """Resident memory in bytes."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGESIZE")

    def answers(self) -> bool:
        """Says whether a real command is acknowledged."""
        return deliver(self.url, COMMAND, form=True) == 200


@pytest.fixture(scope="module")
def internal() -> Iterator[tuple[int, list[str]]]:
    hits: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            hits.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port, hits
    server.shutdown()


@pytest.fixture(scope="module")
def port(
    tmp_path_factory: pytest.TempPathFactory, internal: tuple[int, list[str]]
) -> Iterator[Port]:
    home, number = tmp_path_factory.mktemp("slack-port"), free_port()
    output = home / "output"
    command = [sys.executable, "-m", "tests.slack_port", str(number), str(FILES)]
    environment = os.environ | {"MONAZITE_HOME": str(home)}
    with (
        output.open("w") as file,
        subprocess.Popen(
            command, cwd=REPOSITORY, env=environment, stdout=file, stderr=file, text=True
        ) as process,
    ):
        wait_for_port(number)
        yield Port(number, process, home, output, *internal)
        process.kill()


@pytest.mark.parametrize("attack", ATTACKS, ids=[attack["what"] for attack in ATTACKS])
def test_what_slack_has_not_signed_or_cannot_send_is_refused_and_nothing_is_done(
    port: Port, attack: HttpAttack
) -> None:
    before = len(port.log())
    assert send(port.number, attack, port.internal) in attack["status"]
    new = port.log()[before:]
    assert [line for line in new if "exception" in line or line["level"] == "error"] == []
    assert len(new) <= 1
    assert port.hits == []
    assert not (port.home / "logs" / "errors.log").exists()


def test_what_slack_has_signed_is_taken(port: Port) -> None:
    assert port.answers()
    event = {"type": "app_mention", "user": "U1", "channel": "C1", "ts": "1.1", "text": "hello"}
    body = {"type": "event_callback", "event_id": "Ev1", "team_id": "T1", "event": event}
    assert deliver(port.url, body) == 200
    assert deliver(port.url, {"type": "url_verification", "challenge": "c"}) == 200
    assert deliver(port.url, body, age=299) == 200


def test_a_thousand_unsigned_requests_make_one_line_a_minute_of_log(port: Port) -> None:
    before = len(port.log())
    for number in range(1000):
        attack = ATTACKS[number % 40] | {"timestamp": random.choice(["nan", "", "1e9", "now"])}
        assert send(port.number, attack, port.internal) == 401
    for _ in range(100):
        assert send_raw(port.number, b"\x00\xff no HTTP \r\n\r\n") == 400
    assert len(port.log()) - before <= 3


def test_a_large_unsigned_body_is_not_kept(port: Port) -> None:
    memory = port.memory()
    head = b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 200000000\r\n"
    stamp = str(int(time.time())).encode()
    well_formed = (
        b"X-Slack-Request-Timestamp: " + stamp + b"\r\nX-Slack-Signature: v0=" + b"0" * 64 + b"\r\n"
    )
    chunked = (
        b"POST /slack/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n" + well_formed
    )
    for start, piece in (
        (head, b"x" * 1_000_000), (head + well_formed, b"x" * 1_000_000),
        (chunked, b"f4240\r\n" + b"x" * 1_000_000 + b"\r\n"),
    ):  # fmt: skip
        with socket.create_connection(("127.0.0.1", port.number), timeout=10) as line:
            line.sendall(start + b"\r\n")
            try:
                for _ in range(200):
                    line.sendall(piece)
            except OSError:
                pass
            assert read_status(line) in (0, 401, 413)
    assert port.memory() - memory < 50_000_000
    assert port.answers()


HALF = [
    b"", b"P", b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Le",
    b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
]  # fmt: skip


@pytest.mark.parametrize(
    ("half", "count"),
    [(HALF[0], 1100), (HALF[1], 1100), (HALF[2], 1100), (HALF[2], 3000), (HALF[3], 1100)],
    ids=["silence", "a letter", "half a header", "many halves of a header", "half a body"],
)
def test_half_requests_shut_nobody_out_and_are_cut(port: Port, half: bytes, count: int) -> None:
    lines = []
    try:
        for _ in range(min(count, _free_files())):
            line = socket.socket()
            line.setblocking(False)
            line.connect_ex(("127.0.0.1", port.number))
            lines.append(line)
        for line in lines:
            line.setblocking(True)
            line.settimeout(5)
            try:
                line.sendall(half)
            except OSError:
                continue
        for _ in range(3):
            assert port.answers()
        wait_for(lambda: _open_files(port) < 50, 20)
        assert port.answers()
    finally:
        for line in lines:
            line.close()


def test_a_request_that_drips_is_cut_however_long_it_goes_on(port: Port) -> None:
    """Each byte comes in time; the whole does not."""
    stamp = str(int(time.time()))
    whole = (
        f"POST /slack/events HTTP/1.1\r\nHost: x\r\nX-Slack-Request-Timestamp: {stamp}\r\n"
        f"X-Slack-Signature: v0={'0' * 64}\r\nContent-Length: 1000\r\n\r\n"
    ).encode()
    in_header, in_body = whole[:40], whole
    for start in (in_header, in_body):
        with socket.create_connection(("127.0.0.1", port.number), timeout=1) as line:
            line.sendall(start)
            began = time.monotonic()
            while time.monotonic() - began < 30:
                time.sleep(0.3)
                try:
                    line.sendall(b"x")
                except OSError:
                    break
            assert time.monotonic() - began < 20


def test_a_connection_that_is_kept_open_is_used_again(port: Port) -> None:
    with socket.create_connection(("127.0.0.1", port.number), timeout=5) as line:
        for pause in (0.0, 3.0, 3.0):
            time.sleep(pause)
            line.sendall(b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx")
            answer = b""
            while not answer.endswith(b"refused\n"):
                answer += line.recv(4096)
            assert answer.startswith(b"HTTP/1.1 401")


def test_requests_of_any_kind_never_make_it_fail(port: Port) -> None:
    """A sample of the fuzz; MONAZITE_FUZZ says how many (make fuzz)."""
    count = int(os.environ.get("MONAZITE_FUZZ", "300"))
    chance = random.Random(17)
    statuses = Counter(fuzz_once(port, chance) for _ in range(count))
    assert set(statuses) <= {0, 200, 307, 400, 401, 404, 405, 413}
    assert port.hits == []
    assert port.process.poll() is None
    assert port.answers()
    assert [line for line in port.log() if "exception" in line] == []


def fuzz_once(port: Port, chance: random.Random) -> int:
    """Sends a request that was changed at random: headers, body, size, pace; returns the status."""
    attack = dict(chance.choice(ATTACKS))
    if "repeat" in attack and chance.random() < 0.9:
        attack["repeat"] = [attack["repeat"][0], chance.randrange(2000)]
    if chance.random() < 0.5:
        attack["signature"], attack["timestamp"] = "right", "now"
    if chance.random() < 0.5 and attack.get("body"):
        body = attack["body"]
        place, length = chance.randrange(len(body)), chance.randrange(20)
        attack["body"] = (
            body[:place] + chance.choice(["", "{", '"', "\x00", "%00", "[", "é", "null", "\\ud800"])
            + body[place + length :]
        )  # fmt: skip
    attack["kind"] = chance.choice(
        [attack["kind"], "", "text/plain", "application/json; charset=x", "multipart/form-data"]
    )
    attack["method"] = chance.choice([attack.get("method", "POST")] * 8 + ["GET", "HEAD", "BREW"])
    if chance.random() < 0.1:
        return send_raw(port.number, chance.randbytes(chance.randrange(1, 3000)))
    return send(port.number, attack, port.internal)


def send_raw(number: int, data: bytes) -> int:
    """Sends bytes that are hardly HTTP, and leaves."""
    with socket.create_connection(("127.0.0.1", number), timeout=10) as line:
        try:
            line.sendall(data)
            line.shutdown(socket.SHUT_WR)
        except OSError:
            return 0
        return read_status(line)


def _open_files(port: Port) -> int:
    return len(list(Path(f"/proc/{port.process.pid}/fd").iterdir()))


def _free_files() -> int:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4000 if hard == resource.RLIM_INFINITY else min(4000, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    return max(soft, wanted) - 200
