import pytest

from bot.writing.support import StatementEvidence, lacking, speaks_of
from retrieval.text.glossary import load_glossary

GLOSSARY = load_glossary()
EVIDENCE = (
    "Lynas sold 1,200 tonnes of dysprosium oxide on 14 March 2023, 4.5% more than a year before; "
    "two lines at Kalgoorlie ran, and revenue was 1.9 million yuan."
)


@pytest.mark.parametrize(
    "statement",
    [
        "Lynas sold 1200 tonnes of Dy oxide.",
        "In March 2023 sales of Lynas grew by 4.5 per cent.",
        "On 2023-03-14 Lynas sold dysprosium oxide.",
        "There were 2 lines in Kalgoorlie, and Lynas’s sales grew.",
        "Sales of dysprosium oxide at Lynas rose.",
        "However, Lynas ran two lines.",
        "Revenue was 1,900,000 yuan.",
        "Revenue was 1.90 million yuan at Lynas.",
        "It rose to 4.5%.",
    ],
)
def test_what_the_evidence_holds_is_supported(statement: str) -> None:
    assert lacking(statement, StatementEvidence(EVIDENCE), GLOSSARY) is None


@pytest.mark.parametrize(
    ("statement", "reason", "detail"),
    [
        ("Lynas sold 1,300 tonnes.", "number", "1,300"),
        ("Sales at Lynas grew by 45%.", "percentage", "45%"),
        ("Lynas sold 1,200% of its dysprosium.", "percentage", "1,200%"),
        ("Revenue was 1.9 billion yuan.", "number", "1.9 billion"),
        ("Lynas sold dysprosium in 2022.", "number", "2022"),
        ("In April 2023 Lynas sold dysprosium.", "date", "April 2023"),
        ("On 15 March 2023 Lynas sold dysprosium.", "date", "15 March 2023"),
        ("Sales of dysprosium at Iluka grew.", "name", "Iluka"),
        ("Iluka sold 1,200 tonnes of dysprosium.", "name", "Iluka"),
        ("Lynas ran three lines.", "number", "three"),
        ("Lynas sold Tb oxide.", "name", "Tb"),
        ("Lynas causes cancer among neighbours.", "words", "causes cancer among neighbours"),
        ("À Lynas les ventes ont nettement progressé.", "name", "À"),
        ("Lynas a vendu nettement plus de dysprosium.", "words", "vendu nettement plus de"),
    ],
)
def test_what_comes_from_elsewhere_is_not(statement: str, reason: str, detail: str) -> None:
    lack = lacking(statement, StatementEvidence(EVIDENCE), GLOSSARY)
    assert lack is not None
    assert (lack.reason, lack.detail) == (reason, detail)


def test_a_share_may_stand_bare_in_a_column_of_shares() -> None:
    row = "China | 69 | 270,000"
    assert lacking("China has 69%.", StatementEvidence(row, percent=True), GLOSSARY) is None
    assert lacking("China has 69%.", StatementEvidence(row), GLOSSARY) is not None


def test_a_statement_must_be_about_what_its_quote_says() -> None:
    quote = "Two lines at Kalgoorlie ran all year."
    assert speaks_of("Kalgoorlie ran two lines.", quote, GLOSSARY)
    assert not speaks_of("Revenue of dysprosium oxide was 1.9 million yuan.", quote, GLOSSARY)
