"""Walks a page and adds its blocks to a document: each visible text once, with its lines."""

import re
from collections import Counter
from dataclasses import replace
from typing import Any

from retrieval.domain.documents import BlockKind
from retrieval.domain.losses import Loss
from retrieval.domain.places import NOWHERE, Place
from retrieval.loading.markup.eml_quotes import is_quotation, quoted_place
from retrieval.loading.markup.html_furniture import Furniture, links_share
from retrieval.loading.markup.html_tables import is_layout, read_table
from retrieval.loading.markup.html_text import BLOCKS, UNSEEN, inline_text, raised
from retrieval.loading.plain_text import add_plain
from retrieval.loading.text_builder import TextBuilder
from retrieval.text.boilerplate import is_boilerplate, starts_teasers

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_ITEMS = ("li", "dt", "dd", "option")
_PARAGRAPH_END = re.compile(r"\n[ \t\r\f]*\n\s*")
_BREAK = "\n"


class BlockWalker:
    """Adds what a page shows to `builder`, in order.

    `page` is whether it is a page of the web, of which menus, notices and teasers are left out and
    counted; other HTML is taken whole. `lines` is whether its lines are those of a file, `above`
    how many lines of the file stand above it; `place` is the place of all of it.
    """

    def __init__(
        self, builder: TextBuilder, furniture: Furniture | None, *, lines: bool = True,
        above: int = 0, place: Place = NOWHERE,
    ) -> None:  # fmt: skip
        self._builder = builder
        self._furniture = furniture
        self._lines, self._above, self._place = lines, above, place
        self._text: list[str] = []
        self._kind, self._level = BlockKind.PARAGRAPH, 0
        self._line = 1
        self._first: int | None = None
        self._last = 1
        self._in_teasers = False
        self._left_out: dict[tuple[str, str], Counter[str]] = {}

    def walk(self, root: Any) -> None:
        """Adds all of `root`, and notes what was left out."""
        self._children(root)
        self._flush()
        for (what, why), counts in self._left_out.items():
            self._builder.leave_out(Loss(what, why, counts["times"], counts["words"]))

    def _visit(self, element: Any) -> None:
        tag = element.tag
        self._line = max(self._line, element.sourceline or 1)
        if tag in UNSEEN and tag != "noscript":
            return
        if self._furniture and (kind := self._furniture.kind_of(element) or self._teaser(element)):
            self._leave_out(kind, inline_text(element))
        elif tag in ("br", "wbr"):
            self._text.append(_BREAK if tag == "br" else "")
        elif tag == "img":
            self._image(element)
        elif tag == "sup":
            before = "".join(self._text[-3:])
            self._say(raised(inline_text(element), before))
        elif tag == "table" and not is_layout(element):
            self._flush()
            self._table(element)
        elif tag == "pre":
            self._flush()
            self._preformatted(element)
        elif tag in BLOCKS:
            self._block(element)
        else:
            self._children(element)

    def _teaser(self, element: Any) -> str:
        """Says whether a block is a link below "You might also like"; any other text ends those."""
        if not self._in_teasers or element.tag not in BLOCKS:
            return ""
        self._in_teasers = links_share(element) > 0.7 or not inline_text(element)
        return "teasers of other pages" if self._in_teasers else ""

    def _children(self, element: Any) -> None:
        self._say(element.text)
        for child in element:
            if isinstance(child.tag, str):
                self._visit(child)
            elif child.text:
                self._line += child.text.count("\n")
            self._say(child.tail)

    def _block(self, element: Any) -> None:
        """Ends the block above; what stands inside is a block of its own kind."""
        self._flush()
        outside = self._kind, self._level, self._place
        if self._furniture is None and _is_quotation(element):
            self._place = quoted_place(self._place)
        if element.tag in _HEADINGS:
            self._kind, self._level = BlockKind.HEADING, _HEADINGS[element.tag]
        elif element.tag in _ITEMS:
            self._kind, self._level = BlockKind.LIST_ITEM, 0
        self._children(element)
        self._flush()
        self._kind, self._level, self._place = outside

    def _say(self, text: str | None) -> None:
        if not text:
            return
        if text.strip() and self._first is None:
            self._first = self._line + len(text[: len(text) - len(text.lstrip())].split("\n")) - 1
        # Line ends of the source are white space; those of <br> are kept until the block ends.
        self._text.append(re.sub(r"\s", " ", text))
        self._line += text.count("\n")
        if text.strip():
            self._last = self._line - text[len(text.rstrip()) :].count("\n")

    def _flush(self) -> None:
        text = "".join(self._text)
        first, self._first = self._first, None
        self._text.clear()
        if not text.strip():
            return
        place = self._at(first or self._line, self._last)
        for part in _PARAGRAPH_END.split(text.strip()):
            self._add(part, place)

    def _add(self, text: str, place: Place) -> None:
        if self._furniture and is_boilerplate(text.strip()):
            self._in_teasers = self._in_teasers or starts_teasers(text.strip())
            self._leave_out("notices and links of the page", text)
            return
        self._builder.add(self._kind, text, level=self._level, place=place)

    def _at(self, first: int, last: int) -> Place:
        if not self._lines:
            return self._place
        return replace(self._place, first_line=first + self._above, last_line=last + self._above)

    def _table(self, element: Any) -> None:
        last = max((node.sourceline or 1 for node in element.iter()), default=self._line)
        place = self._at(self._line, last)
        found = read_table(element)
        self._line = max(self._line, last)
        if found is None:
            return
        self._builder.add(BlockKind.PARAGRAPH, found.caption, place=place)
        table = found.table
        if not self._lines:
            table = replace(table, rows=tuple(replace(row, lines=None) for row in table.rows))
        elif self._above:
            moved = [
                replace(row, lines=(row.lines[0] + self._above, row.lines[1] + self._above))
                if row.lines
                else row
                for row in table.rows
            ]
            table = replace(table, rows=tuple(moved))
        self._builder.add_data(table, place)
        for note in found.notes:
            self._builder.add(BlockKind.PARAGRAPH, note, place=place)

    def _preformatted(self, element: Any) -> None:
        source = "".join(element.itertext())
        above = self._line - 1 + self._above if self._lines else None
        add_plain(self._builder, source, above=above, level=2, place=self._place)
        self._line += source.count("\n")

    def _image(self, element: Any) -> None:
        # Pictures of one pixel count visits; they show nothing.
        if element.get("width") not in ("0", "1") and element.get("src"):
            self._note("image", "pictures are not read", element.get("alt") or "")

    def _leave_out(self, kind: str, text: str) -> None:
        if text.strip():
            why = (
                "not shown by the page"
                if kind == "hidden text"
                else "no part of the page's own text"
            )
            self._note(kind, why, text)

    def _note(self, what: str, why: str, text: str) -> None:
        counts = self._left_out.setdefault((what, why), Counter())
        counts["times"] += 1
        counts["words"] += len(text.split())


def _is_quotation(element: Any) -> bool:
    named = element.get("class") or "", element.get("id") or ""
    return is_quotation(*named, element.tag, element.get("type") or "")
