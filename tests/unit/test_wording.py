import pytest

from bot.wording import readable_date, readable_quote


@pytest.mark.parametrize(
    ("iso", "words"),
    [("2024", "2024"), ("2024-12", "December 2024"), ("2024-12-03", "3 December 2024")],
)
def test_dates_are_worded_as_precisely_as_they_are_known(iso: str, words: str) -> None:
    assert readable_date(iso) == words


def test_lines_of_prose_are_joined_and_items_of_a_list_are_not() -> None:
    assert readable_quote("Two\nthings:\n- one\n  more\n- two") == "Two things:\n- one more\n- two"
