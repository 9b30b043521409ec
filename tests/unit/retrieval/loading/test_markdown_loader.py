import pytest

from retrieval.domain.documents import BlockKind, Document
from retrieval.loading.registry import load_document


def load(source: str) -> Document:
    return load_document(source.encode(), "a_note.md")


def blocks(document: Document) -> list[tuple[str, str]]:
    return [(b.kind.value, document.text[b.start : b.end]) for b in document.blocks]


def test_html_inside_of_markdown_is_read() -> None:
    source = (
        "# Hestnes plant\n\n<table><tr><th>Item</th><th>Price</th></tr><tr><td>Nd oxide</td>"
        "<td>71 dollars</td></tr></table>\n\n<details><summary>Permit</summary>\n"
        "The permit ends in June 2026.\n</details>\n\n<p>Loose\nwords</p>\n"
    )
    assert blocks(load(source)) == [
        ("heading", "Hestnes plant"),
        ("table_row", "Nd oxide — Price: 71 dollars"),
        ("paragraph", "Permit"),
        ("paragraph", "The permit ends in June 2026."),
        ("paragraph", "Loose words"),
    ]


def test_a_table_in_html_goes_on_over_blank_lines() -> None:
    source = "<table>\n\n<tr><th>A</th><th>B</th></tr>\n\n<tr><td>x</td><td>1</td></tr>\n\n</table>\n\nText.\n"
    document = load(source)
    assert blocks(document) == [("table_row", "x — B: 1"), ("paragraph", "Text.")]
    assert document.blocks[0].place.first_line == 5


def test_rows_of_a_table_are_data_with_breaks_and_marks() -> None:
    source = (
        "Table 1: Costs (tonnes)\n\n| Item | Base[^1] |\n| --- | --- |\n| Nd<br>oxide | 612[^2] |\n"
        "| Pr | 12,300<sup>1</sup> |\n\n[^1]: Estimated.\n[^2]: As told.\n"
    )
    document = load(source)
    assert [text for kind, text in blocks(document) if kind == "table_row"] == [
        "Nd oxide — Base: 612 tonnes (note 2)",
        "Pr — Base: 12,300 tonnes (note 1)",
    ]
    assert "Estimated." in document.text
    assert "As told." in document.text


def test_quotes_stand_at_their_lines_of_the_file() -> None:
    source = (
        "---\ntitle: A mine\n---\n\n# Ore\n\nThe *ore* is\nrich &\nold.\n\n- first item\n- second\n  goes on\n\n"
        "> A quote\n> of it\n\n```\nsome code\n```\n\n| a | b |\n|---|---|\n| x | 1 |\n"
    )
    document = load(source)
    lines = source.splitlines()
    for block in document.blocks:
        first, last = block.place.first_line, block.place.last_line
        assert first
        assert last
        stood = "\n".join(lines[first - 1 : last]).replace("*", "")
        words = document.text[block.start : block.end].replace("— b:", "").split()
        assert all(word in stood for word in words), (block, stood)
        if block.kind is BlockKind.PARAGRAPH and "old" in words:
            assert (first, last) == (7, 9)


@pytest.mark.parametrize(
    ("front", "title", "date"),
    [
        ("---\ntitle: Kiln: report of May\ndate: 2024-05-02\n---\n", "Kiln: report of May", "2024-05-02"),
        ("---\nauthor: Rut: Bell\ntitle: 50% off: a - b # c\n---\n", "50% off: a - b # c", None),
        ("---\ntitle: A kiln\ndate: 31.05.2024\n---\n", "A kiln", "2024-05-31"),
        ('+++\ntitle = "A kiln"\ndate = 2024-05-02\n+++\n', "A kiln", "2024-05-02"),
    ],
)  # fmt: skip
def test_front_matter_is_read_as_people_write_it(front: str, title: str, date: str | None) -> None:
    document = load(front + "\nThe kiln is down for repairs.\n")
    assert (document.title, document.date) == (title, date)
    assert blocks(document) == [("paragraph", "The kiln is down for repairs.")]
    assert document.losses == ()


@pytest.mark.parametrize(
    ("front", "what"),
    [
        ("---\ndate: 02/05/2024\ntitle: x\n---\n", "date in front matter"),
        ("---\ntitle: [broken\nfoo\n---\n", "front matter"),
        ("---\n- title: x\n---\n", "front matter"),
        ("+++\ntitle = broken\n+++\n", "front matter"),
    ],
)
def test_front_matter_that_is_not_understood_is_told_and_heads_nothing(
    front: str, what: str
) -> None:
    document = load(front + "\nThe kiln is down for repairs.\n")
    assert [loss.what for loss in document.losses] == [what] or what == "front matter"
    assert "heading" not in {kind for kind, _ in blocks(document)} or not document.losses


def test_a_rule_between_prose_is_no_front_matter() -> None:
    assert "Some prose here" in load("---\nSome prose here: a note\n---\nText.\n").text


@pytest.mark.parametrize("line", ["500 shares", "10 min", "Tags: a, b", "Home / Safety", "450"])
def test_no_line_is_left_out(line: str) -> None:
    assert ("paragraph", line) in blocks(load(f"# A mine\n\n{line}\n\nText of it.\n"))


def test_pictures_are_counted() -> None:
    (loss,) = load("Text ![a chart of prices](a.png) here.\n").losses
    assert (loss.what, loss.count, loss.words) == ("image", 1, 4)


@pytest.mark.parametrize("piece", ["</table>", "</div>", "<!-- a remark -->", "<br>"])
def test_a_piece_of_html_without_text_costs_nothing(piece: str) -> None:
    assert load(f"Text of it.\n\n{piece}\n\nMore text.\n").text == "Text of it.\n\nMore text."
