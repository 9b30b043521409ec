"""Closes a socket to Slack for certain."""

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slack_sdk.socket_mode import SocketModeClient


def disconnect(client: "SocketModeClient") -> None:
    """Closes the client's socket.

    A session that is only just beginning misses being told so, and would be waited for without
    end; it is told again.
    """
    closing = threading.Thread(target=client.close, name="hanging up", daemon=True)
    closing.start()
    while closing.is_alive():
        client.current_session_state.terminated = True
        closing.join(0.1)
