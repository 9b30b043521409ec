"""Puts the parts together that write answers, as the settings say."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.costs.budget import Budget
from bot.costs.prices import Prices, load_prices
from bot.questions.planner import Planner
from bot.wiring.settings import Settings
from bot.writing.author import Author
from bot.writing.chat import Chat
from bot.writing.chat_planner import ChatPlanner
from bot.writing.models import ChatModelSettings, open_chat_model
from bot.writing.writer import Writer, WritingPrompts
from prompts.library import load_prompt
from retrieval.domain.errors import ConfigurationError

if TYPE_CHECKING:
    from bot.wiring.installation import Installation


@dataclass(frozen=True, slots=True)
class WritingParts:
    """What an answerer needs of a chat model."""

    planner: Planner
    author: Author


def assemble_writing(
    installation: "Installation", rules: Planner, report: Callable[[Exception, str], object]
) -> WritingParts:
    """Returns the parts for the chat model that the settings name.

    Raises `ConfigurationError` for what is missing or does not go together.
    """
    settings = installation.settings
    prices = read_prices(settings)
    prompts = {name: load_prompt(name, settings.prompts) for name in ("answer", "repair", "plan")}
    chat = Chat(
        open_chat_model(chat_settings(settings)), prices, settings.chat_method,
        guided=_is_guided(settings),
    )  # fmt: skip
    writer = Writer(
        chat, WritingPrompts(prompts["answer"], prompts["repair"]), installation.glossary,
        settings.max_answer_words,
    )  # fmt: skip
    author = Author(
        writer, installation.catalog, Budget(installation.journal, settings.daily_budget),
        str(settings.chat_model), {name: prompt.version for name, prompt in prompts.items()}, report,
    )  # fmt: skip
    return WritingParts(ChatPlanner(chat, prompts["plan"], rules, installation.glossary), author)


def chat_settings(settings: Settings) -> ChatModelSettings:
    """Returns how to reach the chat model."""
    return ChatModelSettings(
        str(settings.chat_model), settings.chat_base_url, settings.chat_api_key,
        settings.answer_seconds, settings.chat_max_tokens, settings.chat_temperature,
    )  # fmt: skip


def _is_guided(settings: Settings) -> bool:
    """What is set, or what is known of the provider."""
    if settings.chat_guided is not None:
        return settings.chat_guided
    return str(settings.chat_model).startswith("ollama:")


def read_prices(settings: Settings) -> Prices:
    """Returns the chat model's prices; raises `ConfigurationError` where a budget needs unknown ones."""
    prices = Prices(
        str(settings.chat_model), load_prices(settings.prices),
        elsewhere=settings.chat_base_url is not None,
    )  # fmt: skip
    if settings.daily_budget is not None and not prices.known:
        raise ConfigurationError(
            f"MONAZITE_DAILY_BUDGET needs the price of {settings.chat_model}, which is not known; "
            "write it into a file and set MONAZITE_PRICES"
        )
    return prices
