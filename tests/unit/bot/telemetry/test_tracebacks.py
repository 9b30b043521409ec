import pytest
from langchain_core.exceptions import OutputParserException

from bot.telemetry.tracebacks import format_traceback
from prompts.answer import Statement

# Put together here: a traceback shows the source of its lines.
SECRET = "".join(("GE", "HEIM"))


def caught(raiser: object) -> Exception:
    try:
        raiser()
    except Exception as error:  # noqa: BLE001
        return error
    raise AssertionError("nothing was raised")


def test_it_says_where_and_what() -> None:
    text = format_traceback(caught(lambda: 1 / 0))
    assert text.startswith("Traceback (most recent call last):\n")
    assert "test_tracebacks.py" in text
    assert text.endswith("ZeroDivisionError: division by zero")


def test_what_led_to_an_error_comes_before_it() -> None:
    def fail() -> None:
        try:
            raise KeyError("first")
        except KeyError as error:
            raise RuntimeError("second") from error

    text = format_traceback(caught(fail))
    assert text.index("KeyError: 'first'") < text.index("RuntimeError: second")


@pytest.mark.parametrize(
    "raiser",
    [
        lambda: Statement.model_validate({"text": [SECRET], "evidence": SECRET}),
        lambda: (_ for _ in ()).throw(OutputParserException(f"no JSON: {SECRET}", llm_output=SECRET)),
        lambda: (_ for _ in ()).throw(ExceptionGroup("two", [OutputParserException(SECRET), ValueError("b")])),
    ],
    ids=["pydantic", "langchain", "in a group"],
)  # fmt: skip
def test_what_a_library_quotes_is_left_out_also_as_a_cause(raiser: object) -> None:
    def fail() -> None:
        try:
            raiser()
        except Exception as error:
            raise RuntimeError("writing failed") from error

    text = format_traceback(caught(fail))
    assert SECRET not in text
    assert "RuntimeError: writing failed" in text


def test_why_a_provider_refused_is_kept_and_what_it_repeats_is_not() -> None:
    import httpx
    import openai

    def refused(status: int) -> str:
        answer = httpx.Response(status, request=httpx.Request("POST", "http://x"))
        return format_traceback(openai.APIStatusError(SECRET, response=answer, body=None))

    assert f"status 401: {SECRET}" in refused(401)
    assert SECRET not in refused(400)
    assert "status 400" in refused(400)


def test_a_chain_without_end_ends() -> None:
    one, two = ValueError("one"), ValueError("two")
    one.__cause__, two.__cause__ = two, one
    assert format_traceback(one).count("ValueError") == 2
