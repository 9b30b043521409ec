"""Waits until the program is told to stop."""

import signal
import threading
from collections.abc import Callable


def on_stop(do: Callable[[], object]) -> None:
    """Calls `do` on SIGTERM and on SIGINT, in place of ending the process."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: do())


def wait_for_stop() -> None:
    """Returns on SIGTERM or SIGINT."""
    stop = threading.Event()
    on_stop(stop.set)
    stop.wait()
