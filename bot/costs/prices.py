"""What tokens cost: prices from the `genai-prices` package, or from a team's own file."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from retrieval.domain.errors import ConfigurationError

_MILLION = Decimal(1_000_000)
# LangChain's names of providers, where genai-prices has another one.
_PROVIDERS = {
    "google_genai": "google", "google_vertexai": "google", "bedrock": "aws",
    "bedrock_converse": "aws", "azure_openai": "azure", "mistralai": "mistral",
}  # fmt: skip
# Models on the team's own machine.
_FREE = frozenset({"ollama"})


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of one call; `cached` of the input were read from the provider's cache.

    `estimated` says that the provider did not count them, and they are characters / 4.
    """

    read: int = 0
    written: int = 0
    cached: int = 0
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens."""

    input: Decimal
    output: Decimal


class Prices:
    """Prices of one chat model, `provider:model`.

    `own` are a team's prices by model name; `elsewhere` says that the model is reached at
    another address than its provider's, where only a team's prices count.
    """

    def __init__(self, model: str, own: dict[str, Price], *, elsewhere: bool = False) -> None:
        self._provider, _, self._model = model.partition(":")
        self._own = own.get(model) or own.get(self._model)
        self._elsewhere = elsewhere

    @property
    def known(self) -> bool:
        """Says whether there is a price."""
        return self.cost(Tokens(1, 1)) is not None

    def cost(self, tokens: Tokens) -> float | None:
        """Returns US dollars, or None where nobody knows the price."""
        if self._own:
            spent = tokens.read * self._own.input + tokens.written * self._own.output
            return float(spent / _MILLION)
        if self._provider in _FREE:
            return 0.0
        if self._elsewhere:
            return None
        return self._listed(tokens)

    def _listed(self, tokens: Tokens) -> float | None:
        from genai_prices import Usage, calc_price

        usage = Usage(
            input_tokens=tokens.read, output_tokens=tokens.written, cache_read_tokens=tokens.cached
        )
        try:
            provider = _PROVIDERS.get(self._provider, self._provider)
            return float(calc_price(usage, self._model, provider_id=provider).total_price)
        except (LookupError, ValueError):
            return None


def total_cost(costs: Sequence[float | None]) -> float | None:
    """Returns the sum in US dollars, None when one of them is not known; 0 without any."""
    return None if None in costs else sum(cost for cost in costs if cost is not None)


def load_prices(path: Path | None) -> dict[str, Price]:
    """Returns the prices in a TOML file: `["gpt-4.1"]` with `input` and `output` in dollars.

    Raises `ConfigurationError` naming what is wrong; returns nothing without a file.
    """
    if path is None:
        return {}
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"The prices {path} cannot be read ({error}); check MONAZITE_PRICES"
        ) from error
    return {name: _read_price(path, name, table) for name, table in tables.items()}


def _read_price(path: Path, name: str, table: object) -> Price:
    try:
        price = Price(Decimal(str(table["input"])), Decimal(str(table["output"])))  # type: ignore[index]
    except (KeyError, TypeError, ArithmeticError):
        price = Price(Decimal(-1), Decimal(-1))
    if not (price.input >= 0 and price.output >= 0):
        raise ConfigurationError(
            f'The prices {path}: write ["{name}"] with input and output, dollars for a million tokens'
        )
    return price
