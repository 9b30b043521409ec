"""Opens the chat model that the settings name."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.writing.connections import bound_connections
from retrieval.domain.errors import ConfigurationError, how_to_install

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from pydantic import SecretStr

# Servers that want no key are given one all the same: their clients insist on it.
_NO_KEY = "none"
# Providers whose packages are extras of this project.
_EXTRAS = ("anthropic", "openai", "ollama")


@dataclass(frozen=True, slots=True)
class ChatModelSettings:
    """`provider:model`, where to reach it, and its limits (seconds, tokens)."""

    name: str
    base_url: str | None = None
    api_key: "SecretStr | None" = None
    timeout: float = 30.0
    max_tokens: int = 2000
    temperature: float | None = 0.0


def open_chat_model(settings: ChatModelSettings) -> "BaseChatModel":
    """Returns the chat model; it neither retries nor waits on its own account, nor past a deadline.

    Raises `ConfigurationError` when the name, the provider's package or its key is missing.
    """
    from langchain.chat_models import init_chat_model

    name = settings.name
    try:
        model: BaseChatModel = init_chat_model(name, **_options(settings))
    except ImportError as error:
        provider = name.partition(":")[0]
        remedy = (
            f"run: {how_to_install(provider)}" if provider in _EXTRAS
            else f"install LangChain's for {provider}, or use {', '.join(_EXTRAS)}"
        )  # fmt: skip
        raise ConfigurationError(
            f"MONAZITE_CHAT_MODEL={name} needs a package that is not installed; {remedy}"
        ) from error
    except Exception as error:
        reason = str(error).splitlines()[0][:200]
        raise ConfigurationError(
            f"MONAZITE_CHAT_MODEL={name} cannot be used ({reason}); write provider:model and set its key"
        ) from error
    bound_connections(model)
    return model


def _options(settings: ChatModelSettings) -> dict[str, Any]:
    provider = settings.name.partition(":")[0]
    key = settings.api_key.get_secret_value() if settings.api_key else None
    if settings.base_url and not key:
        key = _NO_KEY
    options: dict[str, Any] = {}
    if settings.temperature is not None:
        options["temperature"] = settings.temperature
    if settings.base_url:
        options["base_url"] = settings.base_url
    if provider == "ollama":
        limits = {
            "num_predict": settings.max_tokens,
            "client_kwargs": {"timeout": settings.timeout},
        }
        return options | limits
    options |= {"timeout": settings.timeout, "max_retries": 0, "max_tokens": settings.max_tokens}
    if key:
        options["api_key"] = key
    if provider == "openai":
        options["stream_usage"] = True
    return options
