"""Makes the Bolt app and the ways that Slack reaches it: a socket, or HTTP."""

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

from bot.slack.settings import SlackSettings
from retrieval.errors import ConfigurationError

if TYPE_CHECKING:
    from slack_bolt.adapter.socket_mode import SocketModeHandler
    from starlette.applications import Starlette

_TIMEOUT_SECONDS = 10
# Listeners only claim and queue, but a burst of them must not wait for one another.
_LISTENER_THREADS = 16


def make_client(settings: SlackSettings) -> tuple[WebClient, str]:
    """Returns a client whose token `auth.test` has proved, and the bot's user id.

    Raises `ConfigurationError` when Slack refuses the token or cannot be reached.
    """
    client = WebClient(
        settings.bot_token.get_secret_value(),
        base_url=settings.api_url.rstrip("/") + "/",
        timeout=_TIMEOUT_SECONDS,
        retry_handlers=[RateLimitErrorRetryHandler(max_retry_count=3)],
    )
    try:
        return client, str(client.auth_test()["user_id"])
    except SlackApiError as error:
        reason = error.response["error"]
        raise ConfigurationError(
            f"Slack refuses SLACK_BOT_TOKEN ({reason}); copy it again"
        ) from None
    except (SlackClientError, OSError) as error:
        raise ConfigurationError(
            f"Slack cannot be reached ({error}); check SLACK_API_URL"
        ) from error


def make_bolt(client: WebClient, settings: SlackSettings) -> App:
    """Returns a Bolt app without listeners."""
    return App(
        client=client,
        signing_secret=settings.signing_secret.get_secret_value() or "unused in socket mode",
        token_verification_enabled=False,
        raise_error_for_unhandled_request=False,
        listener_executor=ThreadPoolExecutor(_LISTENER_THREADS, thread_name_prefix="listener"),
    )


def connect_socket(app: App, settings: SlackSettings) -> "SocketModeHandler":
    """Returns a connected Socket Mode handler; it reconnects by itself."""
    from slack_bolt.adapter.socket_mode import SocketModeHandler

    handler = SocketModeHandler(app, settings.app_token.get_secret_value(), web_client=app.client)
    handler.connect()  # type: ignore[no-untyped-call]
    return handler


def make_web(app: App) -> "Starlette":
    """Returns the web application that takes Slack's requests at `/slack/events`."""
    from slack_bolt.adapter.starlette.handler import to_bolt_request, to_starlette_response
    from starlette.applications import Starlette
    from starlette.concurrency import run_in_threadpool
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    async def take(request: Request) -> Response:
        # Bolt's own handler waits for acknowledgements on the event loop, one after another.
        received = to_bolt_request(request, await request.body())
        return to_starlette_response(await run_in_threadpool(app.dispatch, received))

    return Starlette(routes=[Route("/slack/events", take, methods=["POST"])])
