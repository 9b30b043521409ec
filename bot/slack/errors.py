"""What can go wrong between us and Slack."""

from slack_sdk.errors import SlackApiError, SlackClientError

# Refused by Slack, not reached, or broken off; anything else is a defect of ours.
SLACK_FAILURES = (SlackClientError, OSError)

# The bot is not where it should post.
ABSENT = frozenset({"not_in_channel", "channel_not_found", "is_archived"})


def error_code(error: Exception) -> str:
    """Returns Slack's code for what it refused, or "" for failures of the line."""
    if not isinstance(error, SlackApiError):
        return ""
    response = error.response
    return str(response.get("error", "")) if hasattr(response, "get") else ""
