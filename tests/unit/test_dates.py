import pytest

from retrieval.dates import date_in_name, parse_date, stated_date


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Published: 3 May 2024", "2024-05-03"),
        ("Date: 2024-03-15", "2024-03-15"),
        ("December 12, 2024", "2024-12-12"),
        ("March 2024", "2024-03"),
        ("2024年3月5日", "2024-03-05"),
        ("31 February 2024", "2024-02"),
        ("no date", None),
    ],
)
def test_dates_are_read_as_precisely_as_they_are_stated(text: str, expected: str | None) -> None:
    assert parse_date(text) == expected


def test_a_date_inside_a_sentence_is_not_the_date_of_the_document() -> None:
    assert stated_date(["The plant opened on 3 May 2019 with a ceremony."]) is None


def test_a_line_that_is_only_a_date_dates_the_document() -> None:
    assert stated_date(["A title", "7 May 2024", "Text."]) == "2024-05-07"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("notes/report-2024-12.txt", "2024-12"),
        ("a_2023-01-31.md", "2023-01-31"),
        ("x-2024.txt", None),
    ],
)
def test_a_file_name_may_hold_a_month(name: str, expected: str | None) -> None:
    assert date_in_name(name) == expected
