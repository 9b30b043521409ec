"""Files that people have shared in Slack: which can be had, and from where alone."""

import ipaddress
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from slack_sdk import WebClient

from bot.slack.api.errors import SLACK_FAILURES, error_code
from retrieval.domain.errors import LoadError
from retrieval.domain.single_line import single_line_path
from retrieval.fetching.safe_http import Web, WebRules

# Hosts that Slack keeps files on: as in slack-go (its release 0.30.1, which mends GHSA-3q3v-34v2-g88f),
# and slack-files.com, where public links lead. GovSlack has a domain of its own.
_SLACKS = re.compile(
    r"https://(?:[a-z0-9-]+\.)*slack(?:-files)?\.com/[!-\[\]-~]*", re.IGNORECASE | re.ASCII
)
_GOVSLACKS = re.compile(
    r"https://(?:[a-z0-9-]+\.)*slack-gov\.com/[!-\[\]-~]*", re.IGNORECASE | re.ASCII
)
_VISIBLE = re.compile(r"[!-\[\]-~]*")
# What `mode` says of files that there is nothing of: the same page of the documentation.
_GONE = {
    "tombstone": "was deleted in Slack",
    "hidden_by_limit": "is hidden by the limits of your Slack plan",
}
_REFUSALS = {
    "file_deleted": "was deleted in Slack",
    "file_not_found": "is not to be found in Slack any more",
}
_ELSEWHERE = "is not kept in Slack; add it to the documents folder yourself"
_UNNAMED = "A file without a name"
_MAX_NAME = 500


class SlackFiles:
    """Gets files from Slack. `api` is the address of its Web API."""

    def __init__(self, api: str, megabytes: int, seconds: float) -> None:
        self._api = api
        self._web = Web(web_rules(api, megabytes, seconds))

    def fetch(self, file: str, client: WebClient) -> tuple[str, bytes]:
        """Returns a file's name and content by its id.

        Raises `LoadError`, with a sentence for a person, where it cannot be had.
        """
        try:
            found = client.files_info(file=file).get("file")
        except SLACK_FAILURES as error:
            code = error_code(error)
            reason = _REFUSALS.get(code, f"was not to be had from Slack ({code or 'no answer'})")
            raise LoadError(f"A file {reason}.") from error
        found = dict(found) | {"file_access": ""} if isinstance(found, Mapping) else {}
        if problem := problem_of(found):
            raise LoadError(f"{name_of(found)} {problem}")
        name, url = name_of(found), str(found.get("url_private_download") or "")
        if not may_have_token(url, self._api):
            raise LoadError(f"{name} {_ELSEWHERE}")
        return name, self._content(name, url, client)

    def _content(self, name: str, url: str, client: WebClient) -> bytes:
        try:
            got = self._web.get(url, {"Authorization": f"Bearer {client.token}"})
        except LoadError as error:
            raise LoadError(f"{name} {error}") from None
        kind = got.headers.get("content-type", "").strip().lower() if got else ""
        if got is None or (
            kind.startswith("text/html") and not name.lower().endswith((".html", ".htm"))
        ):
            # What Slack sends in place of a file to those who may not have it.
            raise LoadError(f"{name} cannot be had from Slack; does the app have files:read?")
        return got.body


def name_of(file: Mapping[str, Any]) -> str:
    """Returns what to call a file of Slack's, on one line; some have no name."""
    return _name(file) or _UNNAMED


def _name(file: Mapping[str, Any]) -> str:
    name = file.get("name")
    return single_line_path(name, _MAX_NAME) if isinstance(name, str) else ""


def problem_of(file: Mapping[str, Any]) -> str:
    """Returns why a file cannot be had at all, by what Slack says of it, or nothing."""
    mode = str(file.get("mode") or "")
    if mode in _GONE:
        return _GONE[mode]
    if mode == "external" or file.get("is_external"):
        return _ELSEWHERE
    # Of files from other workspaces a message holds only the id, until Slack is asked.
    if not _name(file) and file.get("file_access") != "check_file_info":
        return "cannot be added; share it again, with a name"
    return ""


def may_have_token(url: str, api: str) -> bool:
    """Says whether a file's address is Slack's own: only then may our token go there.

    Another Web API (`SLACK_API_URL`) keeps files of its own under its scheme, host and port;
    without https on this machine alone.
    """
    if _SLACKS.fullmatch(url):
        return True
    parts = urlsplit(api)
    if _is_of(parts.hostname, "slack-gov.com"):
        return bool(_GOVSLACKS.fullmatch(url))
    if _is_of(parts.hostname, "slack.com") or "@" in parts.netloc:
        return False
    safe = parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname))
    # Letter by letter: two readers of one address may differ over anything else.
    start = f"{parts.scheme}://{parts.netloc}/"
    return safe and url.startswith(start) and bool(_VISIBLE.fullmatch(url))


def web_rules(api: str, megabytes: int, seconds: float) -> WebRules:
    """Returns how files are fetched: over https, but where the Web API itself is a test's."""
    parts = urlsplit(api)
    own = _is_of(parts.hostname, "slack.com") or _is_of(parts.hostname, "slack-gov.com")
    return WebRules(
        megabytes, seconds,
        private_hosts=frozenset() if own or not parts.hostname else frozenset({parts.hostname}),
        only_https=not _is_loopback(parts.hostname),
    )  # fmt: skip


def _is_of(host: str | None, domain: str) -> bool:
    return host is not None and (host == domain or host.endswith(f".{domain}"))


def _is_loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False
