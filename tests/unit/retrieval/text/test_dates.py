import pytest

from retrieval.loading.registry import load_document
from retrieval.text.dates import date_in_name, parse_date, stated_date


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
        ("Rare earth market 2024", None),
        ("Declared 2024 and marked 2023", None),
        ("memo of 31.05.2024", "2024-05-31"),
        ("25/05/2024", "2024-05-25"),
        ("05/25/2024", "2024-05-25"),
        ("03/05/2024", None),
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
        ("Lurvik_2023_10K.txt", None),
        ("NIKE_2021_10-K.txt", None),
        ("20240531_memo.pdf", "2024-05-31"),
        ("memo_31.05.2024.docx", "2024-05-31"),
        ("memo 3 May 2024.txt", "2024-05-03"),
        ("market 2024.pdf", None),
        ("plan-2096-01.txt", None),
    ],
)
def test_a_file_name_may_hold_a_month(name: str, expected: str | None) -> None:
    assert date_in_name(name) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Date: 31.05.2024", "2024-05-31"),
        ("Datum: 3. Mai 2024", "2024-05-03"),
        ("Stand: Februar 2024", "2024-02"),
        ("Publié le 12 février 2024", "2024-02-12"),
        ("Fecha: 3 de marzo de 2023", "2023-03-03"),
        ("12 марта 2024", "2024-03-12"),
        ("发布日期：2024年3月5日", "2024-03-05"),
        ("Oslo, 25 April 2023", "2023-04-25"),
        ("Published: 2024", "2024"),
        # The year is sure, the month is not.
        ("Date: 03/05/2024", "2024"),
        ("Rare earth market 2024", None),
        ("Valid until 31 December 2021", None),
        ("Expires: 31 December 2021", None),
        ("Deadline 3 May 2024", None),
        ("Gültig bis 3. Mai 2024", None),
        ("Please reply by 3 May 2024", None),
        ("Re: meeting of 3 May 2021", None),
        ("Permit granted: 3 May 2021", None),
        ("For the year ended December 31, 2023", None),
        ("Production in March 2024", None),
        ("1 May 2023 to 3 June 2023", None),
        ("June 2096", None),
        ("Published: 3 May 2096", None),
    ],
)
def test_only_a_day_of_publication_dates_a_document(line: str, expected: str | None) -> None:
    assert stated_date(["A title", line, "Text."]) == expected


def test_a_labelled_date_wins_over_one_in_the_subject() -> None:
    assert stated_date(["Memo", "Re: meeting of 3 May 2021", "Date: 31.05.2024"]) == "2024-05-31"


def test_a_date_in_a_cell_of_a_table_dates_nothing() -> None:
    text = "Permits\n\nSite | Permit | Date\nLeka | dust and water | 3 May 2021\nBodin | noise | 4 May 2021\n"
    document = load_document(text.encode(), "permits.txt")
    assert (document.date, document.dated_by) == (None, "")


def test_a_document_says_where_its_date_was_found() -> None:
    assert load_document(b"Memo\n\nDate: 3 May 2024\n\nText.", "a.txt").dated_by == "first lines"
    assert load_document(b"Memo of the board.", "a-2024-05.txt").dated_by == "file name"
    front = b"---\ndate: 2024-05-03\n---\nMemo of the board."
    assert load_document(front, "a.md").dated_by == "front matter"
