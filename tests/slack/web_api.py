"""The Web API: methods, the scopes they want, and what they refuse."""

import time
from collections.abc import Callable
from typing import Any

from tests.slack.limits import (
    MAX_MARKDOWN,
    RefusedError,
    check_chunks,
    check_message,
    check_view,
    refuse_unless,
)
from tests.slack.workspace import BOT_ID, BOT_USER, TEAM, Message, Workspace, new_id

Arguments = dict[str, Any]
APP_ID = "A0MONAZITE"
_HISTORY = {"channel": "channels:history", "group": "groups:history", "im": "im:history"}
# One scope of those named is enough; what is not listed wants none.
SCOPES = {
    "chat.postMessage": {"chat:write"}, "chat.update": {"chat:write"},
    "chat.delete": {"chat:write"}, "chat.postEphemeral": {"chat:write"},
    "chat.startStream": {"chat:write"}, "chat.appendStream": {"chat:write"},
    "chat.stopStream": {"chat:write"},
    "assistant.threads.setStatus": {"chat:write", "assistant:write"},
    "assistant.threads.setTitle": {"assistant:write"},
    "assistant.threads.setSuggestedPrompts": {"assistant:write"},
    "reactions.add": {"reactions:write"}, "reactions.remove": {"reactions:write"},
    "files.info": {"files:read"}, "bots.info": {"users:read"},
    "users.conversations": {"channels:read", "groups:read"}, "users.info": {"users:read"}, "usergroups.users.list": {"usergroups:read"},
}  # fmt: skip


