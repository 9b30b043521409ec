"""Logging in to the operators' pages, and what every page is sent with."""

from urllib.parse import quote

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from bot.ops.rendering import Renderer
from bot.ops.session import COOKIE, SECONDS_VALID, Sessions, Throttle
from bot.telemetry.logs import log_of

_log = log_of(__name__)
_OPEN = ("/login", "/static/", "/healthz", "/readyz", "/metrics")
_MOST_BYTES = 4096
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class LoginMiddleware(BaseHTTPMiddleware):
    """Sends whoever is not logged in to `/login`, and every page with strict headers."""

    def __init__(self, app: ASGIApp, sessions: Sessions) -> None:
        super().__init__(app)
        self._sessions = sessions

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        """Lets a request through, or not."""
        path = request.url.path
        is_open = path.startswith(_OPEN)
        cookie = request.cookies.get(COOKIE)
        if not is_open and not await run_in_threadpool(self._sessions.knows, cookie):
            asked = path + (f"?{request.url.query}" if request.url.query else "")
            response: Response = RedirectResponse(f"/login?next={quote(asked, safe='')}", 303)
        else:
            response = await call_next(request)
        response.headers.update(_HEADERS)
        return response


class Login:
    """The page where the token is given, and the way out."""

    def __init__(self, sessions: Sessions, throttle: Throttle, renderer: Renderer) -> None:
        self._sessions = sessions
        self._throttle = throttle
        self._renderer = renderer

    def routes(self) -> list[Route]:
        """Returns its routes."""
        return [
            Route("/login", self.show),
            Route("/login", self.enter, methods=["POST"]),
            Route("/logout", self.leave, methods=["POST"]),
        ]

    def show(self, request: Request) -> Response:
        """Shows the form."""
        return self._form(request.query_params.get("next", "/"), "", 200)

    async def enter(self, request: Request) -> Response:
        """Checks the token; a wrong one is logged with the address it came from."""
        address = request.client.host if request.client else "unknown"
        if int(request.headers.get("content-length") or _MOST_BYTES + 1) > _MOST_BYTES:
            return PlainTextResponse("Too much for a token", 413)
        form = await request.form(max_files=0, max_fields=4)
        target, token = str(form.get("next", "/")), str(form.get("token", ""))
        if not self._throttle.admits(address):
            return self._form(target, "Too many tries; wait a minute and try again", 429)
        if not await run_in_threadpool(self._sessions.admits, token):
            _log.warning("operator refused", address=address)
            return self._form(target, "That is not the token: see MONAZITE_OPS_TOKEN", 403)
        self._throttle.succeeded(address)
        _log.info("operator logged in", address=address)
        response = RedirectResponse(_own(target), 303)
        response.set_cookie(
            COOKIE, self._sessions.open(), max_age=SECONDS_VALID, httponly=True,
            samesite="strict", secure=request.url.scheme == "https",
        )  # fmt: skip
        return response

    def leave(self, request: Request) -> Response:
        """Ends the session, here and wherever its cookie was copied to."""
        try:
            self._sessions.end(request.cookies.get(COOKIE))
        except SQLAlchemyError as error:
            _log.error("a session could not be ended", error=type(error).__name__)
            return PlainTextResponse(
                "You are still logged in: the database is away. Go back and try again.\n", 503
            )
        response = RedirectResponse("/login", 303)
        response.delete_cookie(COOKIE)
        return response

    def _form(self, target: str, error: str, status: int) -> Response:
        return self._renderer.page("login.html", status, target=_own(target), error=error)


def _own(target: str) -> str:
    """Returns a path of ours: nobody is led elsewhere by a link to the login."""
    is_ours = target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if is_ours and target.isprintable() else "/"
