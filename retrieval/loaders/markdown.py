"""Markdown, read through markdown-it; front matter gives its metadata."""

from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

from retrieval.dates import date_in_name, stated_date
from retrieval.documents import BlockKind, Document
from retrieval.loaders.encoding import decode_text
from retrieval.loaders.front_matter import split_front_matter
from retrieval.loaders.titles import title_from_name
from retrieval.residue import is_residue
from retrieval.text_builder import TextBuilder


def load(data: bytes, name: str) -> Document:
    """Loads a `.md` file as plain text: marks are dropped, structure is kept."""
    source = decode_text(data)
    said, body = split_front_matter(source)
    builder = TextBuilder()
    title = said.title or ""
    for kind, level, text in _walk(MarkdownIt("commonmark").enable("table").parse(body), builder):
        if kind is BlockKind.HEADING and level == 1 and not title:
            title = text
        builder.add(kind, text, level=level)
    text = builder.text()
    date = said.date or stated_date(text.splitlines()) or date_in_name(name)
    title = title or title_from_name(name)
    return Document(name, "md", text, title, date, builder.blocks(), said)


def _walk(tokens: list[Token], builder: TextBuilder) -> Iterator[tuple[BlockKind, int, str]]:
    """Yields blocks in order; tables go to the builder whole, as they pass."""
    heading, item_depth = 0, 0
    rest = iter(tokens)
    for token in rest:
        if token.type == "table_open":
            builder.add_table(_table_rows(rest))
        elif token.type == "heading_open":
            heading = int(token.tag[1:])
        elif token.type == "heading_close":
            heading = 0
        elif token.type in ("list_item_open", "list_item_close"):
            item_depth += 1 if token.nesting == 1 else -1
        elif token.type in ("fence", "code_block"):
            yield BlockKind.PARAGRAPH, 0, token.content
        elif token.type == "inline":
            text = _inline_text(token)
            yield _kind(text, heading, item_depth), heading, text


def _table_rows(tokens: Iterator[Token]) -> list[list[str]]:
    """Reads the tokens of a table up to its end."""
    rows: list[list[str]] = []
    for token in tokens:
        if token.type == "table_close":
            break
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(_inline_text(token))
    return rows


def _kind(text: str, heading: int, item_depth: int) -> BlockKind:
    if is_residue(text):
        return BlockKind.RESIDUE
    if heading:
        return BlockKind.HEADING
    return BlockKind.LIST_ITEM if item_depth else BlockKind.PARAGRAPH


def _inline_text(token: Token) -> str:
    parts = []
    for child in token.children or []:
        if child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
    return "".join(parts)
