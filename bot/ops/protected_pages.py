"""The operators' pages with the login before them, put together."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from bot.conversations.idempotency_keys import IdempotencyKeys
from bot.ops.login import Login
from bot.ops.pages import Pages, Sources
from bot.ops.rendering import Renderer
from bot.ops.session import Sessions, Throttle
from bot.telemetry.logs import write_traceback

if TYPE_CHECKING:
    from bot.wiring.installation import Installation


@dataclass(frozen=True, slots=True)
class ProtectedPages:
    """Pages, and what guards them."""

    pages: Pages
    login: Login
    sessions: Sessions


def protect_pages(installation: "Installation", token: str) -> ProtectedPages:
    """Returns the pages of an installation; whoever has `token` may see them."""
    sources = Sources(
        installation.engine, installation.catalog, installation.journal_search, installation.runs,
        installation.embeddings.embed,
    )  # fmt: skip
    renderer, sessions = Renderer(), Sessions(token, _Ended(installation.idempotency_keys))
    pages = Pages(sources, renderer, partial(write_traceback, installation.settings.home))
    return ProtectedPages(pages, Login(sessions, Throttle(), renderer), sessions)


class _Ended:
    """Ended sessions, in the database: a restart or another replica does not forget them."""

    def __init__(self, idempotency_keys: IdempotencyKeys) -> None:
        self._idempotency_keys = idempotency_keys

    def add(self, session: str) -> None:
        """Remembers that a session was ended."""
        self._idempotency_keys.claim(_key(session))

    def __contains__(self, session: str) -> bool:
        """Says whether a session was ended."""
        return self._idempotency_keys.is_claimed(_key(session))


def _key(session: str) -> str:
    return f"operator:ended:{session}"
