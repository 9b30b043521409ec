"""ALCE's definitions, on a judge that can be followed by eye: words of the statement in the premise."""

from bot.evaluation.alce import Cited, citation_quality, entailed_by_rules
from retrieval.text.glossary import load_glossary


def entails(premise: str, statement: str) -> bool:
    return set(statement.split()) <= set(premise.split())


def quality(statement: str, *passages: str) -> tuple[float, float]:
    found = citation_quality([Cited(statement, passages)], entails)
    return found.recall, found.precision


def test_a_statement_that_its_passages_entail_together_has_recall() -> None:
    assert quality("a b", "a b c") == (1.0, 1.0)
    assert quality("a b", "a", "b") == (1.0, 1.0)
    assert quality("a b", "a") == (0.0, 0.0)
    assert quality("a b") == (0.0, 0.0)


def test_a_citation_that_the_others_do_without_is_imprecise() -> None:
    assert quality("a b", "a b", "c") == (1.0, 0.5)
    assert quality("a b", "a b", "a") == (1.0, 0.5)
    assert quality("a b", "a b", "b a") == (1.0, 1.0)


def test_means_are_over_statements_and_over_citations() -> None:
    cited = [Cited("a", ("a", "b")), Cited("z", ("a",))]
    found = citation_quality(cited, entails)
    assert (found.recall, found.precision) == (0.5, 0.3333)
    assert citation_quality([], entails).recall == 0.0


def test_rules_judge_by_numbers_names_and_words() -> None:
    judge = entailed_by_rules(load_glossary())
    premise = "Lynas sold 1,200 tonnes of dysprosium oxide."
    assert judge(premise, "Lynas sold 1200 tonnes of Dy oxide.")
    assert not judge(premise, "Lynas sold 1300 tonnes of Dy oxide.")
    assert not judge(premise, "Lynas bought much, paid late and sold dysprosium.")
