"""What operators and their machines are served: `/healthz`, `/readyz`, `/metrics`, the pages."""

import threading
from collections.abc import Sequence
from time import monotonic, sleep
from typing import TYPE_CHECKING

from bot.ops.health import Health
from bot.telemetry.metrics import Metrics

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

    from bot.ops.protected_pages import ProtectedPages

_LONGEST_START = 10.0


def make_ops(
    metrics: Metrics, health: Health, protected: "ProtectedPages | None" = None
) -> "Starlette":
    """Returns the web application; its pages are there only where a token guards them."""
    from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
    from starlette.applications import Starlette
    from starlette.concurrency import run_in_threadpool
    from starlette.responses import JSONResponse, PlainTextResponse, Response
    from starlette.routing import Route

    async def healthz(_: "Request") -> "Response":
        return PlainTextResponse("alive\n")

    async def readyz(_: "Request") -> "Response":
        found = await run_in_threadpool(health.look)
        ready = all(state == "ready" for state in found.values())
        return JSONResponse(found, 200 if ready else 503)

    async def show_metrics(_: "Request") -> "Response":
        text = await run_in_threadpool(generate_latest, metrics.registry)
        return Response(text, media_type=CONTENT_TYPE_LATEST)

    own = [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", show_metrics)]
    if protected is None:
        return Starlette(routes=own)
    from starlette.middleware import Middleware

    from bot.ops.login import LoginMiddleware

    return Starlette(
        routes=[*own, *protected.login.routes(), *protected.pages.routes()],
        middleware=[Middleware(LoginMiddleware, sessions=protected.sessions)],
        exception_handlers={404: protected.pages.missing, Exception: protected.pages.failed},
    )


def serve_ops(app: "Starlette", host: str, port: int, proxies: Sequence[str] = ()) -> None:
    """Serves `app` on a thread, apart from what Slack reaches, as long as the process lives.

    Forwarded headers are believed from `proxies` alone. Raises `ConfigurationError` when the port
    cannot be listened on.
    """
    from bot.ops.http_server import OPERATORS_SHARE, bind, make_server

    server = make_server(app, host, port, OPERATORS_SHARE, proxies)
    listening = bind(server, "MONAZITE_OPS_PORT and MONAZITE_OPS_HOST")
    threading.Thread(
        target=server.run, kwargs={"sockets": [listening]}, name="ops", daemon=True
    ).start()
    end = monotonic() + _LONGEST_START
    while not server.started and monotonic() < end:
        sleep(0.01)
