"""What a workspace allows, learnt from its refusals, once each."""

import logging
import threading

from bot.slack.api.errors import error_code

_log = logging.getLogger(__name__)
STREAMING, STATUS = "streaming", "status"
# Refusals that hold for every answer in a workspace: the method is unknown, or the plan or
# the token does not allow it. https://docs.slack.dev/reference/methods/chat.startStream
_REFUSALS = frozenset(
    {"unknown_method", "missing_scope", "team_access_not_granted", "access_denied",
     "no_permission", "method_deprecated", "feature_not_enabled"}
)  # fmt: skip


class FeatureSupport:
    """Remembers which features which workspaces refuse. Thread-safe."""

    def __init__(self) -> None:
        self._refused: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    def has(self, team: str, feature: str) -> bool:
        """Says whether `feature` may be tried in the workspace `team`."""
        with self._lock:
            return (team, feature) not in self._refused

    def learn(self, team: str, feature: str, error: Exception) -> None:
        """Takes note of a failure; only refusals that will not change count."""
        code = error_code(error)
        if code in _REFUSALS or code.startswith("not_allowed"):
            with self._lock:
                self._refused.add((team, feature))
            _log.info("No %s in workspace %s: %s", feature, team, code)
        else:
            _log.warning("%s failed once: %s", feature, code or type(error).__name__)
