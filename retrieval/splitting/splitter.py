"""Splits a document into passages of whole sentences that fit the embedding model."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from retrieval.domain.documents import Block, BlockKind, Document
from retrieval.domain.passages import Passage, Sentence, context_of
from retrieval.domain.places import Place, Region
from retrieval.embedding.embedder import TokenCounter
from retrieval.splitting.wide_rows import cut_row, label_in, without_names
from retrieval.text.key_values import leading_fields
from retrieval.text.sentences import sentence_spans


@dataclass(frozen=True, slots=True)
class _Unit:
    """The smallest piece that is kept whole: a sentence, a table row or some cells of a wide one.

    `gap` counts the word pieces between it and the unit before: list markers, boilerplate. `label`
    is that of a row that began before it, `brief` some cells of a wide row without the names of
    their columns; `tokens` are those of `brief` then.
    """

    start: int
    end: int
    block: int
    tokens: int
    gap: int
    section: str
    page: int | None
    header: str
    place: Place
    label: str = ""
    brief: str = ""


@dataclass(frozen=True, slots=True)
class _Heading:
    level: int
    words: str
    number: int


# A context longer than this would crowd the passage out of the model's window.
_MAX_CONTEXT_TOKENS = 64
# Far more than a passage of words has. White space and one endless "word" have no length in word
# pieces, and what is not bounded here is read again at every question.
_MAX_UNIT_CHARS = 2_000
_MAX_PASSAGE_CHARS = 4_000
# What stands between two sentences of a passage: line ends, list markers, furniture of a page.
_MAX_GAP_CHARS = 400
_MAX_CONTEXT_CHARS = 4_000
_MAX_HEADING_CHARS = 300
# Word pieces of slack, for tokenizers whose counts do not quite add up over a join.
_SLACK = 2


def _title(document: Document, lead: str = "") -> str:
    """The title with what is said of the whole document: people ask by its author, tags and fields."""
    said = document.metadata
    return " · ".join(filter(None, (document.title, said.author, ", ".join(said.tags or ()), lead)))


class Splitter:
    """Packs sentences into passages of about `target_tokens`, one section and page each.

    `target_tokens` counts the passage alone; passage and context together never
    exceed the model's window.
    """

    def __init__(self, counter: TokenCounter, target_tokens: int = 190) -> None:
        self._counter = counter
        self._target = target_tokens

    def split(self, document: Document) -> list[Passage]:
        """Returns the passages of `document` in text order; `text[start:end]` is each one."""
        passages: list[Passage] = []
        lead = leading_fields(document)
        for run in _runs(self._units(document)):
            section, header = run[0].section, run[0].header
            bare = self._context(_title(document), section, header)
            context = bare
            if lead.line:
                context = self._context(_title(document, lead.line), section, header)
            room = min(self._room(bare), self._room(context))
            if any(unit.label for unit in run):
                room = self._limit()
            for group in self._pack(run, room):
                # The passage that holds the fields itself would only say them twice.
                above = bare if group[0].start < lead.end else context
                if label := group[0].label:
                    above = self._context(_title(document), section, header, label)
                    if label not in above:
                        # What is cut off of a long path of headings must not be the row's name.
                        above = self._context(label, _title(document), header)
                passages.append(_passage(len(passages), document.text, group, above))
        return passages

    def _context(self, title: str, section: str, header: str = "", label: str = "") -> str:
        """Returns the context line of a passage, shortened to leave the passage its room."""
        context = context_of(title, section, header, label)[:_MAX_CONTEXT_CHARS].rstrip()
        while context and self._counter.count([context])[0] > _MAX_CONTEXT_TOKENS:
            context = context[: int(len(context) * 0.8)].rstrip()
        return context

    def _room(self, context: str) -> int:
        used = self._counter.count([context])[0] + self._counter.special_tokens + _SLACK
        return self._counter.max_tokens - used

    def _limit(self) -> int:
        """The room that is left under the longest context."""
        special = self._counter.special_tokens
        return self._counter.max_tokens - _MAX_CONTEXT_TOKENS - special - _SLACK

    def _units(self, document: Document) -> Iterator[_Unit]:
        """Sentences and rows in order, none of them too long for the model."""
        limit = self._limit()
        text, placed = document.text, list(_place(document))
        counts = self._counter.count([text[start:end] for start, end, _, _ in placed])
        ends = [0, *(end for _, end, _, _ in placed)]
        gaps = self._counter.count(
            [text[end:start] for end, (start, _, _, _) in zip(ends, placed, strict=False)]
        )
        region, last = Region(Place(), ""), -1
        for (start, end, number, section), tokens, gap in zip(placed, counts, gaps, strict=True):
            block = document.blocks[number]
            if number != last:
                region, last = _region(document, block), number
            place = region.part(start - block.start, end - block.start)
            for left, right, size, label, brief in self._parts(
                text, block, (start, end, tokens), limit
            ):
                between = gap if left == start else 1 if label else 0
                its = replace(place, row=label) if label and not place.row else place
                yield _Unit(
                    left, right, number, size, between, section, block.page, block.header, its,
                    label, brief,
                )  # fmt: skip

    def _parts(
        self, text: str, block: Block, whole: tuple[int, int, int], limit: int
    ) -> Iterator[tuple[int, int, int, str, str]]:
        """The parts of a sentence or row that fit, with the label of a row in all but its first.

        Those of a row have their words without the names of columns beside, and the length of these.
        """
        start, end, tokens = whole
        wide = tokens > limit or end - start > _MAX_UNIT_CHARS
        if block.kind is not BlockKind.TABLE_ROW or not wide:
            yield from ((*part, "", "") for part in self._fit(text, start, end, tokens, limit))
            return
        row = text[start:end]
        label = block.place.row or label_in(row, block.header)
        for left, right, size in cut_row(row, block.header, limit, self._counter.count):
            for first, last, _ in self._fit(text, start + left, start + right, size, limit):
                brief = without_names(text[first:last], block.header)
                tokens = self._counter.count([brief])[0]
                yield first, last, tokens, label if first > start else "", brief

    def _fit(
        self, text: str, start: int, end: int, tokens: int, limit: int
    ) -> Iterator[tuple[int, int, int]]:
        """Halves a sentence that the model could not read whole, between words if it can."""
        if (tokens <= limit and end - start <= _MAX_UNIT_CHARS) or end - start < 2:
            yield start, end, tokens
            return
        middle = (start + end) // 2
        space = text.rfind(" ", start + 1, middle)
        cut = space if space > start else middle
        right = cut + 1 if text[cut].isspace() else cut
        for left_edge, right_edge in ((start, cut), (right, end)):
            size = self._counter.count([text[left_edge:right_edge]])[0]
            yield from self._fit(text, left_edge, right_edge, size, limit)

    def _pack(self, run: Sequence[_Unit], room: int) -> list[list[_Unit]]:
        groups: list[list[_Unit]] = []
        total = 0
        for unit in run:
            grown = total + unit.gap + unit.tokens
            if groups and grown <= min(self._target, room) and _close(groups[-1], unit):
                groups[-1].append(unit)
                total = grown
            else:
                groups.append([unit])
                total = unit.tokens
        return _join_short_tail(
            groups, min(room, self._target + self._target // 3), self._target // 4
        )


def _passage(ordinal: int, text: str, group: Sequence[_Unit], context: str) -> Passage:
    start, end, first = group[0].start, group[-1].end, group[0]
    sentences = tuple(Sentence(unit.start, unit.end, unit.block, unit.place) for unit in group)
    brief = ""
    if any(unit.brief for unit in group):
        brief = "\n".join(unit.brief or text[unit.start : unit.end] for unit in group)
    return Passage(
        ordinal, start, end, text[start:end],
        first.section, first.page, first.header, context, sentences, brief,
    )  # fmt: skip


def _region(document: Document, block: Block) -> Region:
    """A block's text and where it stands; a loader that knows no places may know a page."""
    place = block.place
    if block.page and not (place.page or place.slide or place.sheet):
        if document.format == "pptx":
            place = replace(place, slide=block.page)
        elif document.format == "xlsx":
            place = replace(place, sheet=str(block.page))
        else:
            place = replace(place, page=block.page)
    return Region(place, document.text[block.start : block.end])


