import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.contextvars import bound_contextvars

from bot.logs import log_of, question_worder, start_service_logs, write_traceback
from bot.redaction import Redactor


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
