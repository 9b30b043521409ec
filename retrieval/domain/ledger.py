"""How much of a document's visible text was read, and what was left out and why."""

import re
from dataclasses import asdict, dataclass, replace
from typing import Any

from retrieval.domain.documents import BlockKind, Document
from retrieval.domain.losses import Loss

# Less than this share of a document's words is a little.
_LITTLE = 0.02
# What every page repeats, or what leads elsewhere: noted, and missed by nobody.
_FURNITURE = re.compile(
    r"\b(?:furniture|boilerplate|headers?|footers?|page numbers?|navigation|menus?|banners?|"
    r"table of contents|teasers?|notices and links)\b",
    re.IGNORECASE,
)
# So does a reason that says it, or that it was read after all.
_NOT_MISSED = re.compile(r"\Aread\b|\bon every page\b|\bno part of\b", re.IGNORECASE)
# Many documents hold a logo. Without words that are known, a picture alone is no reason to tell.
_PICTURE = re.compile(
    r"\b(?:image|picture|photo|logo|icon|drawing|shape|symbol)s?\b", re.IGNORECASE
)
_MAX_TOLD = 3


@dataclass(frozen=True, slots=True)
class Ledger:
    """Counts of what was read (words, pages, rows of tables), and what was left out.

    Words are what white space separates. `pages` counts those with text, slides and sheets too.
    """

    words: int = 0
    pages: int = 0
    rows: int = 0
    losses: tuple[Loss, ...] = ()

    @property
    def missing(self) -> int:
        """Returns the known number of words that were left out, what pages repeat apart."""
        return sum(one.words for one in self.losses if _is_missed(one))

    @property
    def share(self) -> float:
        """Returns the share of the visible words that was read, 0 to 1, what pages repeat apart."""
        return self.words / (self.words + self.missing) if self.missing else 1.0

    @property
    def told(self) -> str:
        """Returns what is missing in a line, where that is more than a little; else "".

        More than a little is over 2% of the words, or something of which nobody knows how many
        words it holds, such as a page without a text layer, unless it is a picture.
        """
        told = [one for one in self.losses if _is_missed(one)]
        unknown = [one for one in told if not one.words and not _PICTURE.search(one.what)]
        much = 1 - self.share > _LITTLE
        if not (much or unknown):
            return ""
        most = sorted(told if much else unknown, key=lambda one: -one.words)
        more = f"; and {len(most) - _MAX_TOLD} more kinds" if len(most) > _MAX_TOLD else ""
        share = f"{1 - self.share:.0%} of its words were left out: " if much else "left out: "
        return share + "; ".join(map(describe, most[:_MAX_TOLD])) + more

    def as_json(self) -> dict[str, Any]:
        """Returns the ledger, to be stored."""
        return asdict(self)


UNREAD = Ledger()


def ledger_of(document: Document) -> Ledger:
    """Returns what a loader took of a document; what it took for furniture of pages is left out."""
    words, furniture, count, rows = 0, 0, 0, 0
    pages = set()
    for block in document.blocks:
        length = len(document.text[block.start : block.end].split())
        if block.kind is BlockKind.BOILERPLATE:
            furniture, count = furniture + length, count + 1
            continue
        words += length
        rows += block.kind is BlockKind.TABLE_ROW
        pages.add(block.page or block.place.page or block.place.slide or block.place.sheet)
    losses = document.losses
    if count:
        why = "reads like what every page repeats, such as its number, or like a link elsewhere"
        losses = (*losses, Loss("page furniture", why, count, furniture))
    return Ledger(words, len(pages - {None, ""}), rows, losses)


def _is_missed(loss: Loss) -> bool:
    return not (_FURNITURE.search(loss.what) or _NOT_MISSED.search(loss.why))


def ledger_from(stored: dict[str, Any]) -> Ledger:
    """Returns the ledger that `as_json` described; an empty one for a document indexed long ago."""
    losses = tuple(Loss(**one) for one in stored.get("losses", ()))
    return replace(Ledger(**{**stored, "losses": ()}), losses=losses) if stored else UNREAD


def describe(loss: Loss) -> str:
    """Returns what was left out in words: `hidden sheet × 2, 340 words (Costs): it is hidden`."""
    times = f" × {loss.count:,}" if loss.count > 1 else ""
    words = f", {loss.words:,} words" if loss.words else ""
    where = f" ({loss.where})" if loss.where else ""
    return f"{loss.what}{times}{words}{where}: {loss.why}"
