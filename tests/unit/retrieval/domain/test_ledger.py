"""What is known of how much of a document was read, and what is told of it."""

import json

import pytest

from retrieval.domain.documents import Block, BlockKind, Document, cleaned
from retrieval.domain.ledger import Ledger, describe, ledger_from, ledger_of
from retrieval.domain.losses import Loss, grouped
from retrieval.domain.places import Place


def document_of(*blocks: tuple[BlockKind, str], losses: tuple[Loss, ...] = ()) -> Document:
    text, made = "", []
    for kind, words in blocks:
        made.append(Block(kind, len(text), len(text) + len(words), place=Place(page=len(made) + 1)))
        text += words + "\n"
    return Document("a.pdf", "pdf", text, "A", None, tuple(made), losses=losses)


def test_words_pages_and_rows_are_counted_and_furniture_is_noted() -> None:
    found = ledger_of(
        document_of(
            (BlockKind.HEADING, "Mines of the north"), (BlockKind.TABLE_ROW, "Oslo — Tonnes: 5"),
            (BlockKind.BOILERPLATE, "Page 3 of 9"), losses=(Loss("hidden row", "it is hidden", 2, 30),),
        )
    )  # fmt: skip
    assert (found.words, found.pages, found.rows, found.missing) == (8, 2, 1, 30)
    assert [(one.what, one.count, one.words) for one in found.losses] == [
        ("hidden row", 2, 30), ("page furniture", 1, 4),
    ]  # fmt: skip
    assert ledger_from(json.loads(json.dumps(found.as_json()))) == found


@pytest.mark.parametrize(
    ("losses", "told"),
    [
        ((), ""),
        ((Loss("hidden sheet", "it is hidden", 2, 19),), ""),
        (
            (Loss("hidden sheet", "it is hidden", 2, 1000, "Costs, Plan"),),
            "50% of its words were left out: hidden sheet × 2, 1,000 words (Costs, Plan): it is hidden",
        ),
        (
            (Loss("page without text", "OCR is off", 7, where="pages 3 to 9 of 12"),),
            "left out: page without text × 7 (pages 3 to 9 of 12): OCR is off",
        ),
        # What every page repeats is missed by nobody, and most documents hold a picture.
        ((Loss("page header", "stands on every page", 90, 900),), ""),
        ((Loss("image", "pictures are not read", 4),), ""),
        ((Loss("boilerplate", "navigation of the site", 1, 4000),), ""),
        ((Loss("hidden slide", "read, though it is hidden in the show", 1, 0, "slide 4"),), ""),
        ((Loss("form", "no part of the page's own text", 3, 700),), ""),
        ((Loss("table of contents", "its headings stand in the text", 1, 300),), ""),
        (
            (Loss("chart", "keeps no values", 1, 0, "slide 4"),),
            "left out: chart (slide 4): keeps no values",
        ),
    ],
)
def test_more_than_a_little_is_told(losses: tuple[Loss, ...], told: str) -> None:
    assert Ledger(1000, losses=losses).told == told


def test_a_document_that_was_indexed_before_there_were_ledgers_tells_nothing() -> None:
    assert ledger_from({}).told == ""


def test_losses_of_a_kind_are_one_and_there_are_not_too_many() -> None:
    many = [Loss("hidden row", "it is hidden", 1, 2, f"row {n}") for n in range(100_000)]
    (one,) = grouped(many)
    assert (one.count, one.words, len(one.where)) == (100_000, 200_000, 200)
    kinds = grouped(Loss(f"kind {n}", "of its own") for n in range(100_000))
    assert len(kinds) == 51
    assert sum(kind.count for kind in kinds) == 100_000


def test_what_a_loader_says_of_losses_places_and_headers_is_clean() -> None:
    dirty = "a\x00b\ud800\x1b[31m\nc"
    block = Block(BlockKind.TABLE_ROW, 0, 2, header=dirty, place=Place(sheet=dirty, row=dirty))
    document = Document(
        "a.xlsx", "xlsx", "ok", "A", None, (block,), losses=(Loss(dirty, dirty, -3, -1, dirty),)
    )
    found = cleaned(document)
    (loss,), (clean,) = found.losses, found.blocks
    for text in (loss.what, loss.why, loss.where, clean.place.sheet, clean.place.row):
        assert text == "a b\ufffd [31m c"
        text.encode()
    assert "\x00" not in clean.header
    assert (loss.count, loss.words) == (1, 0)
    assert describe(loss).isprintable()