def _close(group: Sequence[_Unit], *more: _Unit) -> bool:
    """Says whether units stand near enough to those before them to share a passage."""
    # What is embedded in brief is read, and given to a chat model, in full.
    most = _MAX_UNIT_CHARS if group[0].brief or more[-1].brief else _MAX_PASSAGE_CHARS
    together = more[-1].end - group[0].start <= most
    return together and more[0].start - group[-1].end <= _MAX_GAP_CHARS


def _join_short_tail(groups: list[list[_Unit]], room: int, short: int) -> list[list[_Unit]]:
    """Joins a last passage too short to stand alone to the one before it, if both fit."""
    if len(groups) > 1:
        tail, before = (sum(unit.gap + unit.tokens for unit in group) for group in groups[:-3:-1])
        if tail < short and tail + before <= room and _close(groups[-2], *groups[-1]):
            return [*groups[:-2], groups[-2] + groups[-1]]
    return groups


def _place(document: Document) -> Iterator[tuple[int, int, int, str]]:
    """Every sentence or row outside boilerplate, with its block's number and section path."""
    path: list[_Heading] = []
    section = ""
    for number, block in enumerate(document.blocks):
        if block.kind is BlockKind.HEADING:
            words = " ".join(document.text[block.start : block.end].split())[:_MAX_HEADING_CHARS]
            path = [one for one in path if one.level < block.level or _is_above(one, block, number)]
            path.append(_Heading(block.level, words, number))
            section = _section(path, document.title)
            continue
        if block.kind is BlockKind.BOILERPLATE:
            continue
        for start, end in block_spans(document.text, block):
            yield start, end, number, section


def _section(path: Sequence[_Heading], title: str) -> str:
    return " › ".join(one.words for one in path if one.words not in ("", title))


def _is_above(heading: _Heading, block: Block, number: int) -> bool:
    """Says whether a heading of the same level, with nothing between the two, is above a block.

    "Report for the first quarter" over "Oslo, 25 April" heads what follows as much as that does.
    """
    return bool(heading.words) and heading.level == block.level and heading.number == number - 1


def block_spans(text: str, block: Block) -> list[tuple[int, int]]:
    """Returns the sentences of a block; a table row counts as one."""
    if block.kind is BlockKind.TABLE_ROW:
        return [(block.start, block.end)]
    return sentence_spans(text, block.start, block.end)


def _runs(units: Iterable[_Unit]) -> Iterator[list[_Unit]]:
    """Groups units that may share a passage: same section, page and table."""
    run: list[_Unit] = []
    for unit in units:
        if run and (unit.section, unit.page, unit.header) != (
            run[-1].section,
            run[-1].page,
            run[-1].header,
        ):
            yield run
            run = []
        run.append(unit)
    if run:
        yield run
