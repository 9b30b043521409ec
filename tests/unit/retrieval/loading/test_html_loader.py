import pytest

from retrieval.domain.documents import BlockKind, Document
from retrieval.loading.registry import load_document


def load(source: str | bytes, name: str = "a.html") -> Document:
    return load_document(source.encode() if isinstance(source, str) else source, name)


def blocks(document: Document) -> list[tuple[str, str]]:
    return [(b.kind.value, document.text[b.start : b.end]) for b in document.blocks]


def rows(document: Document) -> list[str]:
    return [text for kind, text in blocks(document) if kind == "table_row"]


@pytest.mark.parametrize(
    ("charset", "encoding", "words"),
    [
        ("windows-1250", "cp1250", "Złoża metali: średnia zawartość tlenków"),
        ("windows-1254", "cp1254", "Beylikova sahasında üretim başladı"),
        ("gb2312", "gb18030", "氧化镨钕价格为每吨35.2万元"),
        ("iso-8859-2", "iso8859-2", "Złoża metali ziem rzadkich"),
        ("shift_jis", "cp932", "レアアース"),
        ("koi8-r", "koi8-r", "Цена оксида"),
    ],
)
def test_the_declared_charset_is_believed(charset: str, encoding: str, words: str) -> None:
    filler = '<script src="/static/js/jquery.min.js"></script>' * 30
    page = (
        f'<html><head>{filler}<meta charset="{charset}"></head><body><p>{words}</p></body></html>'
    )
    assert blocks(load(page.encode(encoding))) == [("paragraph", words)]


def test_a_page_that_is_utf8_is_read_as_that_whatever_it_declares() -> None:
    page = '<meta charset="iso-8859-1"><p>Lagerstätte größere Złoża</p>'
    assert blocks(load(page)) == [("paragraph", "Lagerstätte größere Złoża")]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("The price is 71 dollars.<br>It holds.", ["The price is 71 dollars. It holds."]),
        (
            "<div>Hello,</div>The price is 72.<span> It holds.</span><div>Rut</div>",
            ["Hello,", "The price is 72. It holds.", "Rut"],
        ),
        ("<span>One</span> two<br><br>three", ["One two", "three"]),
        ("<center><font>Old <b>page</b></font></center>text", ["Old page", "text"]),
        ("<blockquote>Quoted<p>inner</p>tail</blockquote>", ["Quoted", "inner", "tail"]),
    ],
)
def test_text_outside_of_paragraphs_is_read(body: str, expected: list[str]) -> None:
    assert [text for _, text in blocks(load(f"<html><body>{body}</body></html>"))] == expected


def test_nested_lists_are_neither_glued_nor_doubled() -> None:
    page = "<ul><li>Crushing<ul><li>Primary</li><li><p>Second</p><ol><li>Deep</li></ol></li></ul></li><li>Flotation</li></ul>"
    assert blocks(load(page)) == [
        ("list_item", words) for words in ("Crushing", "Primary", "Second", "Deep", "Flotation")
    ]


def test_spans_of_a_table_give_each_cell_its_headings() -> None:
    page = (
        "<table><caption>Table 1: Output (tonnes)</caption><thead><tr><th rowspan=2>Country</th>"
        "<th colspan=2>Mine production</th></tr><tr><th>2022</th><th>2023</th></tr></thead>"
        "<tr><td>China</td><td>210,000</td><td>240,000<sup>2</sup></td></tr>"
        "<tr><td>Vietnam</td><td></td><td>300</td></tr>"
        "<tr><td colspan=3>2 Estimated.</td></tr></table>"
    )
    document = load(page)
    assert rows(document) == [
        "China — Mine production › 2022: 210,000 tonnes; Mine production › 2023: 240,000 tonnes (note 2)",
        "Vietnam — Mine production › 2023: 300 tonnes",
    ]
    texts = [text for _, text in blocks(document)]
    assert texts[0] == "Table 1: Output (tonnes)"
    assert texts[-1] == "Note 2: Estimated."


def test_a_group_that_spans_rows_labels_each_of_them() -> None:
    page = (
        "<table><tr><th>Site</th><th>Ore</th><th>Grade</th></tr>"
        "<tr><th rowspan=2>Leka</th><th>Nd</th><td>3</td></tr><tr><th>Pr</th><td>1</td></tr>"
        "<tr><th>Bodin</th><th>Nd</th><td>5</td></tr></table>"
    )
    assert rows(load(page)) == [
        "Leka › Nd — Grade: 3", "Leka › Pr — Grade: 1", "Bodin › Nd — Grade: 5",
    ]  # fmt: skip


