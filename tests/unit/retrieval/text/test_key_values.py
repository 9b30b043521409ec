import pytest

from retrieval.domain.documents import BlockKind
from retrieval.loading.plain_structure import plain_blocks
from retrieval.loading.registry import load_document
from retrieval.text.key_values import Lead, is_field, is_known_field, leading_fields

CONTRACT = """SUMMARY OF A SUPPLY CONTRACT

Buyer: Ardennes Aciers
Seller: Halvorsen Rare Metals

Quantity: 600 tonnes a year.
Law: Belgium.

The parties meet each spring.
"""


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("Buyer: Ardennes Aciers", True),
        ("Date of the visit: 4 June 2025", True),
        ("设施：白云", True),
        ("https://example.org", False),
        ("In the end the board decided three things: it", False),
        ("Findings", False),
        ("Ends with a colon:", False),
    ],
)
def test_a_label_with_its_value_is_a_field(line: str, field: bool) -> None:
    assert is_field(line) is field


def test_fields_that_stand_together_are_text_and_no_headings() -> None:
    kinds = [block.kind for block in plain_blocks(CONTRACT)]
    assert kinds == [BlockKind.HEADING, *[BlockKind.LIST_ITEM] * 4, BlockKind.PARAGRAPH]


def test_one_alone_is_a_heading_unless_its_label_heads_no_section() -> None:
    assert is_known_field("Present: Yara Lindholm")
    for line, kind in (
        ("Part 2: Mining", BlockKind.HEADING),
        ("Present: Yara Lindholm", BlockKind.LIST_ITEM),
    ):
        text = f"{line}\n\nThe group decided to go on with the pilot for the whole year.\n"
        assert plain_blocks(text)[0].kind is kind


def test_what_opens_a_document_says_what_all_of_it_is_about() -> None:
    document = load_document(CONTRACT.encode(), "contract.txt")
    assert leading_fields(document).line == (
        "Buyer: Ardennes Aciers; Seller: Halvorsen Rare Metals; Quantity: 600 tonnes a year.; "
        "Law: Belgium."
    )
    late = load_document(b"First a sentence of its own.\n\nBuyer: A\nSeller: B\n", "late.txt")
    assert leading_fields(late) == Lead()
