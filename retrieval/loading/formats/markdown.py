"""Markdown, read through markdown-it; front matter gives its metadata, HTML in it is read as such."""

import re
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from retrieval.domain.documents import BlockKind, Document
from retrieval.domain.losses import Loss
from retrieval.domain.places import NOWHERE, Place
from retrieval.domain.table_data import Cell
from retrieval.loading.dating import date_of
from retrieval.loading.encoding import decode
from retrieval.loading.formats.html import add_html
from retrieval.loading.front_matter import parse_front_matter
from retrieval.loading.markup.html_text import raised
from retrieval.loading.plain_text import add_plain, line_ends
from retrieval.loading.tables.grids import header_rows_of, table_of
from retrieval.loading.text_builder import TextBuilder
from retrieval.loading.titles import is_title, title_from_name

_LINE_END = re.compile("\r\n|\r|\n")
_CAPTION = re.compile(r"\A(?:table|tabelle|tab\.|tableau|tabla|表)\s{0,5}\S", re.IGNORECASE)
_NOTE_MARK = re.compile(r"\[\^([^\]\s]{1,20})\]")
# CommonMark takes a footnote for the address of a link, and drops it; hidden behind signs that are
# no characters, it stays text. The length stays the same.
_FOOTNOTE = re.compile(r"\[\^([^\]\s]{1,20})\](:?)")
_HIDDEN = str.maketrans({"\ufdd0": "^", "\ufdd1": ":"})
_BREAK = re.compile(r"<(?:br|/p|/div|/li)\b", re.IGNORECASE)
_MAX_CAPTION = 200


def load(data: bytes, name: str) -> Document:
    """Loads a `.md` file as plain text: marks are dropped, structure and lines are kept."""
    decoded = decode(data)
    front = parse_front_matter(decoded.text)
    above = line_ends(decoded.text[: len(decoded.text) - len(front.body)])
    builder = TextBuilder()
    heading = _Reader(builder, front.body, above).read()
    text, blocks, said = builder.text(), builder.blocks(), front.said
    date, dated_by = (said.date, "front matter") if said.date else date_of(text, blocks, name)
    return Document(
        name, "md", text, said.title or heading or title_from_name(name), date, blocks, said,
        (*decoded.losses(), *front.losses, *builder.losses()), dated_by,
    )  # fmt: skip


class _Reader:
    """Adds the tokens of Markdown to a builder; `above` lines of the file stand above the text."""

    def __init__(self, builder: TextBuilder, source: str, above: int) -> None:
        self._builder = builder
        self._lines = _LINE_END.split(source)
        self._above = above
        self._title = ""
        self._last_text = ""
        self._images: list[str] = []
        # Lines up to this one were read as a piece of HTML already.
        self._done = 0

    def read(self) -> str:
        """Adds everything; returns the first heading of the first level that reads like a title."""
        # One kind of line end, so that lines are counted as in the file.
        source = _FOOTNOTE.sub(_hide, "\n".join(self._lines))
        self._walk(MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(source))
        if self._images:
            words = sum(len(alt.split()) for alt in self._images)
            self._builder.leave_out(
                Loss("image", "pictures are not read", len(self._images), words)
            )
        return self._title

    def _walk(self, tokens: Sequence[Token]) -> None:
        heading = depth = 0
        rest = iter(tokens)
        for token in rest:
            if token.type == "table_open":
                self._table(token, rest)
            elif token.map and token.map[0] < self._done:
                continue
            elif token.type in ("heading_open", "heading_close"):
                heading = int(token.tag[1:]) if token.nesting == 1 else 0
            elif token.type in ("list_item_open", "list_item_close"):
                depth += token.nesting
            elif token.type in ("fence", "code_block"):
                fence = 1 if token.type == "fence" else 0
                first = (token.map or [0, 0])[0] + fence
                add_plain(self._builder, _shown(token.content), above=self._above + first, level=2)
            elif token.type == "html_block":
                self._html(token)
            elif token.type == "inline":
                self._inline(token, heading, depth)

    def _inline(self, token: Token, heading: int, depth: int) -> None:
        text, _ = self._text(token)
        kind = BlockKind.LIST_ITEM if depth else BlockKind.PARAGRAPH
        if heading:
            kind = BlockKind.HEADING
            if heading == 1 and not self._title and is_title(text):
                self._title = " ".join(text.split())
        self._builder.add(kind, text, level=heading, place=self._place(token.map))
        self._last_text = text

    def _html(self, token: Token) -> None:
        """A piece of HTML, which ends at a blank line; a table in it goes on to its end."""
        first, end = token.map or [0, 0]
        source = "\n".join(self._lines[first:end])
        if "<table" in source.lower() and "</table" not in source.lower():
            later = range(end, len(self._lines))
            close = next((n for n in later if "</table" in self._lines[n].lower()), None)
            if close is not None:
                end = close + 1
                source = "\n".join(self._lines[first:end])
        self._done = end
        if re.sub(r"<!--.*?(?:-->|\Z)", "", source, flags=re.DOTALL).strip():
            add_html(self._builder, source, above=self._above + first)

    def _table(self, opened: Token, tokens: Iterator[Token]) -> None:
        """Reads the tokens of a table up to its end."""
        rows: list[list[Cell]] = []
        lines: list[tuple[int, int]] = []
        for token in tokens:
            if token.type == "table_close":
                break
            if token.type == "tr_open":
                rows.append([])
                number = self._above + (token.map or opened.map or [0])[0] + 1
                lines.append((number, number))
            elif token.type == "inline":
                text, marks = self._text(token, cell=True)
                rows[-1].append(Cell(" ".join(text.split()), marks))
        caption = self._last_text
        if not _CAPTION.match(caption) or len(caption) > _MAX_CAPTION:
            caption = ""
        texts = [[cell.text for cell in row] for row in rows]
        heads = max(1, header_rows_of(texts))
        table = table_of(rows, heads=heads, caption=caption, lines=lines)
        if not table.rows:
            table = table_of(rows, heads=0, caption=caption, lines=lines)
        self._builder.add_data(table, self._place(opened.map))

    def _text(self, token: Token, *, cell: bool = False) -> tuple[str, tuple[str, ...]]:
        """The words of a line without its marks; in a cell note marks are kept apart."""
        parts: list[str] = []
        marks: list[str] = []
        in_sup = False
        for child in token.children or []:
            if child.type == "image":
                self._images.append(_shown(child.content))
            elif child.type in ("softbreak", "hardbreak"):
                parts.append(" ")
            elif child.type == "html_inline":
                tag = child.content.lower()
                in_sup = tag.startswith("<sup") or (in_sup and not tag.startswith("</sup"))
                parts.append(" " if _BREAK.match(tag) else "")
            elif child.type in ("text", "code_inline", "text_special"):
                before, said = "".join(parts[-3:]), _shown(child.content)
                if in_sup and cell and before[-1:].isdigit() and len(said) <= 3:
                    marks.append(said.strip("()[] "))
                else:
                    parts.append(raised(said, before) if in_sup else said)
        text = "".join(parts)
        if cell:
            marks += _NOTE_MARK.findall(text)
            text = _NOTE_MARK.sub("", text)
        return text, tuple(marks)

    def _place(self, where: Sequence[int] | None) -> Place:
        if not where:
            return NOWHERE
        return Place(first_line=self._above + where[0] + 1, last_line=self._above + where[1])


def _hide(found: re.Match[str]) -> str:
    return f"[\ufdd0{found[1]}]" + ("\ufdd1" if found[2] else "")


def _shown(text: str) -> str:
    return text.translate(_HIDDEN)
