"""Fills in the templates; everything that comes from documents and people is escaped."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse


class Renderer:
    """Renders pages. Thread-safe."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=PackageLoader("bot.ops"), autoescape=True, undefined=StrictUndefined,
            trim_blocks=True, lstrip_blocks=True,
        )  # fmt: skip
        self._templates.filters |= {
            "moment": moment, "milliseconds": milliseconds, "percent": percent, "query": query,
            "dollars": dollars,
        }  # fmt: skip

    def page(self, template: str, status: int = 200, /, **values: Any) -> HTMLResponse:
        """Returns a page."""
        return HTMLResponse(self._templates.get_template(template).render(values), status)


def moment(at: datetime | None) -> str:
    """Returns a time in UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") if at else "–"


def milliseconds(wait: float | None) -> str:
    """Returns a wait in a unit that suits it."""
    if wait is None:
        return "–"
    return f"{wait:,.0f} ms" if wait < 10_000 else f"{wait / 1000:,.1f} s"


def percent(share: float | None) -> str:
    """Returns a share in percent."""
    return "–" if share is None else f"{share:.0%}"


def dollars(cost: float | None) -> str:
    """Returns US dollars: cents for much, tenths of them for little."""
    return "–" if cost is None else f"${cost:,.2f}" if cost >= 1 else f"${cost:.4f}"


def query(values: Mapping[str, object]) -> str:
    """Returns a query string of the values that are not empty."""
    return urlencode({name: value for name, value in values.items() if value})
