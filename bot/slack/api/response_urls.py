"""Response URLs: a request may name an address to answer at, and only Slack's own is answered at."""

import ipaddress
import re
from typing import Any
from urllib.parse import urlsplit

from slack_bolt.context.respond import Respond
from slack_sdk import WebClient
from slack_sdk.errors import SlackRequestError
from slack_sdk.webhook import WebhookResponse

_MAX_CHARS = 2000
# https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
_SLACKS = re.compile(r"https://hooks\.slack\.com(?::443)?/[\w/.~%?=&+-]*", re.ASCII)
_TAIL = re.compile(r"[\w/.~%?=&+-]*", re.ASCII)


class ForeignUrlError(SlackRequestError):
    """A response URL does not lead to Slack; nothing was sent there."""


def is_slacks(url: object, api: str) -> bool:
    """Says whether `url` is on hooks.slack.com over https.

    For tests: where the Web API (`api`, SLACK_API_URL) is itself on loopback, its own scheme, host
    and port will do as well. No other setting opens another address.
    """
    if not isinstance(url, str) or len(url) > _MAX_CHARS:
        return False
    if _SLACKS.fullmatch(url):
        return True
    origin = _loopback_origin(api)
    return bool(origin) and url.startswith(origin) and bool(_TAIL.fullmatch(url[len(origin) :]))


class CheckedRespond(Respond):
    """Bolt's `respond`, which sends nothing to an address that is not Slack's.

    Raises `ForeignUrlError` where it is called.
    """

    def __init__(self, response_url: str | None, client: WebClient) -> None:
        super().__init__(response_url=response_url, proxy=client.proxy, ssl=client.ssl)
        self._api = client.base_url

    def __call__(self, *arguments: Any, **options: Any) -> WebhookResponse:
        """Responds as Bolt's does."""
        if self.response_url is not None and not is_slacks(self.response_url, self._api):
            raise ForeignUrlError("a response URL does not lead to Slack; nothing was sent")
        return super().__call__(*arguments, **options)


def _loopback_origin(api: str) -> str:
    """Returns scheme, host and port of a Web API on loopback, with a slash behind, else ""."""
    parts = urlsplit(api)
    host = parts.hostname or ""
    try:
        is_loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_loopback = False
    plain = parts.scheme in ("http", "https") and "@" not in parts.netloc
    return f"{parts.scheme}://{parts.netloc}/" if is_loopback and plain else ""
