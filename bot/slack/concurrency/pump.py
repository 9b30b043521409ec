"""Hands pieces on, one after another, on a thread that lives only while there are any."""

import threading
from collections import deque
from collections.abc import Callable
from contextvars import copy_context

from bot.slack.concurrency.waiting import never_wait


class Pump:
    """Passes what is put in to `send`, in order. Whoever puts something in never waits for it."""

    def __init__(self, send: Callable[[str], object]) -> None:
        self._send = send
        self._pieces: deque[str] = deque()
        self._is_running = False
        self._changed = threading.Condition()

    def put(self, piece: str) -> None:
        """Has `piece` sent after those before it."""
        with self._changed:
            self._pieces.append(piece)
            if self._is_running:
                return
            self._is_running = True
        context = copy_context()
        threading.Thread(
            target=context.run, args=(self._drain,), name="stream", daemon=True
        ).start()

    def finish(self) -> None:
        """Waits until everything is sent."""
        with self._changed:
            self._changed.wait_for(lambda: not self._is_running)

    def _drain(self) -> None:
        never_wait()
        while True:
            with self._changed:
                if not self._pieces:
                    self._is_running = False
                    self._changed.notify_all()
                    return
                piece = self._pieces.popleft()
            self._send(piece)
