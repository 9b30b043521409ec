"""Writes the PDF and Word documents of the evaluation corpus from their sources in `office/`.

A source is plain text: `# ` and `## ` open headings, `- ` list items, `| a | b |` table
rows, `---page---` a new page; any other line is a paragraph.
"""

import shutil
from itertools import groupby
from pathlib import Path

HERE = Path(__file__).parent
SEEDS = HERE.parents[1] / "seeds"


def build_corpus(folder: Path, *, whole: bool = False) -> Path:
    """Fills `folder` with the seeds and evaluation documents in all five formats; all of them if `whole`."""
    folder.mkdir(parents=True, exist_ok=True)
    more = sorted((HERE / "more").iterdir()) if whole else []
    for source in (*sorted(SEEDS.iterdir()), *sorted((HERE / "documents").iterdir()), *more):
        shutil.copyfile(source, folder / source.name)
    for source in sorted((HERE / "office").iterdir()):
        target = folder / source.name.removesuffix(".txt")
        lines = source.read_text(encoding="utf-8").splitlines()
        (write_pdf if target.suffix == ".pdf" else write_docx)(lines, target)
    return folder


def write_docx(lines: list[str], target: Path) -> None:
    import docx

    document = docx.Document()
    for is_row, group in groupby(lines, key=lambda line: line.startswith("|")):
        block = list(group)
        if is_row:
            rows = [_cells(line) for line in block]
            table = document.add_table(rows=0, cols=len(rows[0]))
            for row in rows:
                for cell, text in zip(table.add_row().cells, row, strict=True):
                    cell.text = text
            continue
        for line in block:
            if line.startswith("# "):
                document.add_heading(line[2:], level=0)
            elif line.startswith("## "):
                document.add_heading(line[3:], level=1)
            elif line.startswith("- "):
                document.add_paragraph(line[2:], style="List Bullet")
            else:
                document.add_paragraph(line)
    document.save(str(target))


def write_pdf(lines: list[str], target: Path) -> None:
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table

    styles = getSampleStyleSheet()
    story: list[object] = []
    for is_row, group in groupby(lines, key=lambda line: line.startswith("|")):
        block = list(group)
        if is_row:
            story += [Table([_cells(line) for line in block]), Spacer(1, 12)]
            continue
        for line in block:
            if line == "---page---":
                story.append(PageBreak())
            elif line.startswith("# "):
                story.append(Paragraph(line[2:], styles["Title"]))
            elif line.startswith("## "):
                story.append(Paragraph(line[3:], styles["Heading2"]))
            else:
                story += [Paragraph(line, styles["BodyText"]), Spacer(1, 6)]
    SimpleDocTemplate(str(target), title=lines[0].lstrip("# "), invariant=1).build(story)


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]
