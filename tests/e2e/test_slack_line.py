"""The line to Slack: dropped sockets, forged requests, refused tokens."""

from typing import Any

import pytest

from bot.slack.api.settings import read_slack_settings
from bot.slack.concurrency.worker_pool import open_worker_pools
from bot.slack.service.service import build
from bot.wiring.installation import Installation
from retrieval.domain.errors import ConfigurationError
from tests.slack.bot import MENTION, Bot, over_socket
from tests.slack.server import SIGNING_SECRET, LoopbackSlack, deliver, wait_for


def test_questions_asked_while_the_socket_is_down_are_answered(
    library: Installation, slack: LoopbackSlack
) -> None:
    with over_socket(library, slack) as bot:
        slack.drop()
        slack.say(MENTION)
        wait_for(lambda: slack.calls.count("apps.connections.open") > 1 and slack.connected, 40)
        bot.answer()
        slack.say(MENTION, user="U00000002")
        assert len(bot.answers()) == 2


@pytest.mark.parametrize(
    ("secret", "age"), [("wrong", 0), (SIGNING_SECRET, 600)], ids=["forged", "replayed"]
)
def test_a_forged_or_old_request_is_refused(http_bot: Bot, secret: str, age: int) -> None:
    sent: list[dict[str, Any]] = []
    http_bot.slack.send = lambda _kind, body: sent.append(body)
    http_bot.slack.say(MENTION)
    assert deliver(http_bot.url, sent[0], secret=secret, age=age) == 401
    assert http_bot.answers() == []


def test_a_refused_token_is_named(
    library: Installation, slack: LoopbackSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-other")
    with pytest.raises(ConfigurationError, match=r"SLACK_BOT_TOKEN \(invalid_auth\)"):
        build(library, read_slack_settings("http"), open_worker_pools())


def test_a_missing_token_is_named(slack: LoopbackSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_APP_TOKEN", "")
    with pytest.raises(ConfigurationError, match="SLACK_APP_TOKEN is not set"):
        read_slack_settings("socket")
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "")
    with pytest.raises(ConfigurationError, match="SLACK_SIGNING_SECRET is not set"):
        read_slack_settings("http")


def test_slack_may_verify_the_address(http_bot: Bot) -> None:
    challenge = {"type": "url_verification", "challenge": "c", "token": "t"}
    assert deliver(http_bot.url, challenge) == 200
    assert deliver(http_bot.url, challenge, secret="wrong") == 401
