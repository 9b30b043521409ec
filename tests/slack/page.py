"""A page where one types as a person and sees what the bot answers, without a workspace."""

from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from tests.slack.server import LoopbackSlack
from tests.slack.workspace import BOT_USER, PERSON, Message

_STATIC = Path(__file__).parent / "static"


class Page:
    """Serves the page of a workspace, and does what its buttons say."""

    def __init__(self) -> None:
        self.slack = LoopbackSlack(self._routes())
        self._threads: dict[str, str] = {}

    def _routes(self) -> list[BaseRoute]:
        return [
            Route("/", lambda _: FileResponse(_STATIC / "page.html")),
            Route("/state", self.state),
            Route("/act", self._act, methods=["POST"]),
            Mount("/static", StaticFiles(directory=_STATIC)),
        ]

    def state(self, request: Request) -> Response:
        """What `user` sees at `place`."""
        user = request.query_params.get("user") or PERSON
        place = request.query_params.get("place", "C1")
        slack, channel = self.slack, self._channel(place, user)
        with slack.lock:
            messages = [m for m in slack.history if m["channel"] == channel]
            thread = self._threads.get(user) if place == "pane" else None
            if place == "pane":
                messages = [m for m in messages if m.get("thread_ts") == thread]
            return JSONResponse({
                "people": slack.people, "bot": BOT_USER,
                "places": [["C1", "# rare-earths"], ["C2", "# elsewhere"], ["dm", "Monazite (direct)"],
                           ["pane", "Monazite (assistant)"], ["home", "Monazite (home)"]],
                "messages": messages + self._private(user, channel),
                "statuses": [s for s in slack.statuses if s["channel_id"] == channel],
                "prompts": slack.prompts.get(thread or "", []) if len(messages) == 1 else [],
                "home": slack.homes.get(user),
                "view": slack.views[-1] if slack.views else None,
            })  # fmt: skip

    async def _act(self, request: Request) -> Response:
        from starlette.concurrency import run_in_threadpool

        return await run_in_threadpool(self.act, await request.json())

    def act(self, given: dict[str, Any]) -> Response:
        """Does one thing as a person."""
        slack, user = self.slack, given["user"]
        channel = self._channel(given["channel"] or "home", user)
        what = given["do"]
        if what == "say":
            text = _typed(given["text"])
            pane = given["channel"] == "pane"
            thread = self._threads[user] if pane else given.get("thread")
            slack.say(text, channel, user, thread)
        elif what == "command":
            slack.command(given["text"], channel, user)
        elif what == "pane":
            if user not in self._threads:
                self._threads[user] = slack.open_pane(user)[1]
        elif what == "home":
            slack.open_home(user)
        elif what == "press":
            slack.press(given["blocks"], given["action"], given["channel"] and channel, user,
                        given["value"])  # fmt: skip
        elif what == "submit":
            slack.submit(slack.views[-1], given["values"], user)
        else:
            self._change(what, slack.message(channel, given["ts"]), given)
        return JSONResponse({})

    def _change(self, what: str, message: Message | None, given: dict[str, Any]) -> None:
        if message is None:
            return
        if what == "edit":
            self.slack.edit(message, _typed(given["text"]))
        elif what == "delete":
            self.slack.delete(message)
        elif what == "shortcut":
            self.slack.shortcut(message, given["user"])

    def _channel(self, place: str, user: str) -> str:
        return self.slack.direct(user) if place in ("dm", "pane", "home") else place

    def _private(self, user: str, channel: str) -> list[Message]:
        """Ephemeral messages and answers to commands, which only their reader sees."""
        whispered = [
            entry for entry in self.slack.ephemerals
            if entry["user"] == user and entry["channel"] == channel
        ]  # fmt: skip
        responded = [
            entry for entry in self.slack.responses
            if entry["user"] == user and entry["channel"] == channel
        ]  # fmt: skip
        return [
            {**entry, "private": True, "bot_id": "B1", "ts": entry["ts"], "thread_ts": None}
            for entry in whispered + responded
        ]


def _typed(text: str) -> str:
    """What Slack makes of what a person types: entities for its own marks, mentions by id."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace("@monazite", f"<@{BOT_USER}>")
