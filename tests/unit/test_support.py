import pytest

from bot.support import unsupported
from retrieval.glossary import DEFAULT_GLOSSARY, load_glossary

EVIDENCE = (
    "Lynas sold 1,200 tonnes of dysprosium oxide in March 2023, 4.5% more than a year before; "
    "two lines at Kalgoorlie ran."
)


@pytest.mark.parametrize(
    "statement",
    [
        "Lynas sold 1200 tonnes of Dy oxide.",
        "In March 2023 sales grew by 4.5%.",
        "There were 2 lines in Kalgoorlie, and Lynas’s sales grew.",
        "Sales of dysprosium oxide at Lynas rose.",
    ],
)
def test_what_the_evidence_holds_is_supported(statement: str) -> None:
    assert lacking(statement) is None


@pytest.mark.parametrize(
    ("statement", "missing"),
    [
        ("Lynas sold 1,300 tonnes.", "1300"),
        ("Sales grew by 45%.", "45"),
        ("Sales grew in 2022.", "2022"),
        ("In April sales grew.", "April"),
        ("Sales at Iluka grew.", "Iluka"),
        ("There were three lines.", "3"),
        ("It sold Tb oxide.", "Tb"),
    ],
)
def test_a_number_a_date_or_a_name_from_elsewhere_is_not(statement: str, missing: str) -> None:
    assert lacking(statement) == missing


def lacking(statement: str) -> str | None:
    return unsupported(statement, EVIDENCE, load_glossary(DEFAULT_GLOSSARY))
