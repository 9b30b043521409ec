"""The operators' pages with the gate before them, put together."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from bot.logs import write_traceback
from bot.ops.gate import Login
from bot.ops.pages import Pages, Sources
from bot.ops.rendering import Renderer
from bot.ops.session import Sessions, Throttle

if TYPE_CHECKING:
    from bot.assembly import Assembly


@dataclass(frozen=True, slots=True)
class Guarded:
    """Pages, and what guards them."""

    pages: Pages
    login: Login
    sessions: Sessions


def guard(assembly: "Assembly", token: str) -> Guarded:
    """Returns the pages of an installation; whoever has `token` may see them."""
    sources = Sources(
        assembly.engine, assembly.catalog, assembly.journal_search, assembly.runs,
        assembly.embeddings.embed,
    )  # fmt: skip
    renderer, sessions = Renderer(), Sessions(token)
    pages = Pages(sources, renderer, partial(write_traceback, assembly.settings.home))
    return Guarded(pages, Login(sessions, Throttle(), renderer), sessions)
