"""What can go wrong between us and Slack."""

import re

from slack_sdk.errors import SlackApiError, SlackClientError

# Refused by Slack, not reached, or broken off; anything else is a defect of ours.
SLACK_FAILURES = (SlackClientError, OSError)

# The bot is not where it should post.
ABSENT = frozenset({"not_in_channel", "channel_not_found", "is_archived"})


# Slack's own failures: the call may have been carried out, or may succeed next time.
_TRANSIENT = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout"})
_CODE = re.compile(r"[a-z][a-z0-9_]*")
RATE_LIMITED, _TOO_MANY = "ratelimited", 429


def error_code(error: Exception) -> str:
    """Returns Slack's code for what it refused, or "" for failures of the line."""
    if not isinstance(error, SlackApiError):
        return ""
    response = error.response
    if getattr(response, "status_code", None) == _TOO_MANY:
        return RATE_LIMITED
    code = str(response.get("error", "")) if hasattr(response, "get") else ""
    return code if _CODE.fullmatch(code) else ""


def is_transient(error: Exception) -> bool:
    """Says whether Slack failed, rather than refused: the same call may succeed next time."""
    code = error_code(error)
    return isinstance(error, SLACK_FAILURES) and (not code or code in _TRANSIENT)
