"""People, each of whom asks one question, while a stage of the soak goes on."""

import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.soak.ledger import Ledger, Question
from bench.soak.programs import Served
from tests.slack.server import LoopbackSlack, deliver
from tests.slack.workspace import BOT_USER

QUESTIONS = (
    "What is the two bases policy?", "What is monazite?", "What does cerium oxide polish?",
    "Why are rare earths hard to separate?", "What does the Aldren plant separate?",
)  # fmt: skip
# How long Slack waits before it sends an event again, shortened as the day is.
_RETRIES = (0.0, 3.0, 15.0)


@dataclass(slots=True)
class Stage:
    """What one half of a soak needs, and what it has found."""

    name: str
    folder: Path
    questions: int
    seconds: float
    slack: LoopbackSlack
    programs: list[Served] = field(default_factory=list)
    faults: list[tuple[str, Callable[[], object]]] = field(default_factory=list)
    done: list[dict[str, Any]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    @property
    def documents(self) -> Path:
        return self.folder / "documents"


class Asking:
    """People, each of whom asks one question, by mention or by command; every event goes all ways."""

    def __init__(self, stage: Stage, ledger: Ledger) -> None:
        self._stage, self._ledger = stage, ledger
        self._chance = random.Random(17)
        self._threads: list[threading.Thread] = []

    def ask_all(self) -> None:
        """Asks everything, evenly, with a burst of ten now and then."""
        stage, began = self._stage, time.monotonic()
        for number in range(stage.questions):
            due = (
                began
                + stage.seconds
                * (number - number % 10 if number % 100 < 50 else number)
                / stage.questions
            )
            time.sleep(max(0.0, due - time.monotonic()))
            thread = threading.Thread(target=self._ask, args=(number,), daemon=True)
            thread.start()
            self._threads = [one for one in self._threads if one.is_alive()] + [thread]
        for thread in self._threads:
            thread.join(60)

    def _ask(self, number: int) -> None:
        slack, user = self._stage.slack, f"U7{number:07}"
        slack.people[user] = f"Person {number}"
        text = self._chance.choice(QUESTIONS)
        heard: list[bool] = []
        sender = self._sender(heard)
        if number % 4 == 0:
            body = {
                "command": "/ask", "text": text, "user_id": user, "channel_id": "C1",
                "team_id": "T1", "trigger_id": slack.trigger(),
                "response_url": slack.response_url(user, "C1"),
            }  # fmt: skip
            sender("slash_commands", body)
            self._ledger.ask(Question(user, undelivered=not any(heard)))
        else:
            stamp = slack.stamp()
            message = {"type": "message", "channel": "C1", "user": user, "ts": stamp,
                       "text": f"<@{BOT_USER}> {text}"}  # fmt: skip
            slack.history.append(message)
            body = {
                "type": "event_callback", "event_id": f"Ev{user}", "team_id": "T1",
                "api_app_id": "A1", "event_time": int(time.time()),
                "event": {**message, "type": "app_mention", "event_ts": stamp},
            }  # fmt: skip
            sender("events_api", body)
            self._ledger.ask(Question(user, stamp, undelivered=not any(heard)))

    def _sender(self, heard: list[bool]) -> Callable[[str, dict[str, Any]], None]:
        """Sends by every program's way, each as Slack does: events again until they are heard."""

        def by_http(program: Served, kind: str, body: dict[str, Any]) -> None:
            form = kind != "events_api"
            for attempt, pause in enumerate((0.0,) if form else (0.0, *_RETRIES)):
                time.sleep(pause)
                headers = {"X-Slack-Retry-Num": str(attempt)} if attempt else {}
                if deliver(program.url, body, form=form, headers=headers) == 200:
                    heard.append(True)
                    return

        def by_socket(kind: str, body: dict[str, Any]) -> None:
            if self._stage.slack.connected:
                with suppress(AssertionError, TimeoutError, OSError):
                    self._stage.slack.send_by_socket(kind, body)
                    heard.append(True)

        def send(kind: str, body: dict[str, Any]) -> None:
            ways = [
                threading.Thread(target=by_http, args=(one, kind, body), daemon=True)
                if one.mode == "http"
                else threading.Thread(target=by_socket, args=(kind, body), daemon=True)
                for one in self._stage.programs
            ]  # fmt: skip
            for way in ways:
                way.start()
            for way in ways:
                way.join()

        return send
