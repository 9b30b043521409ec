"""A loopback Slack for each test, and a bot over it in both modes."""

from collections.abc import Iterator

import pytest

from bot.wiring.installation import Installation
from tests.slack.bot import ENVIRONMENT, Bot, over_http, over_socket
from tests.slack.server import LoopbackSlack, Serving


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackSlack]:
    fake = LoopbackSlack()
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with Serving(fake.app) as serving:
        fake.url = f"http://127.0.0.1:{serving.port}"
        monkeypatch.setenv("SLACK_API_URL", f"{fake.url}/api/")
        yield fake


@pytest.fixture(params=[over_socket, over_http], ids=["socket", "http"])
def bot(
    request: pytest.FixtureRequest, library: Installation, slack: LoopbackSlack
) -> Iterator[Bot]:
    """A bot over the evaluation corpus, the same in both modes."""
    with request.param(library, slack) as running:
        yield running


@pytest.fixture
def socket_bot(library: Installation, slack: LoopbackSlack) -> Iterator[Bot]:
    """A bot over Socket Mode, for what does not depend on the mode."""
    with over_socket(library, slack) as running:
        yield running


@pytest.fixture
def http_bot(library: Installation, slack: LoopbackSlack) -> Iterator[Bot]:
    """A bot over HTTP."""
    with over_http(library, slack) as running:
        yield running
