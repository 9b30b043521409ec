"""What the app listens to: mentions, direct messages, `/ask` and the buttons under answers."""

from collections.abc import Callable
from functools import partial
from typing import Any

from slack_bolt import App
from slack_sdk import WebClient

from bot.slack.blocks import SHARE, SHOW_PASSAGES, cited_in, passages_view
from bot.slack.desk import Desk
from bot.slack.replies import Replier, Reply, notice
from bot.slack.text import unescape
from retrieval.catalog import Catalog
from retrieval.claims import Claims

_BUSY = "I'm busy with other questions just now; please ask again in a minute."


class Listeners:
    """Registers itself on a Bolt app. Every event is handled once, by one process."""

    def __init__(self, replier: Replier, catalog: Catalog, claims: Claims, desk: Desk) -> None:
        self._replier = replier
        self._catalog = catalog
        self._claims = claims
        self._desk = desk

    def register(self, app: App) -> None:
        """Adds the listeners to `app`."""
        app.event("app_mention")(self.on_mention)
        app.event("message")(self.on_message)
        app.command("/ask")(self.on_command)
        app.action(SHOW_PASSAGES)(self.on_show_passages)
        app.action(SHARE)(self.on_share)

    def on_mention(self, event: dict[str, Any], body: dict[str, Any], client: WebClient) -> None:
        """A mention is answered in its thread."""
        if not event.get("bot_id"):
            self._answer_event(event, body, client)

    def on_message(self, event: dict[str, Any], body: dict[str, Any], client: WebClient) -> None:
        """A direct message is answered; other people's talk is left alone."""
        typed = not event.get("subtype") and not event.get("bot_id")
        if typed and event.get("channel_type") == "im":
            self._answer_event(event, body, client)

    def on_command(
        self, ack: Callable[..., None], command: dict[str, Any], respond: Callable[..., Any]
    ) -> None:
        """`/ask question` is answered to the asker alone."""
        ack()
        question = unescape(command.get("text", ""))
        send = partial(_respond, respond)
        self._enqueue(lambda: send(self._replier.reply(question, shareable=True)), send)

    def on_share(
        self,
        ack: Callable[..., None],
        body: dict[str, Any],
        action: dict[str, Any],
        client: WebClient,
    ) -> None:
        """The button's question is answered again, where everyone sees it."""
        ack()
        send = partial(_post, client, body["channel"]["id"], None)
        self._enqueue(lambda: send(self._replier.reply(action["value"])), send)

    def on_show_passages(
        self,
        ack: Callable[..., None],
        body: dict[str, Any],
        action: dict[str, Any],
        client: WebClient,
    ) -> None:
        """Opens the whole passages, the quotes in bold; no model is needed, so it is quick."""
        ack()
        quotes = cited_in(action["value"])
        found = self._catalog.live_passages(list(quotes))
        passages = [
            (
                stored,
                [_slice(stored.passage.text, stored.passage.start, span) for span in quotes[key]],
            )
            for key, stored in found.items()
        ]
        client.views_open(trigger_id=body["trigger_id"], view=passages_view(passages))

    def _answer_event(self, event: dict[str, Any], body: dict[str, Any], client: WebClient) -> None:
        if not self._claims.claim(f"slack:{body['event_id']}"):
            return
        question = unescape(event.get("text", ""))
        direct = event.get("channel_type") == "im"
        thread = event.get("thread_ts") or (None if direct else event["ts"])
        send = partial(_post, client, event["channel"], thread)
        self._enqueue(lambda: send(self._replier.reply(question)), send)

    def _enqueue(self, job: Callable[[], None], send: Callable[[Reply], None]) -> None:
        if self._desk.submit(job) is None:
            send(notice(_BUSY))


def _post(client: WebClient, channel: str, thread: str | None, reply: Reply) -> None:
    client.chat_postMessage(
        channel=channel, thread_ts=thread, text=reply.text, blocks=reply.blocks,
        unfurl_links=False, unfurl_media=False,
    )  # fmt: skip


def _respond(respond: Callable[..., Any], reply: Reply) -> None:
    respond(text=reply.text, blocks=reply.blocks, response_type="ephemeral", unfurl_links=False)


def _slice(text: str, offset: int, span: tuple[int, int]) -> str:
    return text[span[0] - offset : span[1] - offset]
