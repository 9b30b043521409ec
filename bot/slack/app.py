"""Makes the Bolt app and the ways that Slack reaches it: a socket, or HTTP."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from slack_bolt import App, BoltContext
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.metrics import Metrics
from bot.slack.client import WatchedClient
from bot.slack.settings import SlackSettings
from bot.slack.waiting import never_wait
from retrieval.errors import ConfigurationError

if TYPE_CHECKING:
    from slack_bolt.adapter.socket_mode import SocketModeHandler
    from starlette.applications import Starlette

_TIMEOUT_SECONDS = 10
# Listeners only claim and queue, but a burst of them must not wait for one another.
_LISTENER_THREADS = 16


def make_client(settings: SlackSettings, metrics: Metrics | None = None) -> tuple[WebClient, str]:
    """Returns a client whose token `auth.test` has proved, and the bot's user id.

    Raises `ConfigurationError` when Slack refuses the token or cannot be reached.
    """
    token, base = settings.bot_token.get_secret_value(), settings.api_url.rstrip("/") + "/"
    client = WatchedClient(metrics, token, base, _TIMEOUT_SECONDS)
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
    """Returns a Bolt app without listeners, whose listeners all get `client` itself."""
    logging.getLogger("slack_bolt.App").addFilter(_is_news)
    app = App(
        client=client,
        signing_secret=settings.signing_secret.get_secret_value() or "unused in socket mode",
        token_verification_enabled=False,
        raise_error_for_unhandled_request=False,
        # Acknowledged is what is on record: Slack sends again whatever died with us before that.
        process_before_response=True,
        listener_executor=ThreadPoolExecutor(_LISTENER_THREADS, thread_name_prefix="listener"),
    )

    # Bolt makes a plain client for each request, which would not be watched.
    def hand_over(context: BoltContext, next: Callable[[], object]) -> None:  # noqa: A002  Bolt's name
        context["client"] = client
        # Slack itself waits for a listener, three seconds at most.
        never_wait()
        next()

    app.use(hand_over)
    return app


def _is_news(record: logging.LogRecord) -> bool:
    """Bolt finds the token in the environment as well, and warns that it will not use it."""
    return "you gave `client` as well" not in str(record.msg)


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
