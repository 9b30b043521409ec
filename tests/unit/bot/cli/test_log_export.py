import csv
import json
from datetime import UTC, datetime

import pytest

from bot.cli.log_export import csv_headings, csv_line, eval_line, json_line
from bot.journal.entries import Entry
from bot.journal.search import JournalRecord, Verdict

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
CITED = (
    {"document": "a.txt", "quote": "Cerium polishes."},
    {"document": "a.txt", "quote": "It is soft."},
)


def verdict(*, helpful: bool) -> Verdict:
    return Verdict("r1", "U1", helpful, "", "", NOON)


def record(outcome: str, *verdicts: Verdict, **fields: object) -> JournalRecord:
    entry = Entry("r1", "and cerium?", "What is cerium?", outcome, answered_at=NOON, **fields)
    return JournalRecord(1, entry, verdicts)


def test_a_line_of_json_holds_every_field_and_the_verdicts() -> None:
    fields = json.loads(json_line(record("answered", verdict(helpful=False), citations=CITED)))
    assert fields["answered_at"] == "2026-11-24T12:00:00+00:00"
    assert fields["citations"] == list(CITED)
    assert fields["verdicts"][0]["helpful"] is False
    assert set(Entry.__slots__) < set(fields)


def test_a_line_of_csv_has_a_cell_for_each_heading() -> None:
    lines = [csv_headings(), csv_line(record("answered", verdict(helpful=True), citations=CITED))]
    (row,) = csv.DictReader(lines)
    assert (row["documents"], row["helpful"], row["unhelpful"]) == ("a.txt", "1", "0")


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t"])
def test_no_cell_is_a_formula(sign: str) -> None:
    (row,) = csv.DictReader([csv_headings(), csv_line(record("failed", note=f"{sign}1+1"))])
    assert row["note"] == f"'{sign}1+1"


def test_an_answer_becomes_a_case_with_its_documents_and_quotes() -> None:
    line = eval_line(record("answered", verdict(helpful=True), citations=CITED))
    assert json.loads(str(line)) == {
        "question": "What is cerium?", "documents": ["a.txt"],
        "answers": ["Cerium polishes.", "It is soft."], "answerable": True,
    }  # fmt: skip


def test_not_knowing_becomes_a_case_without_an_answer() -> None:
    line = eval_line(record("abstained", citations=CITED))
    assert json.loads(str(line)) == {"question": "What is cerium?", "answerable": False}


def test_what_is_not_known_to_be_right_becomes_no_case() -> None:
    assert eval_line(record("failed")) is None
    assert eval_line(record("answered", verdict(helpful=True), verdict(helpful=False))) is None
