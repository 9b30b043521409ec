from pathlib import Path

import pytest

from bot.logs import redact, write_traceback


@pytest.mark.parametrize(
    "secret",
    [
        "xoxb-123456-abcdef",
        "xapp-1-A02-777",
        "sk-ant-api03-abcdefgh",
        "postgresql://u:geheim@h/d",
        "Bearer a.b-c",
    ],
)
def test_secrets_are_taken_out(secret: str) -> None:
    cleaned = redact(f"failed with {secret} there")
    assert secret not in cleaned
    assert "geheim" not in cleaned
    assert cleaned.startswith("failed with")


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
