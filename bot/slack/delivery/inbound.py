"""A question as it reached us from Slack."""

from dataclasses import dataclass
from typing import Any

from bot.slack.delivery.mrkdwn import unescape


@dataclass(frozen=True, slots=True)
class InboundQuestion:
    """Who asked what, where; timestamps are Slack's.

    `stamp` is the message that asks ("" for commands and buttons), `thread` the thread
    to answer in ("" for the top of the conversation), `direct` a conversation between
    the asker and the bot alone, `preface` mrkdwn to stand above the answer. `response_url`
    reaches the asker alone, for half an hour; a `private` question is answered there.
    """

    team: str
    user: str
    channel: str
    text: str
    stamp: str = ""
    thread: str = ""
    direct: bool = False
    preface: str = ""
    response_url: str = ""
    private: bool = False

    @property
    def is_reply(self) -> bool:
        """Says whether something was said in the thread before."""
        return bool(self.thread) and self.thread != self.stamp


def from_event(body: dict[str, Any]) -> InboundQuestion:
    """Reads a message or mention; a mention is answered in its thread."""
    event = body["event"]
    direct = event.get("channel_type") == "im"
    return InboundQuestion(
        team=body.get("team_id", ""),
        user=event.get("user", ""),
        channel=event["channel"],
        text=unescape(event.get("text", "")),
        stamp=event["ts"],
        thread=event.get("thread_ts") or ("" if direct else event["ts"]),
        direct=direct,
    )


def from_command(command: dict[str, Any]) -> InboundQuestion:
    """Reads `/ask question`."""
    return InboundQuestion(
        command.get("team_id", ""), command["user_id"], command["channel_id"],
        unescape(command.get("text", "")), response_url=command["response_url"], private=True,
    )  # fmt: skip


def from_shortcut(shortcut: dict[str, Any]) -> InboundQuestion:
    """Reads the shortcut of a message, whose text is the question."""
    message, channel = shortcut["message"], shortcut["channel"]["id"]
    return InboundQuestion(
        team=shortcut["team"]["id"],
        user=shortcut["user"]["id"],
        channel=channel,
        text=unescape(message.get("text", "")),
        stamp=message["ts"],
        thread=message.get("thread_ts") or message["ts"],
        response_url=shortcut["response_url"],
    )
