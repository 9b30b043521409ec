"""Word documents, read from their XML in the order in which they are read on paper."""

from collections.abc import Iterable, Iterator
from typing import Any

from retrieval.domain.documents import BlockKind, Document
from retrieval.domain.losses import Loss
from retrieval.domain.places import NOWHERE, Place
from retrieval.loading.archives import check_archive
from retrieval.loading.office.charts import chart_table
from retrieval.loading.office.docx_parts import (
    VAL,
    Annotation,
    ParagraphStyle,
    W,
    docx_parts,
    number_of,
    outline_of,
)
from retrieval.loading.office.docx_runs import Left, RunReader, Runs
from retrieval.loading.office.docx_tables import CellContent, read_table
from retrieval.loading.office.drawing_text import A
from retrieval.loading.office.ooxml import OfficeFile, core_title, local
from retrieval.loading.tables.grid_blocks import add_grid
from retrieval.loading.text_builder import TextBuilder
from retrieval.loading.titles import prose_lines, title_from_name
from retrieval.text.dates import date_in_name, stated_date

_MAX_LEVEL = 9
_MAX_DEPTH = 40
_WRAPPERS = ("sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo", "AlternateContent", "Choice",
             "altChunk")  # fmt: skip


def load(data: bytes, name: str) -> Document:
    """Loads a `.docx` file: headings, paragraphs, lists, tables, boxes, notes and comments."""
    check_archive(data, ".docx", "Word")
    file = OfficeFile(data)
    main = file.main_part()
    body = file.tree(main)
    if body is None:
        raise ValueError("its text is damaged; save it again from Word")
    reader = _DocxReader(file, main)
    reader.read(body.find(f"{W}body") if body.find(f"{W}body") is not None else body)
    reader.finish()
    text = reader.builder.text()
    date = stated_date(prose_lines(text, reader.builder.blocks())) or date_in_name(name)
    title = core_title(file) or reader.title or title_from_name(name)
    builder = reader.builder
    return Document(name, "docx", text, title, date, builder.blocks(), losses=builder.losses())


