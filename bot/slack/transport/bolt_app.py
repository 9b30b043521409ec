"""Makes the Bolt app and the ways that Slack reaches it: a socket, or HTTP."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from slack_bolt import App, BoltContext
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request import BoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.slack.api.client import WatchedClient
from bot.slack.api.response_urls import CheckedRespond, is_slacks
from bot.slack.api.settings import SlackSettings
from bot.slack.concurrency.waiting import never_wait
from bot.slack.transport.signatures import SigningSecret
from bot.telemetry.logs import log_of
from bot.telemetry.metrics import Metrics
from retrieval.domain.errors import ConfigurationError

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from bot.slack.transport.socket_mode import RetryingSocketModeHandler

_log = log_of(__name__)
_TIMEOUT_SECONDS = 10
# Listeners only claim and queue, but a burst of them must not wait for one another.
_LISTENER_THREADS = 16


def make_client(
    settings: SlackSettings, metrics: Metrics | None = None
) -> tuple[WebClient, AuthorizeResult]:
    """Returns a client whose token `auth.test` has proved, and whose token that is.

    Raises `ConfigurationError` when Slack refuses the token or cannot be reached.
    """
    token, base = settings.bot_token.get_secret_value(), settings.api_url.rstrip("/") + "/"
    client = WatchedClient(metrics, token, base, _TIMEOUT_SECONDS)
    try:
        found = client.auth_test()
        return client, AuthorizeResult.from_auth_test_response(
            bot_token=token, auth_test_response=found
        )
    except SlackApiError as error:
        reason = error.response["error"]
        raise ConfigurationError(
            f"Slack refuses SLACK_BOT_TOKEN ({reason}); copy it again"
        ) from None
    except (SlackClientError, OSError) as error:
        raise ConfigurationError(
            f"Slack cannot be reached ({error}); check SLACK_API_URL"
        ) from error


def make_bolt(client: WebClient, settings: SlackSettings, identity: AuthorizeResult) -> App:
    """Returns a Bolt app without listeners, whose listeners all get `client` itself."""
    logging.getLogger("slack_bolt.App").addFilter(_is_news)
    app = App(
        client=client,
        signing_secret=settings.signing_secret.get_secret_value() or "unused in socket mode",
        # Asking Slack whose the token is while an event waits would lose the event when Slack is away.
        authorize=lambda: identity,
        raise_error_for_unhandled_request=False,
        # Acknowledged is what is on record: Slack sends again whatever died with us before that.
        process_before_response=True,
        listener_executor=ThreadPoolExecutor(_LISTENER_THREADS, thread_name_prefix="listener"),
    )

    # Bolt makes a plain client, and a plain `respond`, for each request.
    def hand_over(
        context: BoltContext, request: BoltRequest, next: Callable[[], object]  # noqa: A002  Bolt's name
    ) -> BoltResponse | None:  # fmt: skip
        if not all(is_slacks(url, client.base_url) for url in _response_urls(request.body)):
            _log.warning("a response URL that is not Slack's was refused, with its request")
            return BoltResponse(status=200 if request.mode == "socket_mode" else 400)
        context["client"] = client
        context["respond"] = CheckedRespond(context.response_url, client)
        # Slack itself waits for a listener, three seconds at most.
        never_wait()
        next()
        return None

    app.use(hand_over)
    return app


def _response_urls(body: dict[str, Any]) -> list[object]:
    """Returns the addresses that a request asks to be answered at, whatever they are."""
    several = body.get("response_urls") or []
    more = [
        one.get("response_url") if isinstance(one, dict) else one
        for one in (several if isinstance(several, list) else [several])
    ]
    return [url for url in (body.get("response_url"), *more) if url is not None]


def _is_news(record: logging.LogRecord) -> bool:
    """Bolt warns of tokens that it will not use: one from the environment, the client's own."""
    text = str(record.msg)
    return "you gave `client` as well" not in text and "`token` (or SLACK_BOT_TOKEN" not in text


def connect_socket(app: App, settings: SlackSettings) -> "RetryingSocketModeHandler":
    """Returns a connected Socket Mode handler; it reconnects by itself."""
    from bot.slack.transport.socket_mode import RetryingSocketModeHandler

    handler = RetryingSocketModeHandler(app, settings.app_token.get_secret_value())
    handler.connect()  # type: ignore[no-untyped-call]
    return handler


def make_web(
    app: App, settings: SlackSettings, metrics: Metrics, report: Callable[[Exception, str], object]
) -> "Starlette":
    """Returns the web application that takes Slack's requests at `/slack/events`.

    `report` takes what Bolt raises. Raises `ConfigurationError` without a signing secret.
    """
    from starlette.applications import Starlette
    from starlette.routing import Route

    from bot.slack.transport.http_endpoint import SlackEndpoint

    secret = SigningSecret(settings.signing_secret.get_secret_value())
    endpoint = SlackEndpoint(app, secret, metrics, report)
    return Starlette(routes=[Route("/slack/events", endpoint, methods=["POST"])])
