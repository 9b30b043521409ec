"""A workspace: channels, people, messages, views; what is in it, and what its people do."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml

MANIFEST = Path(__file__).parents[2] / "deploy/slack-manifest.yaml"
BOT_USER, BOT_ID, TEAM = "UBOT00001", "B1", "T1"
PERSON = "U00000001"
TRIGGER_SECONDS = 3.0

Message = dict[str, Any]
# Takes what Slack would send to the app: its kind (events_api, slash_commands, interactive), its body.
Sender = Callable[[str, dict[str, Any]], None]


def new_id(prefix: str) -> str:
    return f"{prefix}{uuid4().hex[:12].upper()}"


class Workspace:
    """Remembers everything; `send` is told of what the app should hear."""

    def __init__(self) -> None:
        self.manifest = yaml.safe_load(MANIFEST.read_text())
        self.scopes = set(self.manifest["oauth_config"]["scopes"]["bot"])
        subscriptions = self.manifest["settings"]["event_subscriptions"]["bot_events"]
        self.subscribed = set(subscriptions)
        self.channels = {"C1": "channel", "C2": "channel", "G1": "group", "CADMIN": "channel"}
        self.members = {"C1", "G1", "CADMIN"}
        self.people = {PERSON: "Ana", "U00000002": "Bo", BOT_USER: "monazite"}
        self.admins: set[str] = set()
        self.groups: dict[str, list[str]] = {}
        self.memberships: dict[str, set[str]] = {}
        self.files: dict[str, dict[str, Any]] = {}
        self.contents: dict[str, bytes] = {}
        self.history: list[Message] = []
        self.ephemerals: list[Message] = []
        self.responses: list[Message] = []
        self.views: list[dict[str, Any]] = []
        self.homes: dict[str, dict[str, Any]] = {}
        self.statuses: list[dict[str, Any]] = []
        self.titles: dict[str, str] = {}
        self.prompts: dict[str, list[dict[str, str]]] = {}
        self.triggers: dict[str, float] = {}
        self.response_urls: dict[str, tuple[str, str]] = {}
        self.url = ""
        self.send: Sender = lambda _kind, _body: None
        self.lock = threading.RLock()
        self._clock = 0.0

    @property
    def messages(self) -> list[Message]:
        """What the bot has posted and not deleted, oldest first."""
        return [message for message in self.history if message.get("bot_id") == BOT_ID]

    def stamp(self) -> str:
        """A timestamp that no other message has."""
        with self.lock:
            self._clock = max(time.time(), self._clock + 0.000001)
            return f"{self._clock:.6f}"

    def direct(self, user: str) -> str:
        """The direct channel of a person and the bot."""
        channel = f"D{user[1:]}"
        self.channels[channel] = "im"
        self.members.add(channel)
        return channel

    def message(self, channel: str, stamp: str) -> Message | None:
        found = (m for m in self.history if m["channel"] == channel and m["ts"] == stamp)
        return next(found, None)

    def thread(self, channel: str, stamp: str) -> list[Message]:
        return [
            message for message in self.history
            if message["channel"] == channel and stamp in (message["ts"], message.get("thread_ts"))
        ]  # fmt: skip

    def trigger(self) -> str:
        trigger = new_id("trigger.")
        self.triggers[trigger] = time.monotonic() + TRIGGER_SECONDS
        return trigger

    def response_url(self, user: str, channel: str) -> str:
        number = new_id("R")
        self.response_urls[number] = (user, channel)
        return f"{self.url}/response/{number}"

    # What people do. Each returns what it made.

    def say(
        self, text: str, channel: str = "C1", user: str = PERSON, thread: str | None = None,
        **fields: Any,
    ) -> Message:  # fmt: skip
        stamp = self.stamp()
        message = {"type": "message", "channel": channel, "user": user, "text": text, "ts": stamp}
        message |= {"thread_ts": thread} if thread else {}
        message |= fields
        self.history.append(message)
        self._tell_message(message)
        if f"<@{BOT_USER}>" in text and self.channels.get(channel) != "im":
            self.event(message | {"type": "app_mention"}, "app_mention")
        return message

    def edit(self, message: Message, text: str, after: float | None = None) -> None:
        """Rewords a message, now or `after` seconds from when it was written."""
        before = dict(message)
        edited = self.stamp() if after is None else f"{float(message['ts']) + after:.6f}"
        message |= {"text": text, "edited": {"user": message["user"], "ts": edited}}
        changed = {
            "subtype": "message_changed", "message": dict(message), "previous_message": before,
        }  # fmt: skip
        self._tell_message({"channel": message["channel"], "ts": self.stamp(), **changed})

    def delete(self, message: Message) -> None:
        """Deletes a message; one that began a thread leaves a tombstone."""
        self.history.remove(message)
        channel, stamp = message["channel"], message["ts"]
        event = {"channel": channel, "ts": self.stamp(), "hidden": True}
        if self.thread(channel, stamp):
            stone = {"subtype": "tombstone", "user": "USLACKBOT", "ts": stamp,
                     "text": "This message was deleted.", "thread_ts": stamp}  # fmt: skip
            changed = {"subtype": "message_changed", "message": stone}
            self._tell_message(event | changed | {"previous_message": dict(message)})
        else:
            gone = {"subtype": "message_deleted", "deleted_ts": stamp}
            self._tell_message(event | gone | {"previous_message": dict(message)})

    def open_pane(self, user: str = PERSON) -> tuple[str, str]:
        """Opens the assistant pane; returns its channel and thread."""
        channel, thread = self.direct(user), self.stamp()
        opened = {"user_id": user, "context": {}, "channel_id": channel, "thread_ts": thread}
        event = {"type": "assistant_thread_started", "assistant_thread": opened}
        self.event(event, "assistant_thread_started")
        return channel, thread

    def move_pane(self, thread: str, user: str = PERSON) -> None:
        """Shows another channel beside the pane."""
        moved = {"user_id": user, "context": {"channel_id": "C1"}, "channel_id": self.direct(user),
                 "thread_ts": thread}  # fmt: skip
        event = {"type": "assistant_thread_context_changed", "assistant_thread": moved}
        self.event(event, "assistant_thread_context_changed")

    def open_home(self, user: str = PERSON) -> None:
        event = {"type": "app_home_opened", "user": user, "tab": "home",
                 "channel": self.direct(user)}  # fmt: skip
        self.event(event, "app_home_opened")

    def command(
        self, text: str, channel: str = "C1", user: str = PERSON, name: str = "/ask"
    ) -> dict[str, Any]:
        body = {
            "command": name, "text": text, "user_id": user, "channel_id": channel,
            "team_id": TEAM, "trigger_id": self.trigger(), "response_url": self.response_url(user, channel),
        }  # fmt: skip
        self.send("slash_commands", body)
        return body

    def share(
        self, name: str, data: bytes, channel: str = "C1", user: str = PERSON, text: str = ""
    ) -> Message:
        """Shares a file in a conversation."""
        identifier = new_id("F")
        url = f"{self.url}/files/{identifier}/download"
        file = {"id": identifier, "name": name, "size": len(data), "url_private_download": url}
        self.files[identifier], self.contents[identifier] = file, data
        return self.say(text, channel, user, subtype="file_share", files=[dict(file)])

    def shortcut(
        self, message: Message, user: str = PERSON, callback: str = "answer_this"
    ) -> dict[str, Any]:
        shortcuts = self.manifest["features"]["shortcuts"]
        assert callback in [one["callback_id"] for one in shortcuts]
        body = {
            "type": "message_action", "callback_id": callback, "user": {"id": user},
            "team": {"id": TEAM}, "channel": {"id": message["channel"]}, "message": dict(message),
            "message_ts": message["ts"], "trigger_id": self.trigger(), "action_ts": self.stamp(),
            "response_url": self.response_url(user, message["channel"]),
        }  # fmt: skip
        self.send("interactive", body)
        return body

    def press(
        self, blocks: list[dict[str, Any]], action: str, channel: str | None = "C1",
        user: str = PERSON, value: str = "",
    ) -> dict[str, Any]:  # fmt: skip
        """Presses the button `action` among `blocks`; `value` picks one of several values."""
        element = next(e for e in elements_of(blocks) if matches(e, action, value))
        pressed = {"action_id": action, "type": element["type"], "action_ts": self.stamp(),
                   "value": value or element.get("value", "")}  # fmt: skip
        body: dict[str, Any] = {
            "type": "block_actions", "user": {"id": user}, "team": {"id": TEAM},
            "trigger_id": self.trigger(), "actions": [pressed],
        }  # fmt: skip
        if channel:
            body |= {"channel": {"id": channel}, "container": {"type": "message"},
                     "response_url": self.response_url(user, channel)}  # fmt: skip
        else:
            body["container"] = {"type": "view"}
        self.send("interactive", body)
        return body

    def submit(self, view: dict[str, Any], values: dict[str, Any], user: str = PERSON) -> None:
        state = {"values": {key: {key: value} for key, value in values.items()}}
        self.send("interactive", {
            "type": "view_submission", "user": {"id": user}, "team": {"id": TEAM},
            "trigger_id": self.trigger(), "view": view | {"state": state},
        })  # fmt: skip

    def event(self, event: dict[str, Any], subscription: str) -> dict[str, Any] | None:
        """Sends an event, if the manifest subscribes to it."""
        if subscription not in self.subscribed:
            return None
        stamp = event.get("ts") or self.stamp()
        body = {
            "type": "event_callback", "event_id": new_id("Ev"), "team_id": TEAM,
            "api_app_id": "A1", "event_time": int(time.time()),
            "event": {"event_ts": stamp, **event},
        }  # fmt: skip
        self.send("events_api", body)
        return body

    def _tell_message(self, fields: dict[str, Any]) -> None:
        channel = fields["channel"]
        kind = self.channels[channel]
        names = {"channel": "message.channels", "group": "message.groups", "im": "message.im"}
        if channel in self.members:
            self.event({**fields, "type": "message", "channel_type": kind}, names[kind])


def elements_of(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Everything among `blocks` that can be pressed."""
    found = []
    for block in blocks:
        found += block.get("elements", []) if "actions" in block["type"] else []
        found += [block["accessory"]] if "accessory" in block else []
    return found


def matches(element: dict[str, Any], action: str, value: str) -> bool:
    if element.get("action_id") != action:
        return False
    buttons = [element.get(name, {}) for name in ("positive_button", "negative_button")]
    values = [element.get("value"), *(button.get("value") for button in buttons)]
    return not value or value in values
