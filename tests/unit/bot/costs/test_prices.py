from decimal import Decimal
from pathlib import Path

import pytest

from bot.costs.prices import Price, Prices, Tokens, load_prices
from retrieval.domain.errors import ConfigurationError

MILLION = Tokens(1_000_000, 1_000_000)


def test_a_known_model_has_a_price_and_an_unknown_one_none() -> None:
    assert Prices("openai:gpt-4.1-mini", {}).cost(MILLION) == pytest.approx(2.0)
    assert Prices("anthropic:claude-haiku-4-5", {}).cost(MILLION) == pytest.approx(6.0)
    assert Prices("openai:no-such-model", {}).cost(MILLION) is None
    assert not Prices("nobody:model", {}).known


def test_a_model_on_the_teams_own_machine_is_free() -> None:
    assert Prices("ollama:llama3.2", {}).cost(MILLION) == 0.0


def test_elsewhere_only_a_teams_own_price_counts() -> None:
    own = {"gpt-4.1-mini": Price(Decimal(1), Decimal(2))}
    assert Prices("openai:gpt-4.1-mini", {}, elsewhere=True).cost(MILLION) is None
    assert Prices("openai:gpt-4.1-mini", own, elsewhere=True).cost(MILLION) == 3.0


def test_a_file_of_prices_is_read(tmp_path: Path) -> None:
    file = tmp_path / "prices.toml"
    file.write_text('["house-model"]\ninput = 0.5\noutput = 1.5\n')
    assert Prices("openai:house-model", load_prices(file)).cost(MILLION) == 2.0
    assert load_prices(None) == {}


@pytest.mark.parametrize(
    "text", ["[x]\ninput = 1\n", "[x]\ninput = -1\noutput = 1\n", 'x = "1"\n', "not toml ["]
)
def test_a_file_that_is_wrong_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "prices.toml"
    file.write_text(text)
    with pytest.raises(ConfigurationError, match=r"The prices .*prices\.toml"):
        load_prices(file)
