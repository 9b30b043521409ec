"""HTML: all that a page shows, but for menus, notices and teasers, which are counted as left out."""

import re
from datetime import UTC, datetime
from typing import Any

from retrieval.domain.documents import Document
from retrieval.domain.errors import LoadError
from retrieval.domain.places import NOWHERE, Place
from retrieval.loading.dating import date_of
from retrieval.loading.encoding import Decoded, decode
from retrieval.loading.markup.html_blocks import BlockWalker
from retrieval.loading.markup.html_furniture import Furniture
from retrieval.loading.text_builder import TextBuilder
from retrieval.loading.titles import is_title, title_from_name
from retrieval.text.dates import is_past, parse_date

_CHARSET = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w:-]{2,40})|<\?xml[^>]{0,100}encoding=[\"']([\w-]{2,40})",
    re.IGNORECASE,
)
# The HTML standard looks at 1,024 bytes; pages have it later.
_HEAD = 8_192
# From the surest to the least sure: when it was published, then when it was changed.
_DATE_META = (
    "article:published_time", "og:published_time", "datepublished", "citation_publication_date",
    "citation_date", "dcterms.issued", "dc.date.issued", "dc.date", "dcterms.date", "dcterms.created",
    "pubdate", "publishdate", "publish-date", "publish_date", "publication_date", "date",
)  # fmt: skip


def load(data: bytes, name: str) -> Document:
    """Loads an `.html` file: headings, paragraphs, lists and tables with their lines in the file."""
    decoded = decode_page(data)
    tree = parse_page(decoded.text)
    title = _title(tree)
    builder = TextBuilder()
    body = tree.find("body")
    root = tree if body is None else body
    BlockWalker(builder, Furniture(root)).walk(root)
    text, blocks = builder.text(), builder.blocks()
    stated = _date(tree)
    date, dated_by = (stated, "metadata of the page") if stated else date_of(text, blocks, name)
    return Document(
        name, "html", text, title or title_from_name(name), date, blocks,
        losses=(*decoded.losses(), *builder.losses()), dated_by=dated_by,
    )  # fmt: skip


def add_html(
    builder: TextBuilder, source: str, *, place: Place = NOWHERE, above: int | None = None
) -> None:
    """Adds what a piece of HTML shows, all of it, such as the body of a mail.

    `above` is how many lines of its file stand above it, where its lines are those of the file.
    """
    if not source.strip():
        return
    tree = parse_page(source if "<" in source else f"<p>{source}</p>")
    body = tree.find("body")
    walker = BlockWalker(builder, None, lines=above is not None, above=above or 0, place=place)
    walker.walk(tree if body is None else body)


def decode_page(data: bytes) -> Decoded:
    """Returns a page as text; what it declares of its encoding is believed."""
    found = _CHARSET.search(data[:_HEAD])
    declared = (found[1] or found[2]).decode("ascii") if found else ""
    return decode(data, declared)


def parse_page(source: str) -> Any:
    """Returns the tree of a page. Raises `LoadError` for what is none."""
    from lxml import etree, html

    if "<" not in source:
        raise LoadError("is not HTML; give it the ending .txt if it is plain text")
    # Bytes, so that an encoding declaration inside the page cannot clash with the decoded text.
    parser = html.HTMLParser(encoding="utf-8", no_network=True)
    try:
        return html.document_fromstring(source.encode("utf-8", "replace"), parser=parser)
    except etree.ParserError:
        # Nothing but the end of an element, or a remark: an empty page.
        return html.document_fromstring("<p></p>")


def _title(tree: Any) -> str:
    """As a librarian would: the only heading of the first level, then what the page says it is called."""
    from trafilatura.metadata import extract_title

    headings = [" ".join(one.text_content().split()) for one in tree.iter("h1")]
    said = [" ".join(one.split()) for one in tree.xpath("//meta[@property='og:title']/@content")]
    plain = [" ".join(one.text_content().split()) for one in tree.findall(".//head/title")]
    first = said[:1] or (headings if len(headings) == 1 else [])
    for title in (*first, *headings, *plain):
        if is_title(title):
            return title
    found = str(extract_title(tree) or "")
    return found if is_title(found) else ""


def _date(tree: Any) -> str | None:
    """The day of publication that the page's metadata give, with the precision that they state."""
    said: dict[str, str] = {}
    for element in tree.iter("meta"):
        key = element.get("property") or element.get("name") or element.get("itemprop") or ""
        said.setdefault(key.lower(), element.get("content") or "")
    for key in _DATE_META:
        found = parse_date(said.get(key, ""))
        if found and is_past(found):
            return found
    for element in tree.iter("time"):
        if element.get("pubdate") is not None or "publish" in (
            f"{element.get('itemprop')} {element.get('class')}".lower()
        ):
            found = parse_date(element.get("datetime") or element.text_content())
            if found and is_past(found):
                return found
    return _found_by_htmldate(tree)


def _found_by_htmldate(tree: Any) -> str | None:
    """What htmldate finds in a page's head, JSON-LD and marked elements, tables left aside."""
    from copy import deepcopy

    from htmldate import find_date

    page = deepcopy(tree)
    for element in list(page.iter("table", "footer", "aside", "nav")):
        element.drop_tree()
    found = find_date(
        page,
        extensive_search=False,
        original_date=True,
        max_date=datetime.now(UTC).date().isoformat(),
    )
    return found if isinstance(found, str) and is_past(found) else None
