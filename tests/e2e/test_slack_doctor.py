"""`monazite doctor --slack`: what a real workspace would be asked, and what is wrong with it."""

import threading
import time

import pytest
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.builtin.connection import Connection

from bot.slack.service.slack_doctor import EVENTS, SCOPES, check_slack
from tests.slack.server import CONFIG_TOKEN, LoopbackSlack
from tests.slack.workspace import Workspace


def findings() -> dict[str, tuple[bool, str]]:
    return {finding.check: (finding.ok, finding.detail) for finding in check_slack()}


def test_what_it_looks_for_is_what_the_manifest_asks_for() -> None:
    workspace = Workspace()
    assert workspace.scopes == SCOPES
    assert workspace.subscribed == EVENTS


def test_a_healthy_workspace(slack: LoopbackSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_CONFIG_TOKEN", CONFIG_TOKEN)
    found = findings()
    assert {check for check, (ok, _) in found.items() if not ok} == set()
    assert found["Slack scopes"] == (True, "all there")
    assert found["Slack events"] == (True, "all subscribed to")
    assert found["Slack line"] == (True, "a socket opens")
    assert "chat.postMessage" not in slack.calls


def test_a_missing_scope_and_one_too_many_are_named(slack: LoopbackSlack) -> None:
    slack.scopes = slack.scopes - {"reactions:write"} | {"admin"}
    assert findings()["Slack scopes"] == (False, "missing: reactions:write")
    slack.scopes |= {"reactions:write"}
    assert findings()["Slack scopes"] == (True, "all there; more than needed: admin")


def test_a_missing_subscription_is_named(
    slack: LoopbackSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_CONFIG_TOKEN", CONFIG_TOKEN)
    slack.manifest["settings"]["event_subscriptions"]["bot_events"].remove("app_mention")
    assert findings()["Slack events"] == (False, "not subscribed to: app_mention")


def test_what_cannot_be_seen_is_not_said_to_be_right(slack: LoopbackSlack) -> None:
    assert findings()["Slack events"][1].startswith("not checked: ")


@pytest.mark.parametrize(
    ("variable", "value", "check", "says"),
    [
        ("SLACK_BOT_TOKEN", "xoxb-wrong-1", "Slack token", "Slack says: invalid_auth"),
        ("SLACK_APP_TOKEN", "xapp-wrong-1", "Slack line", "Slack says: invalid_auth"),
        ("SLACK_BOT_TOKEN", "", "Slack settings", "SLACK_BOT_TOKEN is not set; copy it"),
        ("SLACK_API_URL", "http://127.0.0.1:1/", "Slack token", "Slack says: it cannot be reached"),
        ("SLACK_ADMIN_CHANNEL", "C2", "admins' channel", "the bot is not in C2"),
    ],
)
def test_what_is_wrong_is_said_as_slack_says_it(
    slack: LoopbackSlack, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, check: str,
    says: str,
) -> None:  # fmt: skip
    monkeypatch.setenv(variable, value)
    ok, detail = findings()[check]
    assert not ok
    assert detail.startswith(says)


def test_http_needs_its_secret_and_no_socket(
    slack: LoopbackSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_APP_TOKEN", "")
    assert findings()["Slack line"][1].startswith("HTTP: the signing secret is set")
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "")
    assert findings()["Slack line"] == (
        False, "neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET is set",
    )  # fmt: skip


def test_a_socket_that_is_only_beginning_is_hung_up_all_the_same(
    slack: LoopbackSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen on a busy machine: the session began after it was told to end, and never did."""
    found: list[str] = []
    is_active, is_connected = Connection.is_active, SocketModeClient.is_connected
    beginning = threading.Event()

    def slowly(connection: Connection) -> bool:
        active = is_active(connection)
        if threading.current_thread() is not asking and active:
            beginning.set()
            time.sleep(0.5)
        return active

    def once_it_begins(client: SocketModeClient) -> bool:
        return beginning.wait(10) and is_connected(client)

    monkeypatch.setattr(Connection, "is_active", slowly)
    monkeypatch.setattr(SocketModeClient, "is_connected", once_it_begins)
    asking = threading.Thread(target=lambda: found.append(findings()["Slack line"][1]), daemon=True)
    asking.start()
    asking.join(20)
    assert found == ["a socket opens"]