def test_a_table_that_only_lays_out_the_page_is_text() -> None:
    page = "<table><tr><td><p>First text of it.</p><p>Second text.</p></td><td><p>Third text.</p><p>Last.</p></td></tr></table>"
    assert {kind for kind, _ in blocks(load(page))} == {"paragraph"}


def test_raised_marks_stay_apart_from_numbers() -> None:
    page = "<p>It made 12,300<sup>1</sup> t on 5 m<sup>2</sup> in 10<sup>6</sup> days, the 3<sup>rd</sup> time<sup>[4]</sup>.</p>"
    text = load(page).text
    assert "12,3001" not in text
    assert text == "It made 12,300¹ t on 5 m² in 10⁶ days, the 3rd time[4]."


def test_what_is_left_out_of_a_page_is_counted() -> None:
    page = (
        "<body><nav><a href=1>Home</a> <a href=2>Prices</a></nav><main><h1>The kiln of Bykle</h1>"
        "<p>The kiln was rebuilt in 2019 and runs on gas, as the county asked for it then.</p>"
        "<p style='display:none'>Secret words</p><p>Share this article</p>"
        "<p>You might also like</p><ul><li><a href=3>Copper hits a record</a></li></ul>"
        "<p>It stands in the east.</p></main><footer>Copyright 2024 Metals</footer></body>"
    )
    document = load(page)
    told = {loss.what: (loss.count, loss.words) for loss in document.losses}
    assert told == {
        "navigation": (1, 2),
        "hidden text": (1, 2),
        "notices and links of the page": (2, 7),
        "teasers of other pages": (1, 4),
        "footer of the page": (1, 3),
    }
    assert document.text.endswith("It stands in the east.")


def test_a_form_around_the_whole_page_is_the_page() -> None:
    page = "<body><form><h1>Lots</h1><p>The lot of May holds 40 tonnes of oxide.</p></form></body>"
    assert "40 tonnes" in load(page).text


def test_each_block_knows_the_lines_of_the_file() -> None:
    page = (
        "<!doctype html>\n<html><body>\n<!-- a\ncomment -->\n<h1>Prices</h1>\n<p>One\ntwo\nthree.</p>\n"
        "loose\n<table>\n<tr><th>Item</th><th>Price</th></tr>\n<tr><td>Nd</td>\n<td>70</td></tr>\n</table>\n"
    )
    lines = page.splitlines()
    for block in load(page).blocks:
        first, last = block.place.first_line, block.place.last_line
        assert first
        assert last
        stood = " ".join(lines[first - 1 : last])
        for word in load(page).text[block.start : block.end].replace("—", "").split():
            assert word.strip(":") in stood or block.kind is BlockKind.TABLE_ROW
        if block.kind is BlockKind.TABLE_ROW:
            assert (first, last) == (12, 13)


@pytest.mark.parametrize(
    ("head", "body", "date"),
    [
        ('<meta property="article:published_time" content="2024-04-11T09:00:00Z">', "", "2024-04-11"),
        ('<meta name="dcterms.issued" content="2024-04">', "", "2024-04"),
        ("", '<time itemprop="datePublished" datetime="2024-03-05">5 March</time>', "2024-03-05"),
        (
            '<script type="application/ld+json">{"@context":"https://schema.org","@type":"NewsArticle","datePublished":"2023-11-02"}</script>',
            "", "2023-11-02",
        ),
        ("", "<p>Valid until 31 December 2031</p>", None),
        ('<meta name="date" content="2096-01-01">', "", None),
        ("", "<table><tr><th>Site</th><th>Date</th></tr><tr><td>Leka</td><td>3 May 2021</td></tr></table>", None),
        ("", "<p>In 2024年3月，价格上涨了。</p>", None),
    ],
)  # fmt: skip
def test_a_page_is_dated_by_its_publication(head: str, body: str, date: str | None) -> None:
    page = f"<html><head>{head}</head><body><p>The kiln runs on gas.</p>{body}</body></html>"
    assert load(page).date == date


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        ("<title>Kiln | Bykle</title>", "<h1>The kiln</h1>", "The kiln"),
        ("<title>Untitled Document</title>", "<h1>FOR IMMEDIATE RELEASE</h1>", "Kiln notes"),
        ("<title>Prices of May</title>", "<h1>Prepared by Rut</h1>", "Prices of May"),
    ],
)
def test_a_page_has_the_title_that_a_librarian_gives_it(head: str, body: str, title: str) -> None:
    page = f"<html><head>{head}</head><body>{body}<p>It runs on gas.</p></body></html>"
    assert load(page, "kiln_notes.html").title == title
