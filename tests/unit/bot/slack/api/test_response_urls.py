"""Response URLs: only Slack's own are answered at, whoever asks for another."""

import pytest
from slack_sdk import WebClient

from bot.slack.api.response_urls import CheckedRespond, ForeignUrlError, is_slacks

SLACK, LOOPBACK = "https://slack.com/api/", "http://127.0.0.1:8765/api/"


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.slack.com/commands/T1/123/abcDEF",
        "https://hooks.slack.com:443/actions/T1/123/abc",
        "https://hooks.slack.com/app/T1/1/x?y=1",
    ],
)
@pytest.mark.parametrize("api", [SLACK, LOOPBACK, "https://gateway.example/api/"])
def test_slacks_own_are_answered_at(url: str, api: str) -> None:
    assert is_slacks(url, api)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.slack.com/x", "https://slack.com/x", "https://evil.slack.com/x",
        "https://hooks.slack.com.evil.example/x", "https://hooks.slack.com@evil.example/x",
        "https://u:p@hooks.slack.com/x", "https://hooks.slack.com:80/x", "https://hooks.slack.com:0443/x",
        "https://hooks.slack.com:/x", "https://hooks.slack.com", "https://hooks.slack.com?x",
        "https://hooks.slack.com#/x", "https://hooks.slack.com\\@evil.example/", "https:/hooks.slack.com/x",
        "//hooks.slack.com/x", "https://hooks.slack.com/x\r\nHost: evil", "https://hooks.slack.com/x ",
        " https://hooks.slack.com/x", "https://hooks.slack.com/x\n", "https://hooks\u3002slack.com/x",
        "https://hooks.sl\u0430ck.com/x", "https://hooks.slack.com./x", "https://hooks%2Eslack.com/x",
        "javascript:alert(1)", "file:///etc/passwd", "ftp://hooks.slack.com/x", "http://127.0.0.1/x",
        "http://169.254.169.254/latest", "http://[::1]/x", "http://localhost:9200/", "",
        "https://hooks.slack.com/" + "x" * 3000, None, 7, ["https://hooks.slack.com/x"], {},
    ],
)  # fmt: skip
@pytest.mark.parametrize("api", [SLACK, LOOPBACK, "https://gateway.example/api/", "", "nonsense"])
def test_nothing_else_is(url: object, api: str) -> None:
    assert not is_slacks(url, api)


def test_a_web_api_on_loopback_is_answered_at_its_own_port_alone() -> None:
    assert is_slacks("http://127.0.0.1:8765/response/R1", LOOPBACK)
    for other in (
        "http://127.0.0.1:8766/response/R1", "https://127.0.0.1:8765/x", "http://localhost:8765/x",
        "http://127.0.0.1:8765@evil.example/", "http://127.0.0.1:87650/x", "http://127.0.0.1:8765",
    ):  # fmt: skip
        assert not is_slacks(other, LOOPBACK)


@pytest.mark.parametrize(
    "api", ["https://gateway.example/api/", "http://10.0.0.7/api/", "http://evil@127.0.0.1:1/api/"]
)
def test_a_web_api_elsewhere_opens_nothing(api: str) -> None:
    origin = api.removesuffix("api/")
    assert not is_slacks(f"{origin}x", api)


def test_a_response_to_elsewhere_is_refused_before_it_is_sent() -> None:
    client = WebClient("xoxb-1", base_url=LOOPBACK)
    with pytest.raises(ForeignUrlError, match="nothing was sent"):
        CheckedRespond("http://127.0.0.1:9/x", client)(text="hello")
    with pytest.raises(ValueError, match="no response_url"):
        CheckedRespond(None, client)(text="hello")
