"""`monazite doctor --slack`: asks Slack itself whether token, scopes, events and socket are right."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from bot.ops.doctor import Finding
from retrieval.domain.errors import ConfigurationError
from retrieval.domain.single_line import single_line

if TYPE_CHECKING:
    from slack_sdk import WebClient
    from slack_sdk.web import SlackResponse

    from bot.slack.api.settings import SlackSettings

# What deploy/slack-manifest.yaml asks for; a test holds them together.
SCOPES = frozenset(
    """app_mentions:read assistant:write channels:history channels:read chat:write commands files:read
    groups:history groups:read im:history reactions:write usergroups:read users:read""".split()
)
EVENTS = frozenset(
    """app_home_opened app_mention assistant_thread_context_changed assistant_thread_started
    message.channels message.groups message.im""".split()
)
_TIMEOUT_SECONDS = 10
_REINSTALL = "Compare the app with deploy/slack-manifest.yaml, and reinstall it to the workspace"
_UNSEEN = "not checked: Slack shows subscriptions only to a token in SLACK_CONFIG_TOKEN"


def check_slack() -> Iterator[Finding]:
    """Yields findings in the order in which problems should be mended; changes nothing in Slack."""
    from bot.slack.api.settings import read_slack_settings

    try:
        settings = read_slack_settings("any")
    except ConfigurationError as error:
        yield Finding("Slack settings", False, str(error), "Put it into the environment or .env")
        return
    client = _client(settings, settings.bot_token.get_secret_value())
    checks: tuple[tuple[str, Callable[[], str], str], ...] = (
        ("Slack token", lambda: _token(client), "Copy the token of Install App again"),
        ("Slack scopes", lambda: _scopes(client), _REINSTALL),
        ("Slack events", lambda: _events(client, settings), _REINSTALL),
        ("Slack line", lambda: _line(settings), "Copy the app-level token with connections:write again"),
        ("admins' channel", lambda: _channel(client, settings), "Invite the bot to it: /invite @Monazite"),
    )  # fmt: skip
    for name, check, remedy in checks:
        yield _finding(name, check, remedy)


def _finding(name: str, check: Callable[[], str], remedy: str) -> Finding:
    from bot.slack.api.errors import SLACK_FAILURES, error_code

    try:
        return Finding(name, True, check())
    except ConfigurationError as error:
        return Finding(name, False, str(error), remedy)
    except SLACK_FAILURES as error:
        why = error_code(error) or f"it cannot be reached ({type(error).__name__})"
        return Finding(name, False, f"Slack says: {why}", remedy)


def _client(settings: "SlackSettings", token: str) -> "WebClient":
    from bot.slack.api.client import WatchedClient

    return WatchedClient(None, token, settings.api_url.rstrip("/") + "/", _TIMEOUT_SECONDS)


def _token(client: "WebClient") -> str:
    found = client.auth_test()
    return single_line(f"{found['user']} in {found.get('team') or found['team_id']}")


def _scopes(client: "WebClient") -> str:
    granted = _granted(client.auth_test())
    missing = SCOPES - granted
    if missing:
        raise ConfigurationError(f"missing: {', '.join(sorted(missing))}")
    more = granted - SCOPES
    return "all there" + (f"; more than needed: {', '.join(sorted(more))}" if more else "")


def _granted(response: "SlackResponse") -> frozenset[str]:
    given = next(
        (value for name, value in response.headers.items() if name.lower() == "x-oauth-scopes"), ""
    )
    text = given if isinstance(given, str) else ",".join(given)
    return frozenset(scope.strip() for scope in text.split(",") if scope.strip())


def _events(client: "WebClient", settings: "SlackSettings") -> str:
    if settings.config_token is None:
        return _UNSEEN
    app = client.bots_info(bot=client.auth_test()["bot_id"])["bot"]["app_id"]
    configuring = _client(settings, settings.config_token.get_secret_value())
    manifest = configuring.apps_manifest_export(app_id=app)["manifest"]
    found = manifest.get("settings", {}).get("event_subscriptions", {}).get("bot_events", [])
    missing = EVENTS.difference(found)
    if missing:
        raise ConfigurationError(f"not subscribed to: {', '.join(sorted(missing))}")
    return "all subscribed to"


def _line(settings: "SlackSettings") -> str:
    """Opens a socket and hangs up; what HTTP needs can only be seen from Slack's side."""
    from slack_sdk.socket_mode import SocketModeClient

    from bot.slack.api.disconnect import disconnect

    token = settings.app_token.get_secret_value()
    if not token:
        if settings.signing_secret.get_secret_value():
            return "HTTP: the signing secret is set; Slack shows under Event Subscriptions if it reaches you"
        raise ConfigurationError("neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET is set")
    base = settings.api_url.rstrip("/") + "/"
    web = _client(settings, settings.bot_token.get_secret_value())
    web.base_url = base
    socket = SocketModeClient(token, web_client=web, auto_reconnect_enabled=False)
    try:
        socket.connect()
        if not socket.is_connected():
            raise ConfigurationError("the socket does not open")
    finally:
        disconnect(socket)
    return "a socket opens"


def _channel(client: "WebClient", settings: "SlackSettings") -> str:
    channel = settings.admin_channel
    if not channel:
        return "none set; questions cannot be passed on"
    found = client.conversations_info(channel=channel)["channel"]
    if not found.get("is_member"):
        raise ConfigurationError(f"the bot is not in {channel}")
    return single_line(f"#{found.get('name', channel)}")
