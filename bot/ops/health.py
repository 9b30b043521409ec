"""Whether the program can answer: one check a part, named in what `/readyz` returns."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from retrieval.domain.errors import ConfigurationError, MonaziteError

if TYPE_CHECKING:
    from bot.wiring.installation import Installation

# Returns nothing where the part is ready; raises what is wrong.
Check = Callable[[], object]


class Health:
    """Runs the checks; none of them says more to a stranger than what is not ready."""

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._checks = checks

    def look(self) -> dict[str, str]:
        """Returns "ready", or what is wrong, by part."""
        return {name: _outcome(check) for name, check in self._checks.items()}


def checks_of(
    installation: "Installation", slack_connected: Callable[[], bool]
) -> dict[str, Check]:
    """Returns the checks of an installation that serves Slack."""

    def model() -> None:
        if not installation.embeddings.is_loaded:
            raise ConfigurationError("still loading")

    def slack() -> None:
        if not slack_connected():
            raise ConfigurationError("not connected")

    return {"index": installation.searcher.snapshot, "model": model, "slack": slack}


def _outcome(check: Check) -> str:
    try:
        check()
    except MonaziteError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001  a check that breaks is a part that is not ready
        return type(error).__name__
    return "ready"
