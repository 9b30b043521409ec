"""Makes PDF files of the kinds that people have, for tests of how they are read."""

import io
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from reportlab.lib.pagesizes import A4, landscape, letter
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph, Spacer

Draw = Callable[[Canvas], None]

SUBJECTS = ("The kiln at Aukra", "A lease of the Leka pit", "The buyer of dysprosium oxide", "Mr. Solheim of Geokonsult",
            "The separation plant", "Each holder of a permit", "The county of Arendal", "Our laboratory in Luleå")  # fmt: skip
VERBS = (
    "treats",
    "has agreed to pay for",
    "must report",
    "sold",
    "will not accept",
    "stores",
    "measured",
)
THINGS = ("410 tonnes of bastnäsite concentrate", "every lot of heavy rare-earth oxide", "the tailings of the old mill",
          "2.2 million shares", "a yearly fee of 42,000 dollars", "magnets with 1.5% of terbium")  # fmt: skip
ENDS = ("before the end of June 28, 2023", "because the river below the dam is not to be harmed by dust or water", "in 2024",
        "unless the ore of the new pit proves to be rich enough to carry on", "at a temperature of 1,050 °C",
        "while the long-term supply agreement with the works in Narva is in force")  # fmt: skip


def pages(*draws: Draw, size: tuple[float, float] = A4, title: str = "") -> bytes:
    """Returns a PDF with a page for each of `draws`."""
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=size, invariant=1)
    canvas.setTitle(title)
    for draw in draws:
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def lines(texts: Sequence[str], *, x: float = 72, y: float = 760, leading: float = 14, size: float = 11,
          font: str = "Helvetica") -> Draw:  # fmt: skip
    """Returns what draws lines of text under each other."""

    def draw(canvas: Canvas) -> None:
        canvas.setFont(font, size)
        for index, text in enumerate(texts):
            canvas.drawString(x, y - index * leading, text)

    return draw


def sentences(count: int, seed: int) -> list[str]:
    """Returns sentences that differ, of the kind that reports are full of."""
    chance = random.Random(seed)
    return [
        f"{chance.choice(SUBJECTS)} {chance.choice(VERBS)} {chance.choice(THINGS)} {chance.choice(ENDS)},"
        f" as item {seed}.{index} of the record says."
        for index in range(count)
    ]


@dataclass(frozen=True, slots=True)
class Setting:
    """How a report is set: points, columns, and what runs along its pages."""

    name: str
    size: float = 10
    leading: float = 13
    columns: int = 1
    pagesize: tuple[float, float] = letter
    justified: bool = False
    running: bool = False
    boxes: bool = False
    footnotes: bool = False
    scale: float = 1.0
    turned: int = 0
    indent: float = 0


SETTINGS = (
    Setting("single"),
    Setting("one and a half lines", size=11, leading=20),
    Setting("double", size=11, leading=26),
    Setting("two columns", columns=2, running=True),
    Setting("two justified columns", size=9, leading=11, columns=2, justified=True, running=True),
    Setting("three columns", size=8, leading=10, columns=3, pagesize=landscape(A4)),
    Setting("long lines", size=8, leading=10, pagesize=landscape(A4), running=True),
    Setting("running headers", running=True, justified=True),
    Setting("tick boxes", boxes=True),
    Setting("footnotes", footnotes=True, running=True),
    Setting("scaled", scale=0.5),
    Setting("blown up", scale=2.0, running=True),
    Setting("turned pages", turned=90),
    Setting("upside down", turned=180, running=True),
    Setting("indented first lines", indent=14, justified=True),
)


class _Note(Flowable):  # type: ignore[misc]
    """A footnote in small type at the bottom of its page."""

    def __init__(self, mark: int) -> None:
        super().__init__()
        self.mark = mark

    def wrap(self, *_: float) -> tuple[float, float]:
        return 0, 0

    def draw(self) -> None:
        text = Paragraph(
            f"<super>{self.mark}</super>Footnote {self.mark} of this page.",
            ParagraphStyle("n", fontSize=7),
        )
        x, y = self.canv.absolutePosition(0, 0)
        text.wrapOn(self.canv, 400, 40)
        text.drawOn(self.canv, 72 - x, 62 + 9 * (self.mark % 3) - y)


def report(setting: Setting, texts: Sequence[str], per_paragraph: int = 5) -> bytes:
    """Returns a report of `texts`, a few a paragraph, set as `setting` says."""
    target = io.BytesIO()
    width, height = setting.pagesize
    gap, edge = 18, 72
    each = (width - 2 * edge - gap * (setting.columns - 1)) / setting.columns
    frames = [
        Frame(edge + index * (each + gap), edge + 30, each, height - 2 * edge - 40, 0, 0, 0, 0)
        for index in range(setting.columns)
    ]

    def furniture(canvas: Canvas, document: BaseDocTemplate) -> None:
        canvas.scale(setting.scale, setting.scale)
        if setting.turned:
            canvas.setPageRotation(setting.turned)
        if setting.running:
            canvas.setFont("Helvetica", 8)
            canvas.drawString(edge, height - 40, "Annual report of the Aukra works 2023")
            canvas.drawCentredString(width / 2, 36, f"Page {document.page + 3}")

    size = (width * setting.scale, height * setting.scale)
    document = BaseDocTemplate(target, pagesize=size, invariant=1)
    document.addPageTemplates(PageTemplate(frames=frames, onPage=furniture, pagesize=size))
    document.build(list(_story(setting, texts, per_paragraph)))
    return target.getvalue()


def _story(setting: Setting, texts: Sequence[str], per_paragraph: int) -> Iterator[Flowable]:
    style = ParagraphStyle(
        "body", fontName="Times-Roman", fontSize=setting.size, leading=setting.leading,
        alignment=4 if setting.justified else 0, firstLineIndent=setting.indent,
        spaceAfter=0 if setting.indent else 0.7 * setting.leading,
    )  # fmt: skip
    heading = ParagraphStyle(
        "heading", style, fontName="Times-Bold", fontSize=1.3 * setting.size, firstLineIndent=0
    )
    for first in range(0, len(texts), per_paragraph):
        if first % (6 * per_paragraph) == 0:
            yield Paragraph(f"Part {first} of the record", heading)
        text = " ".join(texts[first : first + per_paragraph])
        mark = first // per_paragraph % 9 + 1
        if setting.footnotes and first % (2 * per_paragraph) == 0:
            text = text.replace(", as", f",<super>{mark}</super> as", 1)
            yield _Note(mark)
        if setting.boxes:
            text = f'<font name="ZapfDingbats">{chr(0x6F)}</font> {text}'
        yield Paragraph(text, style)
        yield Spacer(1, 1)
