import re

import pytest

from retrieval.domain.documents import BlockKind, Document
from retrieval.loading.registry import load_document


def load(text: str, name: str = "a.txt") -> Document:
    return load_document(text.encode(), name)


def rows(document: Document) -> list[str]:
    kind = BlockKind.TABLE_ROW
    return [document.text[b.start : b.end] for b in document.blocks if b.kind is kind]


def check_lines(document: Document, source: str) -> None:
    lines = source.splitlines()
    for block in document.blocks:
        first, last = block.place.first_line, block.place.last_line
        assert first
        assert last
        if block.kind is not BlockKind.TABLE_ROW:
            quoted = document.text[block.start : block.end]
            assert quoted in "\n".join(lines[first - 1 : last])


SPACED = """\
Table 1: Mine production (tonnes)

Country        2022     2023
-------        ----     ----
China         210000   240000
Vietnam                   300
Others:
Burma          12000    38000

Next meeting Tuesday
"""


def test_a_table_set_with_spaces_is_data_with_empty_cells_in_their_columns() -> None:
    document = load(SPACED)
    assert rows(document) == [
        "China — 2022: 210000 tonnes; 2023: 240000 tonnes",
        "Vietnam — 2023: 300 tonnes",
        "Others",
        "Others › Burma — 2022: 12000 tonnes; 2023: 38000 tonnes",
    ]
    row = next(block for block in document.blocks if block.place.row == "Vietnam")
    assert (row.place.first_line, row.place.last_line) == (6, 6)
    assert "Table 1: Mine production" in row.header
    assert document.text.endswith("Next meeting Tuesday\n")
    check_lines(document, SPACED)


@pytest.mark.parametrize("gap", ["\t", " | ", "    "])
def test_a_table_set_with_tabs_or_bars_is_data(gap: str) -> None:
    lines = [("Item", "March", "April"), ("Nd", "70", "71"), ("Pr", "60", "61")]
    source = "Prices of the month\n\n" + "\n".join(
        gap.join(cell.ljust(6) for cell in line).rstrip() for line in lines
    )
    assert rows(load(source)) == ["Nd — March: 70; April: 71", "Pr — March: 60; April: 61"]


@pytest.mark.parametrize(
    "source",
    [
        "Buyer:    Brava Motors\nPrice:    40 dollars\nTerm:     50 months\n",
        "The mill ran.  It was hot.  It rained.\nThe kiln stood.  It was cold.  It snowed.\n",
        "Left  over  text  set  in  full\nwith wide  spaces  between the  words\nof every line  that it has\n",
    ],
)
def test_what_only_looks_like_columns_stays_as_it_stands(source: str) -> None:
    document = load(source)
    assert document.text == source
    check_lines(document, source)


def test_fields_stay_items_of_a_list() -> None:
    document = load("Buyer:    Brava Motors\nPrice:    40 dollars\nTerm:     50 months\n")
    assert {block.kind for block in document.blocks} == {BlockKind.LIST_ITEM}


def test_lines_are_counted_from_the_top_of_the_file() -> None:
    source = "---\ntitle: A mine\n---\nThe mine is old.\n\nIt has a mill.\n\na | b\n1 | 2\n"
    document = load(source)
    assert [b.place.first_line for b in document.blocks] == [4, 6, 9]
    check_lines(document, source)


def test_every_word_of_a_text_is_in_a_block() -> None:
    source = SPACED + "\f450\n10 min\n\x0bDaniel\n\nTags: a, b\n500 shares\n"
    document = load(source)
    taken = " ".join(document.text[b.start : b.end] for b in document.blocks)
    taken += " ".join(b.header for b in document.blocks)
    assert set(re.findall(r"\w+", source)) <= set(re.findall(r"\w+", taken))


def test_5000_lines_of_a_table_are_read_in_linear_time() -> None:
    import time

    def seconds(count: int) -> float:
        source = "Item   A   B\n" + "".join(f"row{n:05}   {n:6}   {n:6}\n" for n in range(count))
        began = time.process_time()
        assert len(rows(load(source))) == count
        return time.process_time() - began

    seconds(100)
    assert seconds(8_000) < 10 * max(seconds(2_000), 0.05)


@pytest.mark.parametrize(
    ("opening", "title"),
    [
        ("FOR IMMEDIATE RELEASE\n\nLista Metals reports its year", "Lista Metals reports its year"),
        ("Prepared by Rut Bell of Lista\n\nThe kiln of Bykle mine", "The kiln of Bykle mine"),
        ("0001193125-23-123456\n\nAnnual report of Lista Metals", "Annual report of Lista Metals"),
        ("3 May 2024\n\nAnnual report of Lista Metals", "Annual report of Lista Metals"),
        ("CONFIDENTIAL\n\nUntitled\n\nPlan of the new mill", "Plan of the new mill"),
        ("Press Release\n\nWritten by Rut", "Kiln notes"),
    ],
)
def test_what_names_nothing_is_no_title(opening: str, title: str) -> None:
    source = f"{opening}\n\nThe kiln at Bykle was rebuilt in 2019, and it runs on gas today.\n"
    assert load(source, "kiln_notes.txt").title == title
