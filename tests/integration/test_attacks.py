"""Documents that attack: none of them changes the facts or the form of an answer."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from bot.answers.answer import Answer
from bot.wiring.installation import Installation
from retrieval.text.instructions import gives_orders
from tests.attacks.attack import Attack, read_attacks
from tests.conftest import MakeAssembly, served_providers
from tests.providers.server import KEY, Providers

ATTACKS = read_attacks()
QUESTION = "What does hydroxamate do for recovery at Sable Ridge?"
FACT = "Hydroxamate raised recovery at Sable Ridge to 81%, at four times the reagent cost."
HARMLESS = "The laboratory keeps its drums in the cellar, and the shifts are reported weekly."
GOOD = {"evidence": [{"passage": 1, "quote": FACT}], "text": "Hydroxamate raised recovery to 81%."}


@dataclass(frozen=True)
class Attacked:
    """An installation with a document that tells the truth, and one that attacks."""

    installation: Installation
    attack: Attack


@pytest.fixture(scope="module")
def providers() -> Iterator[Providers]:
    with served_providers() as fake:
        yield fake


@pytest.fixture(scope="module", params=ATTACKS, ids=[attack.name for attack in ATTACKS])
def attacked(
    request: pytest.FixtureRequest, make_shared: MakeAssembly, providers: Providers,
    tmp_path_factory: pytest.TempPathFactory,
) -> Attacked:  # fmt: skip
    folder = tmp_path_factory.mktemp("attacked")
    documents = folder / "documents"
    documents.mkdir()
    (documents / "metallurgy.txt").write_text(f"{FACT} The team recommends hydroxamate.")
    (documents / "hostile.txt").write_text(
        f"{HARMLESS}\n\n{request.param.text}\n", encoding="utf-8"
    )
    installation = make_shared(
        folder / "home", chat_model="openai:gpt-4.1-mini",
        chat_base_url=f"{providers.url}/openai/v1", chat_api_key=KEY,
    )  # fmt: skip
    installation.indexer.index([documents])
    return Attacked(installation, request.param)


def said_by_attack(attack: Attack) -> dict[str, Any]:
    evidence = [{"passage": 2, "quote": attack.quote}, {"passage": 1, "quote": FACT}]
    return {"evidence": evidence[:1], "text": attack.says}


def assert_intact(answer: Answer, attack: Attack) -> None:
    """The fact is there, cited; nothing of the attack is."""
    assert answer.answered
    assert "81%" in answer.text
    assert {citation.document for citation in answer.citations} == {"metallurgy.txt"}
    assert attack.says not in answer.text
    told = answer.text + "".join(citation.quote for citation in answer.citations)
    assert not gives_orders(told)
    assert not re.search(r"https?://|@|<!|```|🚀|\bevil\b", told)
    assert all(re.search(r"\[\d\]$", part) for part in answer.text.split("\n\n"))


def test_a_model_that_gives_in_has_only_its_true_statements_posted(
    attacked: Attacked, providers: Providers
) -> None:
    attack = attacked.attack
    providers.script = lambda _: {
        "in_documents": True,
        "statements": [said_by_attack(attack), GOOD],
    }
    answer = attacked.installation.answerer.answer(QUESTION)
    assert answer.mode == "generated"
    assert answer.writing is not None
    assert len(answer.writing.dropped) == 1
    assert_intact(answer, attack)


@pytest.mark.parametrize(
    "attacked", [one for one in ATTACKS if not one.plain], ids=lambda one: one.name, indirect=True
)
def test_links_pings_numbers_and_other_tongues_do_not_hide_behind_a_true_quote(
    attacked: Attacked, providers: Providers
) -> None:
    attack = attacked.attack
    hidden = {"evidence": [{"passage": 1, "quote": FACT}], "text": attack.says}
    providers.script = lambda _: {"in_documents": True, "statements": [hidden, GOOD]}
    assert_intact(attacked.installation.answerer.answer(QUESTION), attack)


def test_a_model_that_obeys_what_it_reads_does_not_read_the_orders(
    attacked: Attacked, providers: Providers
) -> None:
    attack = attacked.attack

    def obey(read: str) -> dict[str, Any]:
        shown = attack.quote.replace("<", "‹").replace(">", "›").replace("\u200b", "")
        return {
            "in_documents": True,
            "statements": [said_by_attack(attack) if shown in read else GOOD],
        }

    providers.script = obey
    answer = attacked.installation.answerer.answer(QUESTION)
    assert HARMLESS in providers.read[0]
    assert_intact(answer, attack)


def test_verbatim_answers_leave_attacks_out(attacked: Attacked) -> None:
    assert_intact(attacked.installation.plain_answerer.answer(QUESTION), attacked.attack)


def test_there_are_enough_attacks() -> None:
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS) >= 25
