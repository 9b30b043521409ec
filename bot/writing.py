"""Answers written by a chat model: statements whose quotes are still to be verified."""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.citations import Claim, find_folded
from bot.support import unsupported
from bot.wording import readable_date
from prompts.answer import Draft, Statement, answer_request
from retrieval.errors import ConfigurationError
from retrieval.glossary import Glossary
from retrieval.records import StoredPassage
from retrieval.search import Hit

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

_log = logging.getLogger(__name__)


class Writer:
    """Asks a LangChain chat model for an answer made of statements with quotes."""

    def __init__(self, model: "BaseChatModel", max_words: int, glossary: Glossary) -> None:
        self._model = model.with_structured_output(Draft)
        self._max_words = max_words
        self._glossary = glossary

    def write(self, question: str, hits: Sequence[Hit]) -> list[Claim]:
        """Returns what the model claims, as far as the passages bear it.

        A statement whose quote stands in none of them is left out, and so is one that
        holds a number, a date or a name that its passage does not. Raises whatever
        the provider raises, and `ValueError` when it returns no draft.
        """
        passages = [hit.passage for hit in hits]
        draft = self._model.invoke(answer_request(question, passages, self._max_words))
        if not isinstance(draft, Draft):
            raise ValueError("The chat model returned no structured answer")  # noqa: TRY004
        claims = [self._claim(statement, passages) for statement in draft.statements]
        return [claim for claim in claims if claim]

    def _claim(self, statement: Statement, passages: Sequence[StoredPassage]) -> Claim | None:
        stored = _holder(statement, passages)
        if stored is None:
            _log.info("A statement was dropped: its quote stands in no passage")
            return None
        missing = unsupported(statement.text, _evidence(stored), self._glossary)
        if missing:
            _log.info("A statement was dropped: its passage does not hold %r", missing)
            return None
        return Claim(statement.text, statement.quote, stored)


def _holder(statement: Statement, passages: Sequence[StoredPassage]) -> StoredPassage | None:
    """The passage that holds the quote: the one named, or another one of those given."""
    named = passages[statement.passage - 1 : statement.passage] if statement.passage > 0 else []
    for stored in [*named, *passages]:
        if find_folded(statement.quote, stored.passage.text):
            return stored
    return None


def _evidence(stored: StoredPassage) -> str:
    """What a statement may draw on: the passage, and what is known of its document."""
    date = readable_date(stored.date) if stored.date else ""
    return "\n".join((stored.passage.text, stored.passage.context, stored.title, date))


def open_chat_model(name: str) -> "BaseChatModel":
    """Returns the chat model `provider:model`.

    Raises `ConfigurationError` when the name, the provider's package or its key is missing.
    """
    from langchain.chat_models import init_chat_model

    try:
        model: BaseChatModel = init_chat_model(name, temperature=0)
    except ImportError as error:
        raise ConfigurationError(f"MONAZITE_CHAT_MODEL={name} needs a package: {error}") from error
    except Exception as error:
        reason = str(error).splitlines()[0][:200]
        raise ConfigurationError(
            f"MONAZITE_CHAT_MODEL={name} cannot be used ({reason}); write provider:model and set its key"
        ) from error
    return model
