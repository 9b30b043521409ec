"""The manifest asks for what the code listens to and calls, and for nothing else."""

import re
from typing import Any

import pytest
import yaml

from bot.slack.listeners.additions import ADD
from bot.slack.listeners.commands import ANSWER_THIS
from tests.conftest import REPOSITORY
from tests.slack.web_api import SCOPES

MANIFEST = REPOSITORY / "deploy/slack-manifest.yaml"
SCOPE_OF_EVENT = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
}
# What Bolt's Assistant listens to.
PANE_EVENTS = {"assistant_thread_started", "assistant_thread_context_changed"}
_STREAMING = ["chat.startStream", "chat.appendStream", "chat.stopStream"]
_METHOD = re.compile(
    r"client\)?\.((?:chat|assistant|conversations|files|reactions|usergroups|users|views)_\w+)"
)


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    return yaml.safe_load(MANIFEST.read_text())


@pytest.fixture(scope="module")
def events(manifest: dict[str, Any]) -> set[str]:
    return set(manifest["settings"]["event_subscriptions"]["bot_events"])


@pytest.fixture(scope="module")
def code() -> str:
    return "".join(path.read_text() for path in (REPOSITORY / "bot/slack").rglob("*.py"))


def test_the_events_are_those_that_are_listened_to(events: set[str], code: str) -> None:
    heard = set(re.findall(r'app\.event\("(\w+)"\)', code))
    assert "app.assistant(" in code
    assert {event.partition(".")[0] for event in events} == heard | PANE_EVENTS


def test_commands_and_shortcuts_are_those_that_are_listened_to(
    manifest: dict[str, Any], code: str
) -> None:
    commands = {command["command"] for command in manifest["features"]["slash_commands"]}
    assert commands == set(re.findall(r'app\.command\("(/\w+)"\)', code))
    shortcuts = {shortcut["callback_id"] for shortcut in manifest["features"]["shortcuts"]}
    assert shortcuts == {ANSWER_THIS, ADD}


def test_the_scopes_are_exactly_those_needed(
    manifest: dict[str, Any], events: set[str], code: str
) -> None:
    granted = set(manifest["oauth_config"]["scopes"]["bot"])
    needed = {SCOPE_OF_EVENT[event] for event in events if event in SCOPE_OF_EVENT} | {"commands"}
    for called in set(_METHOD.findall(code)):
        names = _STREAMING if called == "chat_stream" else [called.replace("_", ".")]
        for name in names:
            wanted = SCOPES.get(name, set())
            assert not wanted or wanted & granted, f"{name} wants one of {wanted}"
            needed |= wanted & granted
    assert granted == needed


def test_every_scope_and_event_says_why_it_is_there() -> None:
    lines = MANIFEST.read_text().splitlines()
    listed = [line for line in lines if re.match(r"\s+- \S+[^:\s](\s|$)", line)]
    assert len(listed) > 10
    assert all(" # " in line for line in listed)


def test_what_the_app_shows_is_switched_on(manifest: dict[str, Any]) -> None:
    features = manifest["features"]
    assert features["app_home"]["home_tab_enabled"]
    assert features["app_home"]["messages_tab_enabled"]
    assert features["assistant_view"]["assistant_description"]
    assert manifest["settings"]["interactivity"]["is_enabled"]
    assert manifest["settings"]["socket_mode_enabled"]
