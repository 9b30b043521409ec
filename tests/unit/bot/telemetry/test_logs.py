import io
import json
import logging
import os
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.contextvars import bound_contextvars

from bot.telemetry.logs import log_of, question_worder, start_service_logs, write_traceback
from bot.telemetry.redaction import Redactor


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Starts the service's log; what it holds is returned, line by line."""
    root, kept = logging.getLogger(), {}
    for name in ("", "monazite", "bot", "monazite.traces"):
        kept[name] = logging.getLogger(name).level
    handlers, stream = root.handlers[:], io.StringIO()
    start_service_logs("auto", Redactor({"geheim-passwort"}), stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:] = handlers
    for name, level in kept.items():
        logging.getLogger(name).setLevel(level)


def test_a_line_is_a_json_object_with_time_level_logger_and_fields(
    lines: Callable[[], list[dict[str, Any]]],
) -> None:
    log_of("bot.x").info("taken", asker="U1", ms=1.5)
    (line,) = lines()
    assert line.pop("time").endswith("Z")
    assert line == {
        "event": "taken", "level": "info", "logger": "bot.x", "asker": "U1", "ms": 1.5,
    }  # fmt: skip


def test_what_libraries_log_comes_the_same_way_with_the_same_request(
    lines: Callable[[], list[dict[str, Any]]],
) -> None:
    with bound_contextvars(request_id="r1"):
        logging.getLogger("chromadb.api").warning("slow: %s", "query")
        logging.getLogger("slack_bolt.App").info("not worth a line")
        log_of("bot.x").info("ours")
    first, second = lines()
    assert (first["event"], first["logger"], first["request_id"]) == (
        "slow: query", "chromadb.api", "r1",
    )  # fmt: skip
    assert second["request_id"] == "r1"


def test_a_secret_is_nowhere_in_a_line_not_even_in_a_traceback(
    lines: Callable[[], list[dict[str, Any]]],
) -> None:
    log_of("bot.x").info("a geheim-passwort", deep={"in": ["geheim-passwort", 1, None, True]})
    try:
        raise ValueError("refused: geheim-passwort")
    except ValueError:
        logging.getLogger("alembic.runtime").exception("broke")
    first, second = lines()
    assert first["deep"] == {"in": ["***", 1, None, True]}
    assert "refused: ***" in second["exception"]
    assert "geheim" not in json.dumps([first, second])


def test_a_traceback_is_one_line_with_its_request(
    lines: Callable[[], list[dict[str, Any]]], tmp_path: Path
) -> None:
    try:
        raise ValueError("broken")
    except ValueError as error:
        write_traceback(tmp_path, error, "r7")
    (line,) = lines()
    assert line["request_id"] == "r7"
    assert line["exception"].endswith("ValueError: broken")


def test_on_a_console_a_line_is_for_people(lines: object) -> None:
    stream = io.StringIO()
    start_service_logs("console", Redactor(), stream)
    log_of("bot.x").info("taken", asker="U1")
    assert "taken" in stream.getvalue()
    assert not stream.getvalue().startswith("{")


def test_a_question_is_worded_as_the_setting_says() -> None:
    question = "What is the two bases policy?"
    assert question_worder("text")(question) == {"question": question}
    assert question_worder("off")(question) == {}
    hashed = question_worder("hash")
    (digest,) = hashed(question).values()
    assert len(digest) == 16
    assert hashed("  what is the TWO bases policy? ") == {"question_hash": digest}
    assert hashed("What is cerium?") != {"question_hash": digest}


def test_a_traceback_goes_to_the_log_with_its_request(tmp_path: Path) -> None:
    try:
        raise ValueError("token xoxb-123456-abcdef")
    except ValueError as error:
        path = write_traceback(tmp_path, error, "r1")
    assert path is not None
    text = path.read_text()
    assert "request r1" in text
    assert "ValueError" in text
    assert "xoxb-123456" not in text


def test_a_log_that_cannot_be_written_is_no_second_error(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("in the way")
    assert write_traceback(tmp_path, ValueError("x"), "r1") is None


def test_the_file_of_errors_is_for_its_owner_alone_and_is_rotated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.telemetry.logs._MAX_FILE_BYTES", 2000)
    old = os.umask(0o022)
    try:
        for number in range(100):
            path = write_traceback(tmp_path, ValueError("x" * 300), f"r{number}")
    finally:
        os.umask(old)
    assert path is not None
    files = sorted(path.parent.glob("errors.log*"))
    assert [file.name for file in files] == [
        "errors.log",
        *(f"errors.log.{n}" for n in range(1, 5)),
    ]
    assert all(file.stat().st_size <= 2000 for file in files)
    assert {oct(file.stat().st_mode & 0o777) for file in files} == {"0o600"}
    assert "request r99" in path.read_text()


def test_a_file_of_errors_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "errors.log"
    log.parent.mkdir()
    log.write_text("old\n")
    log.chmod(0o644)
    write_traceback(tmp_path, ValueError("x"), "r1")
    assert oct(log.stat().st_mode & 0o777) == "0o600"
    assert log.read_text().startswith("old\n")


def test_the_file_of_errors_is_no_way_to_another_file(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("kept")
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "errors.log").symlink_to(other)
    assert write_traceback(tmp_path, ValueError("x"), "r1") is None
    assert other.read_text() == "kept"


def test_one_error_does_not_fill_the_file(tmp_path: Path) -> None:
    path = write_traceback(tmp_path, ValueError("x" * 10_000_000), "r1")
    assert path is not None
    assert path.stat().st_size < 200_000


def test_processes_that_write_at_once_lose_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.telemetry.logs._MAX_FILE_BYTES", 30_000)
    threads = [
        threading.Thread(
            target=lambda n=n: [
                write_traceback(tmp_path, ValueError("y" * 500), f"t{n}x{i}") for i in range(20)
            ]
        )
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    text = "".join(file.read_text() for file in (tmp_path / "logs").glob("errors.log*"))
    assert all(f"request t{n}x{i}\n" in text for n in range(4) for i in range(20))


def test_a_secret_of_the_settings_is_not_in_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "an-odd-secret")
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("MONAZITE_OPS_TOKEN=sixteen-letters-and-more\n")
    path = write_traceback(tmp_path, ValueError("an-odd-secret sixteen-letters-and-more"), "r1")
    assert path is not None
    assert "ValueError: *** ***" in path.read_text()


@pytest.mark.parametrize("style", ["json", "console"])
def test_no_line_of_the_log_is_obeyed_by_a_terminal_or_forges_another(style: Any) -> None:
    root, stream = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers[:], root.level
    hostile = "a\x1b]0;x\x07\x9b31m\u202e\ud800\n2026-01-01 [error] forged"
    try:
        start_service_logs(style, Redactor(), stream)
        log_of("bot.x").warning(hostile, question=hostile, deep={"in": [hostile]})
        logging.getLogger("chromadb").warning("%s", hostile)
        try:
            raise ValueError(hostile)
        except ValueError:
            logging.getLogger("bot.y").exception("failed")
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
    text = stream.getvalue()
    text.encode()
    # The colours of structlog's own are escapes that we wrote.
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    assert not re.search("[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", plain)
    assert not any(line.startswith("2026-01-01 [error] forged") for line in plain.splitlines()[:2])


def test_the_file_of_tracebacks_can_be_shown_in_a_terminal(tmp_path: Path) -> None:
    path = write_traceback(tmp_path, ValueError("\x1b]0;x\x07\ud800"), "r1")
    assert path is not None
    assert not re.search("[\x1b\x07\ud800]", path.read_text())
