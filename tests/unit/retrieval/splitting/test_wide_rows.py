"""Table rows that do not fit the model are cut between cells, and keep label and header."""

from collections.abc import Sequence

import pytest

from retrieval.domain.documents import BlockKind, Document
from retrieval.domain.passages import Passage, in_context
from retrieval.domain.places import Place
from retrieval.domain.table_data import Cell, Column, Row, Table
from retrieval.loading.text_builder import TextBuilder
from retrieval.splitting.splitter import Splitter
from retrieval.splitting.wide_rows import cell_starts, without_names
from tests.unit.retrieval.splitting.test_splitter import Words


class Pieces(Words):
    """Counts about as the model does, of which a word piece is some three characters of a table."""

    max_tokens = 256

    def count(self, texts: Sequence[str]) -> list[int]:
        return [len(text) // 3 for text in texts]


def document_of(table: Table) -> Document:
    builder = TextBuilder()
    builder.add_data(table, Place(sheet="Assays"))
    return Document("assays.xlsx", "xlsx", builder.text(), "Assays", None, builder.blocks())


def assays(rows: int, columns: int, cell: str = "{row}.{column} ppm") -> Table:
    names = tuple(
        Column((f"Element {number} in the sample of the core",)) for number in range(columns)
    )
    return Table(
        names,
        tuple(
            Row(
                (f"Hole {row}",),
                tuple(Cell(cell.format(row=row, column=number)) for number in range(columns)),
            )
            for row in range(rows)
        ),
        caption="Drill cores", label_name="Hole",
    )  # fmt: skip


def cells_of(passages: list[Passage]) -> list[str]:
    return [
        passage.text[one.start - passage.start : one.end - passage.start]
        for passage in passages
        for one in passage.sentences
    ]


@pytest.mark.parametrize(
    "cell", ["{row}.{column}", "about {row}; at most {column}", "12; W: {row}"]
)
def test_a_wide_row_is_cut_between_its_cells_alone(cell: str) -> None:
    document = document_of(assays(2, 61, cell))
    passages = Splitter(Words(), 100).split(document)
    parts = cells_of(passages)
    assert len(parts) > 2
    for part in parts:
        assert part.startswith(("Hole ", "Element "))
        assert not part.rstrip().endswith(("about", "core", ";"))
    cells = [name for part in parts for name in part.split("Element ")[1:]]
    assert len(cells) == 2 * 61


def test_every_part_of_a_wide_row_keeps_its_label() -> None:
    for passage in Splitter(Words(), 100).split(document_of(assays(2, 200))):
        label = passage.sentences[0].place.row
        assert label
        assert label in in_context(passage.context, passage.text)
        assert "Assays" in passage.context


def test_a_label_is_kept_under_headings_without_end() -> None:
    builder = TextBuilder()
    for level in range(1, 6):
        builder.add(BlockKind.HEADING, "A heading of many words " * 8, level=level)
    builder.add_data(assays(1, 200))
    document = Document("a.xlsx", "xlsx", builder.text(), "A title", None, builder.blocks())
    passages = Splitter(Words(), 100).split(document)
    assert len(passages) > 2
    assert all("Hole 0" in in_context(one.context, one.text) for one in passages)


def test_a_row_without_a_label_of_its_own_is_known_by_its_first_cell() -> None:
    builder = TextBuilder()
    header = " | ".join(["Hole", *(f"Measured value {number}" for number in range(99))])
    row = "; ".join(["Hole: Nissedal west", *(f"Measured value {n}: {n}00" for n in range(99))])
    builder.add(BlockKind.TABLE_ROW, row, header=header)
    document = Document("a.csv", "csv", builder.text(), "A", None, builder.blocks())
    passages = Splitter(Words(), 100).split(document)
    assert len(passages) > 1
    assert all("Nissedal west" in in_context(one.context, one.text) for one in passages)


def test_rows_share_passages_where_they_fit_even_when_each_is_wide() -> None:
    rows = 640
    builder = TextBuilder()
    columns = tuple(Column((f"Element {number} (ppm)",)) for number in range(28))
    cells = [tuple(Cell(f"{row}.{number}") for number in range(28)) for row in range(rows)]
    table = Table(columns, tuple(Row((f"Hole {n}",), cells[n]) for n in range(rows)))
    builder.add_data(table)
    document = Document("a.csv", "csv", builder.text(), "A", None, builder.blocks())
    passages = Splitter(Pieces(), 190).split(document)
    assert len(passages) < rows / 2
    assert "".join(part.split(" — ")[0] for part in cells_of(passages)).count("Hole ") == rows


def test_what_is_embedded_of_wide_rows_fits_the_model_and_tells_each_value() -> None:
    counter = Words()
    for passage in Splitter(counter, 100).split(document_of(assays(20, 60))):
        read = in_context(passage.context, passage.brief or passage.text)
        assert counter.count([read])[0] + counter.special_tokens <= counter.max_tokens
        values = [part.rpartition(": ")[2] for part in passage.text.split("; ")]
        assert all(value in passage.brief for value in values)
        for one in passage.sentences:
            words = passage.text[one.start - passage.start : one.end - passage.start]
            assert counter.count([words])[0] < counter.max_tokens


def test_a_narrow_table_is_embedded_as_it_stands() -> None:
    passages = Splitter(Words(), 100).split(document_of(assays(5, 2)))
    assert {passage.brief for passage in passages} == {""}


def test_names_of_columns_with_colons_are_names_and_other_words_are_not() -> None:
    header = "Yield: dry | Yield: wet | Note"
    row = "Oslo — Yield: dry: 5; Yield: wet: 6; Note: see: below; Yield: none"
    assert without_names(row, header) == "Oslo — Yield: dry: 5; 6; see: below; Yield: none"


def test_the_cells_of_a_row_are_found_in_time_that_grows_with_it() -> None:
    header = " | ".join(f"c{number}" for number in range(100_000))
    row = "; ".join(f"c{number}: {number}" for number in range(100_000))
    assert len(cell_starts(row, header)) == 99_999
    assert len(without_names(row, header)) < len(row)
