"""Answers written by a chat model: statements whose quotes are still to be verified."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.citations import Claim
from prompts.answer import Draft, answer_request
from retrieval.errors import ConfigurationError
from retrieval.search import Hit

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


class Writer:
    """Asks a LangChain chat model for an answer made of statements with quotes."""

    def __init__(self, model: "BaseChatModel", max_words: int) -> None:
        self._model = model.with_structured_output(Draft)
        self._max_words = max_words

    def write(self, question: str, hits: Sequence[Hit]) -> list[Claim]:
        """Returns what the model claims; statements on passages that were not given are left out.

        Raises whatever the provider raises, and `ValueError` when it returns no draft.
        """
        passages = [hit.passage for hit in hits]
        draft = self._model.invoke(answer_request(question, passages, self._max_words))
        if not isinstance(draft, Draft):
            raise ValueError("The chat model returned no structured answer")  # noqa: TRY004
        return [
            Claim(statement.text, statement.quote, passages[statement.passage - 1])
            for statement in draft.statements
            if 1 <= statement.passage <= len(passages)
        ]


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
