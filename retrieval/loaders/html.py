"""HTML: trafilatura finds the article; navigation, scripts and boilerplate stay out."""

from typing import Any

from retrieval.dates import date_in_name, parse_date, stated_date
from retrieval.documents import BlockKind, Document
from retrieval.errors import LoadError
from retrieval.loaders.encoding import decode_text
from retrieval.loaders.titles import title_from_name
from retrieval.residue import is_residue
from retrieval.text_builder import TextBuilder

_DROPPED = (
    "script",
    "style",
    "noscript",
    "nav",
    "header",
    "footer",
    "aside",
    "form",
    "template",
    "svg",
    "iframe",
)
_DATE_META = (
    "article:published_time",
    "datepublished",
    "date",
    "dc.date",
    "dcterms.date",
    "dcterms.issued",
    "citation_publication_date",
    "pubdate",
    "publish-date",
)


def load(data: bytes, name: str) -> Document:
    """Loads an `.html` file: headings, paragraphs, lists and tables of the article."""
    source = decode_text(data)
    tree = _parse(source)
    builder = TextBuilder()
    for element in _article(source, tree):
        _add(builder, element)
    text = builder.text()
    date = _date(tree) or stated_date(text.splitlines()) or date_in_name(name)
    return Document(
        name, "html", text, _title(tree) or title_from_name(name), date, builder.blocks()
    )


def _parse(source: str) -> Any:
    from lxml import html

    if "<" not in source:
        raise LoadError("is not HTML; give it the ending .txt if it is plain text")
    # Bytes, so that an encoding declaration inside the page cannot clash with the decoded text.
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True)
    return html.document_fromstring(source.encode("utf-8"), parser=parser)


def _article(source: str, tree: Any) -> list[Any]:
    """The top-level elements of the article, named as trafilatura does (head, p, list, table)."""
    from trafilatura import bare_extraction

    found = bare_extraction(
        source,
        include_tables=True,
        include_formatting=True,
        include_links=False,
        include_comments=False,
        favor_recall=True,
        with_metadata=False,
    )
    body = getattr(found, "body", None)
    extracted = list(body) if body is not None else []
    words = sum(len(" ".join(element.itertext()).split()) for element in extracted)
    return extracted if words >= _MIN_SHARE * _visible_words(tree) else _fallback(tree)


# An extraction that keeps less than this share of the visible words has lost the article.
_MIN_SHARE = 0.35


def _visible_words(tree: Any) -> int:
    return sum(len(" ".join(element.itertext()).split()) for element in _fallback(tree))


def _fallback(tree: Any) -> list[Any]:
    """Blocks of the page's main part, for pages too short or odd for the extractor."""
    for tag in _DROPPED:
        for element in list(tree.iter(tag)):
            element.drop_tree()
    roots = tree.xpath("//article") or tree.xpath("//main") or tree.xpath("//body") or [tree]
    blocks = []
    for element in roots[0].iter(
        "h1", "h2", "h3", "h4", "h5", "h6", "p", "li", "table", "blockquote", "pre", "dd"
    ):
        nested = any(
            parent.tag in ("table", "li", "blockquote") for parent in element.iterancestors()
        )
        if not nested:
            blocks.append(element)
    return blocks


def _add(builder: TextBuilder, element: Any) -> None:
    tag = str(element.tag)
    if tag == "table":
        builder.add_table(_table_rows(element))
    elif tag in ("list", "ul", "ol"):
        for item in element.iter("item", "li"):
            _add_text(builder, item, BlockKind.LIST_ITEM)
    elif tag in ("head", "h1", "h2", "h3", "h4", "h5", "h6"):
        rend = str(element.get("rend") or tag)
        _add_text(builder, element, BlockKind.HEADING, int(rend[-1]) if rend[-1].isdigit() else 2)
    elif tag == "li":
        _add_text(builder, element, BlockKind.LIST_ITEM)
    else:
        _add_text(builder, element, BlockKind.PARAGRAPH)


def _add_text(builder: TextBuilder, element: Any, kind: BlockKind, level: int = 0) -> None:
    text = "".join(element.itertext())
    builder.add(BlockKind.RESIDUE if is_residue(text) else kind, text, level=level)


def _table_rows(table: Any) -> list[list[str]]:
    return [
        ["".join(cell.itertext()) for cell in row.iter("cell", "td", "th")]
        for row in table.iter("row", "tr")
    ]


def _title(tree: Any) -> str:
    for path in ("//meta[@property='og:title']/@content", "//h1", "//title"):
        for found in tree.xpath(path):
            text = found if isinstance(found, str) else found.text_content()
            if text.strip():
                return " ".join(text.split())
    return ""


def _date(tree: Any) -> str | None:
    for element in tree.iter("meta"):
        key = (
            element.get("property") or element.get("name") or element.get("itemprop") or ""
        ).lower()
        found = parse_date(element.get("content") or "") if key in _DATE_META else None
        if found:
            return found
    for element in tree.iter("time"):
        found = parse_date(element.get("datetime") or element.text_content())
        if found:
            return found
    return None