class WebApi:
    """Answers method calls on a workspace; refuses what Slack refuses."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        # Methods that this workspace does not know, or refuses, by error code.
        self.refusals: dict[str, str] = {}
        self._methods: dict[str, Callable[[Arguments], Arguments]] = {
            "auth.test": self._auth_test, "bots.info": self._bot,
            "apps.manifest.export": self._manifest, "apps.connections.open": self._open_connection,
            "chat.postMessage": self._post, "chat.postEphemeral": self._post_ephemeral,
            "chat.update": self._update, "chat.delete": self._delete,
            "chat.getPermalink": self._permalink, "chat.startStream": self._start_stream,
            "chat.appendStream": self._append_stream, "chat.stopStream": self._stop_stream,
            "conversations.replies": self._replies, "conversations.history": self._history,
            "reactions.add": self._react, "reactions.remove": self._unreact,
            "files.info": self._file, "conversations.info": self._conversation,
            "users.conversations": self._conversations_of, "users.info": self._user, "usergroups.users.list": self._group, "views.open": self._open_view,
            "views.publish": self._publish_view,
            "assistant.threads.setStatus": self._set_status,
            "assistant.threads.setTitle": self._set_title,
            "assistant.threads.setSuggestedPrompts": self._set_prompts,
        }  # fmt: skip

    def call(self, method: str, arguments: Arguments) -> Arguments:
        """Returns the answer's fields; raises `RefusedError`."""
        refuse_unless(method in self._methods, "unknown_method")
        if method in self.refusals:
            raise RefusedError(self.refusals[method])
        wanted = SCOPES.get(method)
        refuse_unless(not wanted or wanted & self.workspace.scopes, "missing_scope")
        with self.workspace.lock:
            return self._methods[method](arguments)

    def _auth_test(self, _: Arguments) -> Arguments:
        return {
            "user_id": BOT_USER, "bot_id": BOT_ID, "team_id": TEAM, "url": self.workspace.url,
            "user": "monazite",
        }  # fmt: skip

    def _bot(self, given: Arguments) -> Arguments:
        refuse_unless(given.get("bot") == BOT_ID, "bot_not_found")
        return {"bot": {"id": BOT_ID, "name": "monazite", "app_id": APP_ID}}

    def _manifest(self, given: Arguments) -> Arguments:
        refuse_unless(given.get("app_id") == APP_ID, "invalid_app_id")
        return {"manifest": self.workspace.manifest}

    def _open_connection(self, _: Arguments) -> Arguments:
        return {"url": self.workspace.url.replace("http://", "ws://") + "/link"}

    def _post(self, given: Arguments) -> Arguments:
        channel = self._writable(given)
        check_message(given)
        message = {**given, "channel": channel, "bot_id": BOT_ID, "user": BOT_USER,
                   "type": "message", "ts": self.workspace.stamp()}  # fmt: skip
        self.workspace.history.append(message)
        self._clear_status(channel, given.get("thread_ts"))
        return {"channel": channel, "ts": message["ts"], "message": message}

    def _post_ephemeral(self, given: Arguments) -> Arguments:
        self._writable(given)
        refuse_unless(given.get("user") in self.workspace.people, "user_not_in_channel")
        check_message(given)
        stamp = self.workspace.stamp()
        self.workspace.ephemerals.append(given | {"ts": stamp})
        return {"message_ts": stamp}

    def _update(self, given: Arguments) -> Arguments:
        message = self._own(given, "cant_update_message")
        refuse_unless(not message.get("streaming"), "streaming_state_conflict")
        check_message(given)
        message.pop("markdown", None)
        message |= {"text": given.get("text", ""), "blocks": given.get("blocks", [])}
        return {"channel": message["channel"], "ts": message["ts"], "text": message["text"]}

    def _delete(self, given: Arguments) -> Arguments:
        message = self._own(given, "cant_delete_message")
        self.workspace.history.remove(message)
        return {"channel": message["channel"], "ts": message["ts"]}

    def _permalink(self, given: Arguments) -> Arguments:
        message = self._found(given, "message_ts")
        number = message["ts"].replace(".", "")
        return {"permalink": f"https://example.slack.com/archives/{message['channel']}/p{number}"}

    def _start_stream(self, given: Arguments) -> Arguments:
        channel = self._writable(given)
        refuse_unless(given.get("thread_ts"), "invalid_arguments")
        if not channel.startswith("D"):
            refuse_unless(given.get("recipient_team_id"), "missing_recipient_team_id")
            refuse_unless(given.get("recipient_user_id"), "missing_recipient_user_id")
        message: Message = {
            "type": "message", "channel": channel, "thread_ts": given["thread_ts"],
            "bot_id": BOT_ID, "user": BOT_USER, "ts": self.workspace.stamp(),
            "text": _markdown(given), "blocks": [], "markdown": _markdown(given),
            "streaming": True,
        }  # fmt: skip
        self.workspace.history.append(message)
        self._clear_status(channel, given["thread_ts"])
        return {"channel": channel, "ts": message["ts"]}

    def _append_stream(self, given: Arguments) -> Arguments:
        message = self._streaming(given)
        text = _markdown(given)
        refuse_unless(text, "no_text")
        message["markdown"] += text
        message["text"] = message["markdown"]
        refuse_unless(len(message["markdown"]) <= MAX_MARKDOWN, "msg_too_long")
        return {"channel": message["channel"], "ts": message["ts"]}

    def _stop_stream(self, given: Arguments) -> Arguments:
        message = self._streaming(given)
        check_message({"text": "stopped", "blocks": given.get("blocks") or []})
        message["markdown"] += _markdown(given)
        message |= {"blocks": given.get("blocks") or [], "streaming": False,
                    "text": message["markdown"]}  # fmt: skip
        return {"channel": message["channel"], "ts": message["ts"], "message": message}

    def _replies(self, given: Arguments) -> Arguments:
        self._readable(given)
        found = self.workspace.thread(given["channel"], given.get("ts", ""))
        refuse_unless(found, "thread_not_found")
        limit = int(given.get("limit", 1000))
        return {"messages": found[:limit], "has_more": len(found) > limit}

    def _history(self, given: Arguments) -> Arguments:
        self._readable(given)
        found = [m for m in self.workspace.history if m["channel"] == given["channel"]][::-1]
        limit = int(given.get("limit", 100))
        return {"messages": found[:limit], "has_more": len(found) > limit}

    def _react(self, given: Arguments) -> Arguments:
        message = self._found(given, "timestamp")
        names = message.setdefault("reactions", [])
        refuse_unless(given.get("name") not in names, "already_reacted")
        names.append(given["name"])
        return {}

    def _unreact(self, given: Arguments) -> Arguments:
        names = self._found(given, "timestamp").get("reactions", [])
        refuse_unless(given.get("name") in names, "no_reaction")
        names.remove(given["name"])
        return {}

    def _user(self, given: Arguments) -> Arguments:
        name = self.workspace.people.get(given.get("user", ""))
        refuse_unless(name, "user_not_found")
        admin = given["user"] in self.workspace.admins
        return {"user": {"id": given["user"], "name": name, "real_name": name, "is_admin": admin}}

    def _conversation(self, given: Arguments) -> Arguments:
        channel = given.get("channel", "")
        kind = self.workspace.channels.get(channel)
        refuse_unless(kind == "channel" or channel in self.workspace.members, "channel_not_found")
        scope = {"channel": "channels:read", "group": "groups:read", "im": "im:read"}[str(kind)]
        refuse_unless(scope in self.workspace.scopes, "missing_scope")
        return {
            "channel": {
                "id": channel, "name": channel.lower(), "is_private": kind == "group",
                "is_im": kind == "im", "is_member": channel in self.workspace.members,
            }
        }  # fmt: skip

    def _file(self, given: Arguments) -> Arguments:
        found = self.workspace.files.get(given.get("file", ""))
        refuse_unless(found, "file_not_found")
        return {"file": found}

    def _conversations_of(self, given: Arguments) -> Arguments:
        """Two a page, so that whoever asks has to turn pages; private channels only with the bot in."""
        kinds = {
            "public_channel": ("channel", "channels:read"),
            "private_channel": ("group", "groups:read"),
        }
        wanted = str(given.get("types", "public_channel")).split(",")
        refuse_unless(set(wanted) <= kinds.keys(), "invalid_types")
        refuse_unless({kinds[one][1] for one in wanted} <= self.workspace.scopes, "missing_scope")
        kept = {kinds[one][0] for one in wanted}
        found = [
            channel for channel in sorted(self.workspace.memberships.get(given.get("user", ""), ()))
            if (kind := self.workspace.channels[channel]) in kept
            and (kind == "channel" or channel in self.workspace.members)
        ]  # fmt: skip
        start = int(given.get("cursor") or 0)
        more = str(start + 2) if start + 2 < len(found) else ""
        return {
            "channels": [{"id": channel} for channel in found[start : start + 2]],
            "response_metadata": {"next_cursor": more},
        }

    def _group(self, given: Arguments) -> Arguments:
        users = self.workspace.groups.get(given.get("usergroup", ""))
        refuse_unless(users is not None, "no_such_subteam")
        return {"users": users}

    def _open_view(self, given: Arguments) -> Arguments:
        trigger = given.get("trigger_id")
        refuse_unless(trigger, "invalid_arguments")
        ends = self.workspace.triggers.pop(trigger, None)
        refuse_unless(ends is not None, "invalid_trigger_id")
        refuse_unless(time.monotonic() < (ends or 0), "expired_trigger_id")
        check_view(given["view"])
        refuse_unless(given["view"]["type"] == "modal", "invalid_arguments")
        self.workspace.views.append(given["view"] | {"id": new_id("V")})
        return {"view": self.workspace.views[-1]}

    def _publish_view(self, given: Arguments) -> Arguments:
        refuse_unless(given.get("user_id") in self.workspace.people, "invalid_arguments")
        refuse_unless(
            self.workspace.manifest["features"]["app_home"].get("home_tab_enabled"), "not_enabled"
        )
        check_view(given["view"])
        refuse_unless(given["view"]["type"] == "home", "invalid_arguments")
        self.workspace.homes[given["user_id"]] = given["view"]
        return {"view": given["view"]}

    def _set_status(self, given: Arguments) -> Arguments:
        refuse_unless(given.get("channel_id") in self.workspace.channels, "channel_not_found")
        refuse_unless(given.get("thread_ts"), "invalid_thread_ts")
        refuse_unless("status" in given, "invalid_arguments")
        refuse_unless(len(given.get("loading_messages") or []) <= 10, "invalid_arguments")
        self.workspace.statuses.append(given | {"shown": bool(given["status"])})
        return {}

    def _set_title(self, given: Arguments) -> Arguments:
        refuse_unless(given.get("title") and given.get("thread_ts"), "invalid_arguments")
        self.workspace.titles[given["thread_ts"]] = given["title"]
        return {}

    def _set_prompts(self, given: Arguments) -> Arguments:
        prompts = given.get("prompts")
        refuse_unless(isinstance(prompts, list) and 0 < len(prompts) <= 4, "invalid_arguments")
        for prompt in prompts or []:
            refuse_unless(prompt.get("title") and prompt.get("message"), "invalid_arguments")
        self.workspace.prompts[given["thread_ts"]] = prompts or []
        return {}

    def _writable(self, given: Arguments) -> str:
        """The channel to write to; a person's id stands for the direct channel."""
        channel = given.get("channel") or ""
        if channel in self.workspace.people:
            return self.workspace.direct(channel)
        refuse_unless(channel in self.workspace.channels, "channel_not_found")
        refuse_unless(channel in self.workspace.members, "not_in_channel")
        return str(channel)

    def _readable(self, given: Arguments) -> None:
        kind = self.workspace.channels.get(given.get("channel", ""))
        refuse_unless(kind, "channel_not_found")
        refuse_unless(_HISTORY[str(kind)] in self.workspace.scopes, "missing_scope")
        refuse_unless(given["channel"] in self.workspace.members, "not_in_channel")

    def _found(self, given: Arguments, field: str = "ts") -> Message:
        found = self.workspace.message(given.get("channel", ""), given.get(field, ""))
        if found is None:
            raise RefusedError("message_not_found")
        return found

    def _own(self, given: Arguments, code: str) -> Message:
        message = self._found(given)
        refuse_unless(message.get("bot_id") == BOT_ID, code)
        return message

    def _streaming(self, given: Arguments) -> Message:
        message = self._own(given, "message_not_owned_by_app")
        refuse_unless(message.get("streaming"), "message_not_in_streaming_state")
        return message

    def _clear_status(self, channel: str, thread: str | None) -> None:
        for status in self.workspace.statuses:
            if (status["channel_id"], status["thread_ts"]) == (channel, thread):
                status["shown"] = False


def _markdown(given: Arguments) -> str:
    text = given.get("markdown_text") or ""
    refuse_unless(len(text) <= MAX_MARKDOWN, "msg_too_long")
    return text + check_chunks(given.get("chunks") or [])
