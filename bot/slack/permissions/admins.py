"""Who may look after the index from Slack; where that cannot be told, nobody may."""

import logging

from slack_sdk import WebClient

from bot.slack.api.errors import SLACK_FAILURES, error_code

_log = logging.getLogger(__name__)
_GROUP = "S"


class Admins:
    """Admins are the users and user groups that are named (ids), or the workspace's own without any."""

    def __init__(self, named: str) -> None:
        names = [name.strip() for name in named.split(",") if name.strip()]
        self._users = frozenset(name for name in names if not name.startswith(_GROUP))
        self._groups = tuple(name for name in names if name.startswith(_GROUP))

    def include(self, user: str, client: WebClient) -> bool:
        """Says whether `user` is an admin; asks Slack each time, and takes a failure for a no."""
        if user in self._users:
            return True
        try:
            if self._groups:
                return any(self._is_member(user, group, client) for group in self._groups)
            return not self._users and self._is_workspace_admin(user, client)
        except (*SLACK_FAILURES, KeyError, TypeError) as error:
            code = error_code(error) or type(error).__name__
            _log.warning("Whether %s is an admin cannot be told: %s", user, code)
            return False

    def _is_member(self, user: str, group: str, client: WebClient) -> bool:
        return user in client.usergroups_users_list(usergroup=group)["users"]

    def _is_workspace_admin(self, user: str, client: WebClient) -> bool:
        found = client.users_info(user=user)["user"]
        active = not found.get("deleted") and not found.get("is_bot")
        return bool(active and (found.get("is_admin") or found.get("is_owner")))