class _DocxReader:
    def __init__(self, file: OfficeFile, main: str) -> None:
        self.builder = TextBuilder()
        self.title = ""
        self._file, self._main = file, main
        self._parts = docx_parts(file, main)
        self._left = Left()
        self._runs = RunReader(file.relations(main), self._left)
        self._pending = ""
        self._contents_words = 0
        self._told: set[tuple[str, str]] = set()

    def read(self, element: Any, place: Place = NOWHERE, depth: int = 0) -> None:
        """Reads paragraphs and tables in their order, those in controls and insertions with them."""
        if self._too_deep(element, depth):
            return
        for child in element:
            kind = local(child)
            if kind == "p":
                self._paragraph(child, place, depth)
            elif kind == "tbl":
                self._table(child, place, depth)
            elif kind == "sdt" and _is_contents(child):
                self._contents_words += _count(child)
            elif kind in ("del", "moveFrom"):
                self._left.deletions += 1
                self._left.deleted_words += _count(child)
            elif kind in _WRAPPERS:
                self.read(child, place, depth + 1)

    def _paragraph(self, element: Any, place: Place, depth: int) -> None:
        properties = element.find(f"{W}pPr")
        style = self._style(properties)
        runs = self._read_runs(element, apart=False)
        text = self._pending + runs.text
        marked = properties.find(f"{W}rPr") if properties is not None else None
        # Where the end of a paragraph was deleted, the next one goes on in the same line.
        ends = marked is None or not {"del", "moveFrom"} & {local(one) for one in marked}
        self._pending = "" if ends else text
        if style.name.lower().startswith("toc ") and style.name[4:].isdecimal():
            self._contents_words += len(text.split())
        elif ends and text.strip():
            self._add(text, properties, style, place)
        self._apart([runs], place, depth)

    def _add(self, text: str, properties: Any, style: ParagraphStyle, place: Place) -> None:
        kind, level = _kind(properties, style)
        number = self._number(properties, style)
        if kind is BlockKind.HEADING:
            if level == 1 and not self.title:
                self.title = " ".join(text.split())
            text = f"{number} {text}" if number else text
        elif number is not None:
            kind = BlockKind.LIST_ITEM
            if number.endswith("."):
                self.builder.lead_in(number)
            else:
                text = f"{number} {text}".strip()
        self.builder.add(kind, text, level=level, place=place)

    def _number(self, properties: Any, style: ParagraphStyle) -> str | None:
        own = number_of(properties)
        listed = own or style.number
        if listed is None:
            return None
        name, level = listed
        if own and not name and style.number:
            name = style.number[0]
        return self._parts.numbering.next(name, level)

    def _style(self, properties: Any) -> ParagraphStyle:
        named = properties.find(f"{W}pStyle") if properties is not None else None
        name = named.get(VAL, "") if named is not None else self._parts.default_style
        return self._parts.styles.get(name, ParagraphStyle(name))

    def _read_runs(self, element: Any, apart: bool) -> Runs:
        return self._runs.read(element, Runs(), apart=apart)

    def _too_deep(self, element: Any, depth: int) -> bool:
        if depth > _MAX_DEPTH:
            why = f"nested more than {_MAX_DEPTH} deep"
            self.builder.leave_out(Loss("deeply nested part", why, 1, _count(element)))
        return depth > _MAX_DEPTH

    def _table(self, element: Any, place: Place, depth: int) -> None:
        if self._too_deep(element, depth):
            return

        def is_list(paragraph: Any) -> bool:
            properties = paragraph.find(f"{W}pPr")
            style = self._style(properties)
            return bool(number_of(properties) or style.number or style.outline is not None)

        counts = Left()
        kept, self._left = self._left, counts
        reader = RunReader(self._file.relations(self._main), counts)
        reader.numbers = self._runs.numbers
        table = read_table(
            element, lambda one, apart: reader.read(one, Runs(), apart=apart), is_list, counts
        )
        self._left = kept
        if table.is_layout():
            self._layout(table.cells, place, depth)
            return
        _add_up(self._left, counts)
        add_grid(self.builder, table.rows, place)
        for cell in table.cells:
            self._apart(cell.paragraphs, place, depth)
            for nested in cell.nested:
                self._table(nested, place, depth + 1)

    def _layout(self, cells: list[CellContent], place: Place, depth: int) -> None:
        """Reads the cells of a table that only arranges its text one by one, as parts of the page."""
        for cell in cells:
            self.read(cell.element, place, depth + 1)

    def _apart(self, paragraphs: Iterable[Runs], place: Place, depth: int) -> None:
        """What stands beside the text: boxes, charts, diagrams; then notes and comments, marked so."""
        for runs in paragraphs:
            for box in runs.boxes:
                self.read(box, place, depth + 1)
            for name in runs.charts:
                table = chart_table(root) if (root := self._file.tree(name)) is not None else None
                if table is not None:
                    self.builder.add(BlockKind.PARAGRAPH, table.caption, place=place)
                    self.builder.add_data(table, place)
            for name in runs.diagrams:
                for line in _diagram(self._file.tree(name)):
                    self.builder.add(BlockKind.LIST_ITEM, line, place=place)
            for kind, names, known in (
                ("footnote", runs.footnotes, self._parts.footnotes),
                ("endnote", runs.endnotes, self._parts.endnotes),
                ("comment", runs.comments, self._parts.comments),
            ):
                for one in names:
                    if one in known:
                        self._annotation(kind, one, known[one])

    def _annotation(self, kind: str, name: str, said: Annotation) -> None:
        if (kind, name) in self._told:
            return
        self._told.add((kind, name))
        number = self._runs.numbers.get((kind, name), name)
        # Without the mark that only repeats the number.
        words = (self._read_runs(one, apart=False).text for one in said.element.iter(f"{W}p"))
        text = " ".join(" ".join(words).split())
        author = f" by {said.author}" if said.author else ""
        head = f"Comment{author}" if kind == "comment" else f"Note {number}"
        place = Place(part=f"{kind} {number}" if kind != "comment" else "comment")
        if text:
            self.builder.add(BlockKind.PARAGRAPH, f"{head}: {text}", place=place)

    def finish(self) -> None:
        """Reads notes that nothing refers to, and tells what was left out."""
        if self._pending.strip():
            self.builder.add(BlockKind.PARAGRAPH, self._pending)
        for kind, known in (
            ("footnote", self._parts.footnotes), ("endnote", self._parts.endnotes),
            ("comment", self._parts.comments),
        ):  # fmt: skip
            for name, said in known.items():
                self._annotation(kind, name, said)
        for loss in self._losses():
            self.builder.leave_out(loss)

    def _losses(self) -> Iterator[Loss]:
        left = self._left
        if left.deletions:
            why = "deleted in tracked changes that nobody has accepted or rejected"
            yield Loss("tracked deletion", why, left.deletions, left.deleted_words)
        if left.hidden_words:
            yield Loss("hidden text", "formatted as hidden", 1, left.hidden_words)
        if left.images:
            yield Loss("image", "pictures are not read", left.images)
        if left.objects:
            yield Loss("embedded object", "what other programs embed is not read", left.objects)
        if left.symbols:
            yield Loss("symbol", "its font alone knows what it shows", left.symbols)
        if self._contents_words:
            why = "repeats the headings"
            yield Loss("table of contents", why, 1, self._contents_words)
        yield from self._furniture()

    def _furniture(self) -> Iterator[Loss]:
        seen: set[str] = set()
        for kind in ("header", "footer"):
            for part in self._file.related(self._main, kind):
                root = self._file.tree(part)
                if root is None:
                    continue
                paragraphs = (
                    "".join(t.text or "" for t in p.iter(f"{W}t")) for p in root.iter(f"{W}p")
                )
                words = " ".join(" ".join(paragraphs).split())
                if words and words not in seen:
                    seen.add(words)
                    yield Loss(kind, "stands on every page", 1, len(words.split()), words[:200])


def _kind(properties: Any, style: ParagraphStyle) -> tuple[BlockKind, int]:
    outline = outline_of(properties)
    outline = style.outline if outline is None else outline
    name = style.name.lower()
    if name == "title":
        return BlockKind.HEADING, 1
    if outline is not None and outline < _MAX_LEVEL:
        return BlockKind.HEADING, outline + 1
    level = name.removeprefix("heading").strip()
    if name.startswith("heading") and (level.isdecimal() or not level) and outline is None:
        return BlockKind.HEADING, min(int(level or 1), _MAX_LEVEL) or 1
    return (BlockKind.LIST_ITEM if name.startswith("list") else BlockKind.PARAGRAPH), 0


def _is_contents(control: Any) -> bool:
    gallery = next(control.iter(f"{W}docPartGallery"), None)
    return gallery is not None and gallery.get(VAL, "").startswith("Table of")


def _diagram(root: Any) -> Iterator[str]:
    for paragraph in root.iter(f"{A}p") if root is not None else ():
        words = "".join(t.text or "" for t in paragraph.iter(f"{A}t"))
        if words.strip():
            yield words


def _add_up(total: Left, more: Left) -> None:
    for name, value in vars(more).items():
        setattr(total, name, getattr(total, name) + value)


def _count(element: Any) -> int:
    """How many words stand in an element, deleted ones with them."""
    return len(" ".join(t.text or "" for t in element.iter(f"{W}t", f"{W}delText")).split())
