"""Finds what a table of a PDF is called, and what its signs stand for."""

import re
from collections.abc import Iterable, Sequence

from retrieval.domain.documents import BlockKind
from retrieval.loading.pdf.pages import Item
from retrieval.loading.pdf.paragraphs import Paragraph

_MAX_CAPTION_CHARS = 250
_NAMED = re.compile(r"(?:table|tab\.|tabelle|tableau|exhibit|schedule)\s*[\dA-Z]", re.IGNORECASE)
_SIGN = r"(?:[a-zA-Z]|[A-Z]{2,3}|n/?a|n\.a\.|[–—-]{1,2}|\*{1,2}|\.{2,3}|…)"
_MEANING = re.compile(rf"(?:Note )?({_SIGN})(?::|\s*=|\s)\s*([A-Z(a-z][^.;=]{{2,80}})")
_KNOWN = re.compile(
    r"(?i:estimated|provisional|preliminary|revised|not (?:available|applicable|reported|meaningful)|"
    r"nil|zero|none|withheld|less than|net exporter|no data|confidential|negligible|unknown)"
)
_LEGEND_CHARS = 600


def caption_of(items: Sequence[Item], index: int) -> str:
    """Returns what stands above or below a table to name it: a caption, a heading, words in bold."""
    above = items[index - 1] if index else None
    below = items[index + 1] if index + 1 < len(items) else None
    for item in (above, below):
        if (
            isinstance(item, Paragraph)
            and _NAMED.match(item.text)
            and len(item.text) <= _MAX_CAPTION_CHARS
        ):
            return item.text
    if not isinstance(above, Paragraph) or not above.text:
        return ""
    if above.kind is BlockKind.HEADING:
        return above.text
    short = len(above.lines) <= 2 and len(above.text) <= _MAX_CAPTION_CHARS // 2
    if short and not above.text.endswith(".") and above.kind is BlockKind.PARAGRAPH:
        return above.text
    return _run_in(above)


def _run_in(paragraph: Paragraph) -> str:
    """Returns the words in bold that open a paragraph, such as "World Mine Production:"."""
    words: list[str] = []
    for word in paragraph.lines[0].words:
        if not word.bold:
            break
        words.append(str(word))
    return " ".join(words).rstrip(":. ") if len(words) < len(paragraph.lines[0].words) else ""


def legend_in(texts: Iterable[str]) -> dict[str, str]:
    """Returns what signs stand for, as lines such as "NA Not available. — Zero." say."""
    legend: dict[str, str] = {}
    for text in texts:
        if len(text) > _LEGEND_CHARS:
            continue
        parts = [
            part.strip() for part in re.split(r"(?<!n\.[a-z])[.;](?:\s+|\Z)", text) if part.strip()
        ]
        found = [_MEANING.fullmatch(part) for part in parts]
        said = [match for match in found if match and _KNOWN.search(match.group(2))]
        if said and 2 * len(said) >= len(parts):
            legend.update({m.group(1): m.group(2).strip() for m in found if m})
    return legend
