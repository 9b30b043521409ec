from retrieval.domain.documents import BlockKind
from retrieval.domain.places import Place
from retrieval.domain.table_data import Cell, Column, Row, Table
from retrieval.loading.text_builder import TextBuilder

PRODUCTION = Table(
    columns=(Column(("Mine production", "2023"), "tonnes"), Column(("Reserves",))),
    rows=(
        Row(("Vietnam",), (Cell("300", ("12",), "B4"), Cell("3,500,000", (), "C4")), page=2),
        Row(("Imports", "Metals", "Ferrocerium"), (Cell("—"), Cell(""))),
    ),
    caption="World Mine Production and Reserves",
    label_name="Country",
    notes={"12": "Reported in 2024."},
    legend={"—": "Zero"},
)


def built(table: Table, place: Place) -> TextBuilder:
    builder = TextBuilder()
    builder.add_data(table, place)
    return builder


def test_a_row_can_be_read_alone_with_its_columns_units_notes_and_legend() -> None:
    lines = built(PRODUCTION, Place()).text().split("\n")
    assert lines[0] == (
        "Vietnam — Mine production › 2023: 300 tonnes (note 12); Reserves: 3,500,000"
    )
    assert lines[1] == "Imports › Metals › Ferrocerium — Mine production › 2023: — (Zero)"
    assert "Note 12: Reported in 2024." in lines
    assert "— Zero" in lines


def test_a_row_knows_what_stands_above_it_and_where_a_person_finds_it() -> None:
    first, second, *_ = built(PRODUCTION, Place(sheet="Data")).blocks()
    assert first.kind is BlockKind.TABLE_ROW
    assert first.header == (
        "World Mine Production and Reserves Country | Mine production › 2023 | Reserves"
    )
    assert str(first.place) == "page 2, sheet Data, B4:C4, row Vietnam"
    assert str(second.place) == "sheet Data, row Imports › Metals › Ferrocerium"


def test_a_unit_is_said_once_and_only_of_numbers() -> None:
    table = Table(
        (Column(("Price, US$/kg",), "US$/kg"), Column(("Grade",), "%")),
        (
            Row(("NdPr oxide",), (Cell("57"), Cell("99.5%"))),
            Row(("Tb",), (Cell("n/a"), Cell("99"))),
        ),
    )
    assert built(table, Place()).text().split("\n") == [
        "NdPr oxide — Price, US$/kg: 57; Grade: 99.5%",
        "Tb — Price, US$/kg: n/a; Grade: 99 %",
    ]
