import pytest

from retrieval.text.periods import periods_in, spell_periods


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("What did it cost in May 2025?", ("May 2025", "2025-05")),
        ("the Sept. 2024 note", ("September 2024", "2024-09")),
        ("output in Q1 2023", ("first quarter of 2023", "Q1 2023")),
        ("the third quarter of 2024", ("third quarter of 2024", "Q3 2024")),
        ("H2 2024 and after", ("second half of 2024", "H2 2024")),
    ],
)
def test_a_period_is_known_by_all_its_names(text: str, names: tuple[str, ...]) -> None:
    (period,) = periods_in(text)
    assert period.names == names


@pytest.mark.parametrize("text", ["May it rain?", "in 2024", "Q5 2023", "a marching 2024"])
def test_what_names_no_month_or_quarter_of_a_year_is_no_period(text: str) -> None:
    assert periods_in(text) == []


def test_a_short_name_is_spelled_out_for_the_model() -> None:
    assert spell_periods("Output in Q1 2023?") == "Output in Q1 2023 (first quarter of 2023)?"
