"""The work on one question: understood, answered, delivered, kept true to its edits."""

import logging
from collections.abc import Callable

from slack_sdk import WebClient

from bot.answering.answerer import Inquiry
from bot.conversations.exchanges import Exchange, Exchanges
from bot.slack.api.errors import ABSENT, error_code
from bot.slack.concurrency.waiting import AbandonedError, step_aside, step_back, while_ours
from bot.slack.delivery.delivery import Delivery
from bot.slack.delivery.inbound import InboundQuestion
from bot.slack.delivery.mrkdwn import cut
from bot.slack.delivery.replies import Replier, Reply
from bot.slack.permissions.audience import Audiences
from bot.slack.work.thread_history import ThreadHistory
from bot.telemetry.tracing import span
from retrieval.domain.access import Reader

_log = logging.getLogger(__name__)
# An answer follows its question's edits this many times before it is left as it is.
_MAX_ROUNDS = 3
_INVITE = "I'm not in this conversation; please invite me with /invite, then ask again."

_INTERRUPTED = (
    "I was interrupted just as I answered \u201c{question}\u201d. "
    "If you see no answer, please ask again (request {id})."
)


class QuestionWorker:
    """Answers questions that were taken; never raises."""

    def __init__(
        self,
        replier: Replier,
        history: ThreadHistory,
        exchanges: Exchanges,
        audiences: Audiences,
        count_documents: Callable[[Reader], int],
        owner: str,
    ) -> None:
        self._replier = replier
        self._history = history
        self._exchanges = exchanges
        self._audiences = audiences
        self._count_documents = count_documents
        self._owner = owner

    def resume(
        self, asked: InboundQuestion, request_id: str, client: WebClient, delivery: Delivery
    ) -> None:
        """Answers a question that a process had taken which is gone, unless it had answered it."""
        if delivery.may_be_answered:
            self._own_up(asked, request_id, delivery)
            return
        try:
            stamp = delivery.left(request_id)
            if stamp:
                self._exchanges.close(request_id, asked.text, True, stamp)
                return
        except AbandonedError:
            raise
        except Exception as error:  # noqa: BLE001  two answers are better than none
            self.note(error, request_id)
        self.answer(asked, request_id, client, delivery)

    def _own_up(self, asked: InboundQuestion, request_id: str, delivery: Delivery) -> None:
        """Says that an answer may be missing: nobody can look whether it arrived."""
        try:
            delivery.whisper(_INTERRUPTED.format(question=cut(asked.text, 200), id=request_id))
            self._exchanges.close(request_id, asked.text, True, None)
        except AbandonedError:
            raise
        except Exception as error:  # noqa: BLE001  there is no other way to reach the person
            self.note(error, request_id)

    def answer(
        self, asked: InboundQuestion, request_id: str, client: WebClient, delivery: Delivery
    ) -> None:
        """Answers a question that is still ours to answer; failing that, says so.

        Once there is an answer, this job steps aside: what is left is to wait for Slack.
        """
        with (
            span("question", {"request_id": request_id, "channel": asked.channel}),
            while_ours(lambda: self._seems_ours(request_id)),
        ):
            try:
                self._answer(asked, request_id, client, delivery)
            except AbandonedError:
                _log.info("request %s: left to others", request_id)
            except Exception as error:  # noqa: BLE001  silence would be worse than any reply
                step_aside()
                self._apologise(error, request_id, delivery)
            finally:
                delivery.done()

    def _answer(
        self, asked: InboundQuestion, request_id: str, client: WebClient, delivery: Delivery
    ) -> None:
        exchange = self._exchanges.get(request_id)
        if exchange is None or exchange.withdrawn or exchange.owner != self._owner:
            return
        reader = self._audiences.of(asked, client, private=asked.private)
        delivery.working(self._status(reader))
        reply = self._reply(asked, exchange, client, reader, delivery.show, shareable=asked.private)
        if not self._still_ours(request_id):
            return
        step_aside()
        stamp = delivery.deliver(reply)
        delivery.done()
        try:
            self._exchanges.close(request_id, reply.understood, reply.answered, stamp)
        except Exception as error:  # noqa: BLE001  the answer stands all the same
            self.note(error, request_id)
        self.refresh(asked, exchange, client, delivery)

    def _still_ours(self, request_id: str) -> bool:
        """Says whether the question is still this process's own: no other has adopted it meanwhile."""
        exchange = self._exchanges.get(request_id)
        return exchange is not None and exchange.owner == self._owner

    def _seems_ours(self, request_id: str) -> bool:
        """The same after a wait; where the database cannot tell, the answer is given."""
        try:
            return self._still_ours(request_id)
        except Exception as error:  # noqa: BLE001  two answers are better than none
            self.note(error, request_id)
            return True

    def refresh(
        self, asked: InboundQuestion, exchange: Exchange, client: WebClient, delivery: Delivery
    ) -> None:
        """Follows edits and deletions since `exchange` was read; failing that, leaves the answer."""
        try:
            self._catch_up(asked, exchange, client, delivery)
        except AbandonedError:
            raise
        except Exception as error:  # noqa: BLE001  the old answer stays
            self.note(error, exchange.request_id)

    def note(self, error: Exception, request_id: str) -> None:
        """Logs a failure that nobody needs to be told of, or whose person is told elsewhere."""
        self._replier.note(error, request_id)

    def _reply(
        self, asked: InboundQuestion, exchange: Exchange, client: WebClient, reader: Reader,
        show: Callable[[str], object] | None = None, *, shareable: bool = False,
    ) -> Reply:  # fmt: skip
        inquiry = Inquiry(
            exchange.question, self._history.earlier(asked, client), exchange.workspace,
            exchange.request_id, show, reader, exchange.channel,
        )  # fmt: skip
        return self._replier.reply(inquiry, asker=exchange.asker, shareable=shareable)

    def _catch_up(
        self, asked: InboundQuestion, exchange: Exchange, client: WebClient, delivery: Delivery
    ) -> None:
        for _ in range(_MAX_ROUNDS):
            now = self._exchanges.get(exchange.request_id)
            if now is None or now.reply is None or now.question == exchange.question:
                break
            exchange = now
            step_back()
            reader = self._audiences.of(asked, client)
            reply = self._reply(asked, exchange, client, reader)
            step_aside()
            delivery.replace(now.reply, reply)
            self._exchanges.close(now.request_id, reply.understood, reply.answered, now.reply)
        now = self._exchanges.get(exchange.request_id)
        if now and now.withdrawn and now.reply:
            delivery.retract(now.reply)

    def _status(self, reader: Reader) -> str:
        count = self._count_documents(reader)
        return f"Searching {count:,} document{'' if count == 1 else 's'}…"

    def _apologise(self, error: Exception, request_id: str, delivery: Delivery) -> None:
        reply = self._replier.failure(error, request_id)
        if error_code(error) in ABSENT:
            attempts: list[Callable[[], object]] = [
                lambda: delivery.whisper(f"{_INVITE} (request {request_id})")
            ]
        else:
            attempts = [lambda: delivery.deliver(reply), lambda: delivery.whisper(reply.body)]
        for attempt in attempts:
            try:
                attempt()
            except AbandonedError:
                return
            except Exception:  # noqa: BLE001  the next way may work
                _log.error("request %s: the apology did not arrive", request_id)
            else:
                return
