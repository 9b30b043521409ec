"""The manifest asks for what the code listens to and calls, and for nothing else."""

import re
from typing import Any

import pytest
import yaml

from tests.conftest import REPOSITORY

SCOPE_OF_EVENT = {"app_mention": "app_mentions:read", "message.im": "im:history"}
SCOPE_OF_METHOD = {"chat_postMessage": "chat:write"}


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    return yaml.safe_load((REPOSITORY / "deploy/slack-manifest.yaml").read_text())


@pytest.fixture(scope="module")
def code() -> str:
    return "".join(path.read_text() for path in (REPOSITORY / "bot/slack").glob("*.py"))


def test_the_events_and_commands_are_those_that_are_listened_to(
    manifest: dict[str, Any], code: str
) -> None:
    events = {
        event.split(".")[0] for event in manifest["settings"]["event_subscriptions"]["bot_events"]
    }
    assert events == set(re.findall(r'app\.event\("(\w+)"\)', code))
    commands = {command["command"] for command in manifest["features"]["slash_commands"]}
    assert commands == set(re.findall(r'app\.command\("(/\w+)"\)', code))


def test_the_scopes_are_exactly_those_needed(manifest: dict[str, Any], code: str) -> None:
    needed = {
        SCOPE_OF_EVENT[event] for event in manifest["settings"]["event_subscriptions"]["bot_events"]
    }
    called = set(re.findall(r"client\.(\w+_\w+)\(", code)) - {"auth_test", "views_open"}
    needed |= {SCOPE_OF_METHOD[method] for method in called}
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == needed | {"commands"}
