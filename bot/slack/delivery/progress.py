"""The sign that a question is worked on: a thread's status, or eyes on the message.

It decorates. Its calls are made off the answering threads, take three seconds at most, and are
dropped when Slack refuses them; what comes too late is taken away again.
"""

import logging
import threading

from slack_sdk import WebClient

from bot.slack.api.client import impatient
from bot.slack.api.errors import SLACK_FAILURES, error_code, is_transient
from bot.slack.concurrency.worker_pool import WorkerPool
from bot.slack.delivery.feature_support import STATUS, FeatureSupport
from bot.slack.delivery.inbound import InboundQuestion

_log = logging.getLogger(__name__)
_EYES = "eyes"


class Progress:
    """Shows the sign for one question, until it is over. Thread-safe."""

    def __init__(
        self, client: WebClient, features: FeatureSupport, asked: InboundQuestion, pool: WorkerPool
    ) -> None:
        self._client = client
        self._features = features
        self._asked = asked
        self._pool = pool
        self._lock = threading.Lock()
        self._is_over = self._has_eyes = False

    def begin(self, status: str) -> None:
        """Shows the sign soon; not at all, when there is too much to show."""
        self._pool.submit(lambda: self._show(status), self._asked.user)

    def end(self) -> None:
        """Takes the sign away; Slack takes a status away by itself, once there is an answer."""
        with self._lock:
            was_over, self._is_over = self._is_over, True
            eyes = self._has_eyes
        if eyes and not was_over:
            self._pool.submit(self._take_eyes_away, self._asked.user)

    def _show(self, status: str) -> None:
        if self._is_over:
            return
        if self._set_status(status):
            if self._is_over:
                self._set_status("")
        elif self._asked.stamp and not self._is_over:
            self._set_eyes()

    def _set_status(self, status: str) -> bool:
        asked = self._asked
        if not asked.thread or not self._features.has(asked.team, STATUS):
            return False
        try:
            impatient(self._client).assistant_threads_setStatus(
                channel_id=asked.channel, thread_ts=asked.thread, status=status
            )
        except SLACK_FAILURES as error:
            self._features.learn(asked.team, STATUS, error)
            return False
        return True

    def _set_eyes(self) -> None:
        try:
            impatient(self._client).reactions_add(
                channel=self._asked.channel, name=_EYES, timestamp=self._asked.stamp
            )
        except SLACK_FAILURES as error:
            _log.info("No reaction: %s", error_code(error) or type(error).__name__)
            if not is_transient(error):
                return
        # What broke off may have been done all the same.
        with self._lock:
            self._has_eyes, is_late = True, self._is_over
        if is_late:
            self._take_eyes_away()

    def _take_eyes_away(self) -> None:
        """Waits where Slack says so: nobody waits for this, and they would stay for good."""
        try:
            self._client.reactions_remove(
                channel=self._asked.channel, name=_EYES, timestamp=self._asked.stamp
            )
        except SLACK_FAILURES as error:
            _log.info("The eyes stay: %s", error_code(error) or type(error).__name__)
