import time

import pytest

from retrieval.domain.documents import BlockKind, Document
from retrieval.loading.registry import load_document


def load(source: str, name: str = "a.csv") -> Document:
    return load_document(source.encode(), name)


def rows(document: Document) -> list[str]:
    kind = BlockKind.TABLE_ROW
    return [document.text[b.start : b.end] for b in document.blocks if b.kind is kind]


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("Mine,Grade,Note\nMyrdal,3.4,open\nLeka,5.1,\n", "a.csv"),
        ("Mine;Grade;Note\nMyrdal;3.4;open\nLeka;5.1;\n", "a.csv"),
        ("Mine\tGrade\tNote\nMyrdal\t3.4\topen\nLeka\t5.1\t\n", "a.csv"),
        ("Mine|Grade|Note\nMyrdal|3.4|open\nLeka|5.1|\n", "a.csv"),
        ("Mine\tGrade\tNote\r\nMyrdal\t3.4\topen\r\nLeka\t5.1\t\r\n", "a.tsv"),
        ("Mine;Grade;Note\rMyrdal;3.4;open\rLeka;5.1;\r", "a.tsv"),
        ("sep=;\nMine;Grade;Note\nMyrdal;3.4;open\nLeka;5.1;\n", "a.csv"),
    ],
)
def test_the_sign_between_cells_is_told(source: str, name: str) -> None:
    assert rows(load(source, name)) == ["Myrdal — Grade: 3.4; Note: open", "Leka — Grade: 5.1"]


def test_a_decimal_comma_stays_in_its_number() -> None:
    source = "Mine;2022;2023\nMyrdal;3,4;5,6\nLeka;5,1;7,8\n"
    assert rows(load(source))[1] == "Leka — 2022: 5,1; 2023: 7,8"


def test_each_of_several_tables_has_its_own_headings() -> None:
    document = load("Ledger of the plant\n\nMine,Grade\nMyrdal,3.4\n\nMine,Output\nMyrdal,500\n")
    assert rows(document) == ["Myrdal — Grade: 3.4", "Myrdal — Output: 500"]
    first = next(b for b in document.blocks if b.kind is BlockKind.TABLE_ROW)
    assert first.header == "Ledger of the plant Mine | Grade"
    assert [b.place.first_line for b in document.blocks] == [1, 4, 7]


def test_rows_below_a_blank_line_keep_the_headings_above() -> None:
    document = load("Mine,2022,2023\nMyrdal,1,2\n\nLeka,3,4\n")
    assert rows(document)[1] == "Leka — 2022: 3; 2023: 4"


def test_captions_units_and_notes_stay() -> None:
    document = load(
        "Table 2: Output (tonnes),,\nMine,2022,2023\nMyrdal,1,2\nSource: the ledger,,\n"
    )
    assert rows(document) == ["Myrdal — 2022: 1 tonnes; 2023: 2 tonnes"]
    assert document.text.startswith("Table 2: Output (tonnes)")
    assert document.text.endswith("Source: the ledger")


def test_rows_of_words_are_no_second_headings() -> None:
    document = load("Mine,Note,Output\nMyrdal,closed,\nLeka,open,500\n")
    assert rows(document) == ["Myrdal — Note: closed", "Leka — Note: open; Output: 500"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('Pit,Note\nA,"never closed\nB,one\nC,two\n', ["B — Note: one", "C — Note: two"]),
        ('Pit,Note\nA,"never closed\nB,one\nC,5"\nD,"so, it"\n', ["B — Note: one", "D — Note: so, it"]),
        ('A,B,C\nx,"open,2\ny,1,5"\nz,"real, one",3\n', ["z — B: real, one; C: 3"]),
        ('Pit,Note,n\nA,5" pipe,1\nB,6" pipe,2\n', ['A — Note: 5" pipe; n: 1', 'B — Note: 6" pipe; n: 2']),
        ('Pit,Note\nA,"two\nlines, of it"\nB,x\n', ["A — Note: two lines, of it", "B — Note: x"]),
        ('Pit,Note\nA,"he said ""so"", it"\n', ['A — Note: he said "so", it']),
    ],
)  # fmt: skip
def test_a_quote_that_is_never_closed_ends_with_its_line(source: str, expected: list[str]) -> None:
    found = rows(load(source))
    assert [row for row in expected if row not in found] == []


def test_quotes_left_open_are_told() -> None:
    (loss,) = load('Pit,Note\nA,"never closed\nB,one\nC,two\n').losses
    assert (loss.what, loss.where) == ("quotes that are never closed", "lines 2")


def test_a_row_of_several_lines_knows_them() -> None:
    document = load('Pit,Note\nA,"two\nlines, of it"\nB,x\n')
    places = [(b.place.first_line, b.place.last_line, b.place.row) for b in document.blocks]
    assert places == [(2, 3, "A"), (4, 4, "B")]


def test_hostile_quotes_take_linear_time() -> None:
    def seconds(count: int) -> float:
        source = "a,b\n" + 'x,"open\n' * count
        began = time.process_time()
        load(source)
        return time.process_time() - began

    seconds(100)
    assert seconds(8_000) < 10 * max(seconds(2_000), 0.05)
