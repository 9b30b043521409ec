"""App Home: what the bot knows, how to ask, questions to try, and the reader's last ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from slack_bolt import App, Args
from slack_sdk import WebClient
from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    DividerBlock,
    HeaderBlock,
    PlainTextObject,
    SectionBlock,
)
from slack_sdk.models.views import View

from bot.answering.suggestions import Suggestions
from bot.answers.wording import readable_date
from bot.conversations.exchanges import Exchange, Exchanges
from bot.slack.delivery.blocks import context, mrkdwn, section
from bot.slack.delivery.inbound import InboundQuestion
from bot.slack.delivery.mrkdwn import escape, escape_name
from bot.slack.permissions.audience import Audiences
from bot.slack.work.queueing import QuestionQueue
from retrieval.domain.access import Reader
from retrieval.domain.single_line import single_line
from retrieval.storage.catalog import Catalog

ASK_EXAMPLE, ASK_AGAIN = "ask_example", "ask_again"
_HOW_TO_ASK = (
    "• Mention me in a channel or thread, and I answer in the thread\n"
    "• Write to me directly, or in the assistant pane\n"
    "• `/ask your question` for an answer that only you see\n"
    "• *Answer this*, in the menu of any message"
)
_MAX_BUTTON_CHARS = 75
_MAX_ASKED, _LOOKED_AT = 5, 20
_MAX_QUESTION_CHARS = 500


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What the index holds: documents, the newest one's ISO date, when it was last changed."""

    documents: int
    newest: str | None
    updated_at: datetime | None


def read_knowledge(catalog: Catalog, reader: Reader) -> Knowledge:
    """Returns what the live index holds for `reader`; nothing before the first one."""
    build = catalog.live_build()
    documents = catalog.documents(reader) if build else []
    newest = max((document.date for document in documents if document.date), default=None)
    return Knowledge(len(documents), newest, build.updated_at if build else None)


class Home:
    """Publishes the tab when it is opened, and asks what its buttons say."""

    def __init__(
        self, queue: QuestionQueue, exchanges: Exchanges, catalog: Catalog, suggestions: Suggestions,
        audiences: Audiences,
    ) -> None:  # fmt: skip
        self._queue = queue
        self._exchanges = exchanges
        self._catalog = catalog
        self._suggestions = suggestions
        self._audiences = audiences

    def register(self, app: App) -> None:
        """Adds the listeners to `app`."""
        app.event("app_home_opened")(self.on_opened)
        app.action(ASK_EXAMPLE)(self.on_ask)
        app.action(ASK_AGAIN)(self.on_ask)

    def on_opened(self, body: dict[str, Any], client: WebClient) -> None:
        """Publishes the Home tab."""
        event = body["event"]
        if event.get("tab") == "home":
            user = event["user"]
            self._queue.in_background(
                lambda: self._publish(user, client), partial(_publish_line, client, user), user
            )

    def on_ask(self, args: Args) -> None:
        """Answers the button's question in a direct message."""
        args.ack()
        user, question = args.body["user"]["id"], args.payload.get("value", "")
        if not _asks_something(question):
            return
        asked = InboundQuestion(
            args.body["team"]["id"], user, user, question, direct=True,
            preface=f"You asked: {escape_name(question, _MAX_QUESTION_CHARS)}",
        )  # fmt: skip
        self._queue.take(asked, args.client, f"home:{args.body['trigger_id']}")

    def _publish(self, user: str, client: WebClient) -> None:
        blocks = home_blocks(
            read_knowledge(self._catalog, self._audiences.person(user, client)),
            self._suggestions.questions(),
            _questions_of(self._exchanges.of_asker(user, _LOOKED_AT)),
        )
        client.views_publish(user_id=user, view=View(type="home", blocks=blocks))


def _asks_something(question: str) -> bool:
    return any(character.isalnum() for character in question)


def _questions_of(exchanges: Sequence[Exchange]) -> list[Exchange]:
    """The last ones that ask something; a bare mention does not."""
    return [one for one in exchanges if _asks_something(one.standalone)][-_MAX_ASKED:]


def _publish_line(client: WebClient, user: str, text: str) -> None:
    """Shows one line in place of the tab."""
    client.views_publish(user_id=user, view=View(type="home", blocks=[section(escape(text))]))


def home_blocks(
    knowledge: Knowledge, examples: Sequence[str], asked: Sequence[Exchange]
) -> list[Block]:
    """Returns the tab's blocks; `asked` are the reader's last questions, oldest first."""
    blocks: list[Block] = [
        HeaderBlock(text=PlainTextObject(text="What I know")),
        section(_known(knowledge)),
        HeaderBlock(text=PlainTextObject(text="How to ask")),
        section(_HOW_TO_ASK),
    ]
    if examples:
        buttons = [
            ButtonElement(
                text=single_line(question, _MAX_BUTTON_CHARS), action_id=ASK_EXAMPLE, value=question
            )
            for question in examples
        ]
        blocks += [HeaderBlock(text=PlainTextObject(text="Try one of these"))]
        blocks += [ActionsBlock(elements=[button]) for button in buttons]
    # A bare mention asks nothing, and a button must hold something.
    asked = [exchange for exchange in asked if single_line(exchange.standalone)]
    if asked:
        blocks += [DividerBlock(), HeaderBlock(text=PlainTextObject(text="Your last questions"))]
        blocks += [_asked_block(exchange) for exchange in reversed(asked)]
    blocks.append(context("Answers quote your documents word for word, and say where."))
    return blocks


def _known(knowledge: Knowledge) -> str:
    if knowledge.updated_at is None:
        return "Nothing yet: no documents have been indexed."
    count = f"*{knowledge.documents:,}* document{'' if knowledge.documents == 1 else 's'}"
    newest = f", the newest of {readable_date(knowledge.newest)}" if knowledge.newest else ""
    stamp = int(knowledge.updated_at.timestamp())
    fallback = f"{knowledge.updated_at:%Y-%m-%d %H:%M} UTC"
    updated = f"<!date^{stamp}^{{date_short_pretty}} at {{time}}|{fallback}>"
    return f"{count}{newest}. Last re-indexed: {updated}."


def _asked_block(exchange: Exchange) -> SectionBlock:
    mark = "" if exchange.answered is not False else " _(no answer found)_"
    question = exchange.standalone
    return SectionBlock(
        text=mrkdwn(escape_name(question, _MAX_QUESTION_CHARS) + mark),
        accessory=ButtonElement(text="Ask again", action_id=ASK_AGAIN, value=question[:2000]),
    )
