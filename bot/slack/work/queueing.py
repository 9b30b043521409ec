"""Takes questions: every one passes here, once, and from here goes to the workers."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from slack_sdk import WebClient
from structlog.contextvars import bound_contextvars

from bot.conversations.exchanges import Exchange, Exchanges
from bot.conversations.idempotency_keys import IdempotencyKeys
from bot.runtime.request_ids import new_request_id
from bot.slack.api.errors import SLACK_FAILURES, error_code
from bot.slack.concurrency.waiting import AbandonedError, not_waiting
from bot.slack.concurrency.worker_pool import WorkerPools
from bot.slack.delivery.delivery import Delivery, delivery_of
from bot.slack.delivery.feature_support import FeatureSupport
from bot.slack.delivery.inbound import InboundQuestion
from bot.slack.delivery.replies import apology
from bot.slack.work.rate_limits import RateLimit
from bot.slack.work.worker import QuestionWorker
from bot.telemetry.logs import log_of
from retrieval.domain.errors import MonaziteError

_log = log_of(__name__)
# From this place in the queue on, a person is told it.
_WORTH_TELLING = 4
_FULL = "I'm busy with too many questions just now; please ask again in a minute."
_NOT_FOLLOWED = "I'm too busy to follow that edit; please ask again in a minute."
_NOT_DONE = "I'm too busy to do that just now; please try again in a minute."
Tell = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class QuestionLimits:
    """Questions a minute, by person and by channel."""

    user: RateLimit
    channel: RateLimit

    def wait(self, asked: InboundQuestion) -> int:
        """Returns in how many seconds to ask again, 0 for now."""
        by_user = self.user.wait(f"user {_person(asked)}")
        return by_user or (0 if asked.direct else self.channel.wait(f"channel {asked.channel}"))


class QuestionQueue:
    """Takes questions, so quickly that every event is acknowledged in time."""

    def __init__(
        self, work: QuestionWorker, idempotency_keys: IdempotencyKeys, exchanges: Exchanges, limits: QuestionLimits, pools: WorkerPools,
        owner: str,
    ) -> None:  # fmt: skip
        self._work = work
        self._idempotency_keys = idempotency_keys
        self._exchanges = exchanges
        self._limits = limits
        self._pools = pools
        self._features = FeatureSupport()
        self._owner = owner

    def first(self, kind: str, key: str) -> bool:
        """Says whether this process is the first to hear of `key`, restarts included."""
        return self._idempotency_keys.claim(f"slack:{kind}:{key}")

    def heard(self, body: dict[str, Any]) -> bool:
        """Says whether an event is new; Slack delivers some of them twice."""
        return self.first("event", body["event_id"])

    def record_change(
        self, body: dict[str, Any], found: Sequence[Exchange], text: str | None
    ) -> bool:
        """Records an edit to `text`, or a deletion, together with its event; False when it is not new."""
        ids = [exchange.request_id for exchange in found]
        return self._exchanges.follow(ids, [f"slack:event:{body['event_id']}"], text)

    def take(self, asked: InboundQuestion, client: WebClient, *keys: str) -> bool:
        """Takes a question, unless one of `keys` was heard before; says whether it is a new one.

        It is answered later, or the asker is told why not. Once this returns, it is not lost:
        when this process dies, another one answers it.
        """
        exchange = _opened(asked, self._owner)
        with bound_contextvars(request_id=exchange.request_id):
            if not self._exchanges.open(exchange, [f"slack:{key}" for key in keys]):
                return False
            _log.info("taken", asker=asked.user, channel=asked.channel, private=asked.private)
            delivery = self._delivery(asked, client, exchange)
            seconds = self._limits.wait(asked)
            if seconds:
                reason = f"That is a lot of questions in a minute; please ask again in {seconds} s."
                self._refuse(exchange, delivery, reason)
            else:
                self._queue(asked, exchange, client, delivery)
        return True

    def resume(self, exchange: Exchange, client: WebClient) -> bool:
        """Takes up a question that a process had taken which is gone; False when there is no room."""
        asked = InboundQuestion(**(exchange.particulars or {}))
        delivery = self._delivery(asked, client, exchange)
        delivery.inherit(exchange.begun)
        with bound_contextvars(request_id=exchange.request_id):
            _log.info("taken over", asker=asked.user, channel=asked.channel)
            place = self._pools.answers.submit(
                lambda: self._work.resume(asked, exchange.request_id, client, delivery),
                _person(asked),
            )
            return place is not None

    def _queue(
        self, asked: InboundQuestion, exchange: Exchange, client: WebClient, delivery: Delivery
    ) -> None:
        place = self._pools.answers.submit(
            lambda: self._work.answer(asked, exchange.request_id, client, delivery),
            _person(asked),
            turned_away=lambda: self._refuse(exchange, delivery, _FULL),
        )
        if place is None:
            self._refuse(exchange, delivery, _FULL)
        elif place >= _WORTH_TELLING:
            busy = f"I'm busy; you are number {place} in line. Your answer will come."
            self._pools.decorations.submit(partial(_whisper_now, delivery, busy), _person(asked))

    def _refuse(self, exchange: Exchange, delivery: Delivery, reason: str) -> None:
        self._exchanges.withdraw(exchange.request_id)
        self.in_background(lambda: delivery.whisper(reason), key=exchange.asker)

    def _delivery(self, asked: InboundQuestion, client: WebClient, exchange: Exchange) -> Delivery:
        began = partial(self._exchanges.began, exchange.request_id)
        return delivery_of(asked, client, self._features, self._pools.decorations, began)

    def in_background(
        self, job: Callable[[], object], tell: Tell | None = None, key: str = ""
    ) -> None:
        """Does something short later. Failures are logged; `tell` reaches whoever waits for it.

        The errands of one `key` (a person) do not hold up those of the others.
        """

        def run() -> None:
            try:
                job()
            except AbandonedError:
                self._tell(tell, _NOT_DONE)
            except MonaziteError as error:
                self._work.note(error, new_request_id())
                self._tell(tell, str(error))
            except Exception as error:  # noqa: BLE001  nobody is there to catch it
                request_id = new_request_id()
                self._work.note(error, request_id)
                self._tell(tell, apology(request_id))

        if self._pools.background.submit(run, key) is None:
            _log.error("Too many errands; one was dropped")
            self._tell(tell, _NOT_DONE)

    def decorate(self, job: Callable[[], object]) -> None:
        """Does soon what may be left undone; its calls must not wait (`client.impatient`)."""
        self._pools.decorations.submit(job)

    def _tell(self, tell: Tell | None, text: str) -> None:
        if tell is None:
            return
        try:
            tell(text)
        except Exception as error:  # noqa: BLE001  there is no other way to reach the person
            self._work.note(error, new_request_id())

    def follow_edit(self, exchange: Exchange, text: str, client: WebClient) -> None:
        """Answers an edited question again, in place."""
        self._exchanges.reword(exchange.request_id, text)
        # Read after the write: either this sees the answer, or the answering sees the edit.
        now = self._exchanges.get(exchange.request_id)
        if now and now.reply:
            asked = _asked_again(exchange)
            delivery = delivery_of(asked, client, self._features, self._pools.decorations)
            place = self._pools.answers.submit(
                lambda: self._work.refresh(asked, exchange, client, delivery), _person(asked)
            )
            if place is None:
                self.in_background(lambda: delivery.whisper(_NOT_FOLLOWED), key=_person(asked))

    def follow_deletion(self, exchange: Exchange, client: WebClient) -> None:
        """Removes the answer of a deleted question."""
        self._exchanges.withdraw(exchange.request_id)
        now = self._exchanges.get(exchange.request_id)
        if now and now.reply:
            asked = _asked_again(exchange)
            delivery = delivery_of(asked, client, self._features, self._pools.decorations)
            stamp = now.reply
            self.in_background(lambda: delivery.retract(stamp))


def keys_of(asked: InboundQuestion, body: dict[str, Any]) -> tuple[str, str]:
    """Returns what marks an event and its question; one message may come as two events."""
    return f"event:{body['event_id']}", f"question:{asked.channel} {asked.stamp}"


def _whisper_now(delivery: Delivery, text: str) -> None:
    """Whispers what is not worth waiting for: it would soon be untrue."""
    try:
        with not_waiting():
            delivery.whisper(text)
    except SLACK_FAILURES as error:
        _log.info("not told", reason=error_code(error) or type(error).__name__)


def _person(asked: InboundQuestion) -> str:
    return f"{asked.team} {asked.user}"


def _opened(asked: InboundQuestion, owner: str) -> Exchange:
    return Exchange(
        request_id=new_request_id(), channel=asked.channel, thread=asked.thread,
        stamp=asked.stamp, asker=asked.user, question=asked.text, workspace=asked.team,
        owner=owner, particulars=asdict(asked),
    )  # fmt: skip


def _asked_again(exchange: Exchange) -> InboundQuestion:
    return InboundQuestion(
        team=exchange.workspace, user=exchange.asker, channel=exchange.channel, text=exchange.question,
        stamp=exchange.stamp, thread=exchange.thread, direct=exchange.channel.startswith("D"),
    )  # fmt: skip
