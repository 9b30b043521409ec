"""Socket Mode: what could not be recorded is not acknowledged, kept in memory and tried again."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.socket_mode.internals import run_bolt_app, send_response
from slack_sdk.errors import SlackClientError
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.runtime.request_ids import new_request_id
from bot.slack.transport.error_handler import NOT_RECORDED, give_up
from bot.telemetry.logs import log_of

_log = log_of(__name__)
# As long as Slack itself goes on sending an event: https://docs.slack.dev/apis/events-api#retries
_DEADLINE_SECONDS = 300.0
_PAUSE_SECONDS = 1.0
# Beyond this many, Slack's own retries are all there is.
_MOST_KEPT = 1000


class RetryingSocketModeHandler(SocketModeHandler):
    """Bolt's handler, whose requests are tried again while they cannot be recorded."""

    def __init__(self, app: App, app_token: str) -> None:
        super().__init__(app, app_token, web_client=app.client)
        self._unrecorded = Unrecorded(self._try, lambda body: give_up(body, app.client))

    def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]
        """Runs the listeners of a request; acknowledges it, or keeps it to be tried again."""
        if not self._try(client, req):
            self._unrecorded.keep(client, req)

    def stop_retrying(self) -> None:
        """Lets go of what is kept: it was not acknowledged, so Slack sends it again."""
        self._unrecorded.stop()

    def _try(self, client: SocketModeClient, req: SocketModeRequest) -> bool:
        began = monotonic()
        response = run_bolt_app(self.app, req)
        if response.status == NOT_RECORDED:
            return False
        send_response(client, req, response, began)
        return True


@dataclass(slots=True)
class _Kept:
    """A request with the envelopes it came in; Slack sends what is not acknowledged again."""

    since: float
    envelopes: dict[str, tuple[SocketModeClient, SocketModeRequest]] = field(default_factory=dict)


class Unrecorded:
    """Tries requests again, oldest first, until `attempt` says that one was recorded.

    After five minutes of trying the person is told by `give_up`, once. Thread-safe; has a
    thread only while it keeps something.
    """

    def __init__(
        self, attempt: Callable[[SocketModeClient, SocketModeRequest], bool],
        give_up: Callable[[dict[str, object]], object],
        deadline: float = _DEADLINE_SECONDS, pause: float = _PAUSE_SECONDS,
    ) -> None:  # fmt: skip
        self._attempt = attempt
        self._give_up = give_up
        self._deadline = deadline
        self._pause = pause
        self._kept: dict[str, _Kept] = {}
        self._given_up: deque[str] = deque(maxlen=_MOST_KEPT)
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._is_running = False

    def keep(self, client: SocketModeClient, request: SocketModeRequest) -> None:
        """Keeps a request that was not acknowledged."""
        key = _key_of(request)
        with self._lock:
            is_new = key not in self._kept
            if is_new and (key in self._given_up or len(self._kept) >= _MOST_KEPT):
                _log.error("a request was not kept; Slack may send it again", kept=len(self._kept))
                return
            kept = self._kept.setdefault(key, _Kept(monotonic()))
            kept.envelopes[request.envelope_id] = (client, request)
            if not self._is_running:
                self._is_running = True
                threading.Thread(target=self._run, name="unrecorded", daemon=True).start()

    def stop(self) -> None:
        """Tries nothing any more."""
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.wait(self._pause):
            self._try_all()
            with self._lock:
                if not self._kept:
                    self._is_running = False
                    return

    def _try_all(self) -> None:
        """Tries from the oldest on, as long as it goes well: they all wait for the same database."""
        goes_well = True
        for key, kept in list(self._kept.items()):
            if self._stopped.is_set():
                return
            if goes_well:
                goes_well = self._try_one(key, kept)
            if not goes_well and monotonic() - kept.since > self._deadline:
                self._drop(key, kept)

    def _try_one(self, key: str, kept: _Kept) -> bool:
        for envelope, (client, request) in list(kept.envelopes.items()):
            try:
                if not self._attempt(client, request):
                    return False
            except (SlackClientError, OSError) as error:
                # It is on record; the socket that it came by is gone, and Slack sends it again.
                _log.info("a late acknowledgement did not arrive", error=type(error).__name__)
            except Exception as error:  # noqa: BLE001  one request must not end the trying
                _log.exception(
                    "trying again failed", request_id=new_request_id(), error=type(error).__name__
                )
            kept.envelopes.pop(envelope, None)
        with self._lock:
            if not kept.envelopes:
                self._kept.pop(key, None)
        return True

    def _drop(self, key: str, kept: _Kept) -> None:
        with self._lock:
            self._kept.pop(key, None)
            self._given_up.append(key)
        _, request = next(iter(kept.envelopes.values()))
        self._give_up(request.payload)


def _key_of(request: SocketModeRequest) -> str:
    """Returns what is the same whenever Slack sends a request again."""
    payload = request.payload
    return str(payload.get("event_id") or payload.get("trigger_id") or request.envelope_id)
