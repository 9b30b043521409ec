"""Who will see an answer, and so which documents it may be drawn from; nobody extra when in doubt."""

import logging
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from time import monotonic

from slack_sdk import WebClient

from bot.slack.api.errors import SLACK_FAILURES, error_code
from bot.slack.delivery.inbound import InboundQuestion
from retrieval.domain.access import PUBLIC, Reader, ids_in
from retrieval.storage.catalog import Catalog

_log = logging.getLogger(__name__)
_GROUP = "S"
# Who has left a channel or group may see its documents for so long.
_SECONDS_REMEMBERED = 60.0
_MAX_REMEMBERED = 2000
_PAGE = 1000


class Audiences:
    """Knows the audience of an answer: a channel, or one person. Thread-safe."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._members = _Remembered()
        self._channels = _Remembered()

    def of(self, asked: InboundQuestion, client: WebClient, *, private: bool = False) -> Reader:
        """Returns who will see the answer to `asked`: all of its channel, or the asker alone."""
        if private or asked.direct:
            return self.person(asked.user, client, asked.channel)
        return Reader(frozenset({asked.channel}))

    def person(
        self, user: str, client: WebClient, channel: str = "", also: Iterable[str] = ()
    ) -> Reader:
        """Returns the reader that `user` is, who is seen to be in `channel` at the moment.

        Slack is asked only about the channels and groups that documents name, or the access
        labels in `also`.
        """
        labels = (*self._catalog.access_labels(), *also)
        named = set(chain.from_iterable(map(ids_in, labels)))
        if not named:
            return PUBLIC
        groups = {name for name in named if name.startswith(_GROUP)}
        found = {group for group in groups if user in self._members_of(group, client)}
        if named - groups - {channel}:
            found |= named & self._channels_of(user, client)
        return Reader(frozenset(found | ({channel} if channel else set())))

    def _members_of(self, group: str, client: WebClient) -> frozenset[str]:
        return self._members.get(
            group, lambda: frozenset(client.usergroups_users_list(usergroup=group)["users"])
        )

    def _channels_of(self, user: str, client: WebClient) -> frozenset[str]:
        return self._channels.get(user, lambda: frozenset(_channels_with(user, client)))


class _Remembered:
    """Sets of ids that were asked for a moment ago; what cannot be told is empty, and not kept."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, frozenset[str]]] = {}

    def get(self, key: str, ask: Callable[[], frozenset[str]]) -> frozenset[str]:
        now = monotonic()
        since, known = self._known.get(key, (0.0, frozenset()))
        if key in self._known and now - since < _SECONDS_REMEMBERED:
            return known
        try:
            found = ask()
        except (*SLACK_FAILURES, KeyError, TypeError) as error:
            reason = error_code(error) or type(error).__name__
            _log.warning("What %s may see cannot be told: %s", key, reason)
            return frozenset()
        if len(self._known) >= _MAX_REMEMBERED:
            self._known.clear()
        self._known[key] = (now, found)
        return found


def _channels_with(user: str, client: WebClient) -> Iterator[str]:
    """The channels, known to the bot, that a person is a member of."""
    cursor = ""
    while True:
        page = client.users_conversations(
            user=user, types="public_channel,private_channel", limit=_PAGE, cursor=cursor
        )
        yield from (str(channel["id"]) for channel in page["channels"])
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            return
