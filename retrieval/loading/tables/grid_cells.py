"""A grid of cells as an office file holds it, and what is said of the parts of a table in it."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from retrieval.loading.text_builder import fold_spaces


class GridCell(NamedTuple):
    """A cell that holds something. `number` tells a measured number from words, years and dates.

    `copied` is `across` or `down` for what a merged cell shows in the columns or rows that it
    covers. `heads` is set where the file itself says that the cell heads columns. `indent` counts
    steps from the left.
    """

    text: str
    marks: tuple[str, ...] = ()
    number: bool = False
    bold: bool = False
    address: str = ""
    copied: str = ""
    heads: bool = False
    indent: int = 0


class GridRow(NamedTuple):
    """A row that holds something: its number in the sheet or table, and its cells by column."""

    number: int
    cells: Mapping[int, GridCell]

    def own(self) -> list[int]:
        """Returns the columns whose cells are no copies."""
        return [column for column, cell in self.cells.items() if not cell.copied]


_NUMBER = re.compile(r"(?<![\d.,])[-+–−(<>~≈$€£¥]{0,3}\s?\d[\d.,'  ]*+\)?\s?[%‰]?\)?\Z")
_YEAR = re.compile(r"(?:(?:FY|CY)\s?)?(?:1[89]|20|21)\d\d(?:\s?[-/–]\s?\d{2,4})?[a-zA-Z*]?\Z")
_UNITS = (
    r"%|‰|per ?cent|ppm|ppb|wt\.?\s?%|[kM]?t|kt|Mt|tonnes?|metric tons?|tons?|kilograms?|kg|mg|g|"
    r"pounds?|lbs?|oz|US\$|USD|EUR|RMB|CNY|AUD|CAD|GBP|JPY|NOK|yuan|dollars?|euros?|[$€£¥]|"
    r"hours?|h|days?|years?|months?|minutes?|min|m|km|cm|mm|µm|ha|hectares?|m[23²³]|km[2²]|"
    r"k?Wh|MWh|GWh|MW|GW|kW|°C|pH|bar|MPa|kPa|litres?|ml|millions?|thousands?|billions?|bn"
)
_UNIT = re.compile(
    rf"(?:(?:{_UNITS})(?:\s?(?:/|per|of|a)\s?|\s)?){{1,4}}(?:\s?(?:of\s)?(?:TREO|REO|REE|oxide))?\Z"
)
_BRACKETED = re.compile(r"[(\[]([^()\[\]]{1,40})[)\]]\s*\Z")
_BEHIND = re.compile(r"(?:,|\bin\b)\s+([^,()]{1,40})\Z")


def is_number(text: str) -> bool:
    """Says whether a text is a measured number; a year is none."""
    return bool(_NUMBER.match(text)) and not _YEAR.match(text)


def is_year(text: str) -> bool:
    """Says whether a text is a year or a span of years, such as `FY 2023` or `2023/24`."""
    return bool(_YEAR.match(text))


def is_unit(text: str) -> bool:
    """Says whether a text is nothing but a unit, brackets around it or not."""
    bare = fold_spaces(text).strip("()[] ")
    return 0 < len(bare) <= 40 and bool(_UNIT.match(bare))


def unit_in(text: str) -> str:
    """Returns the unit that a heading or caption ends with, such as `Price (US$/kg)`, or nothing."""
    for pattern in (_BRACKETED, _BEHIND):
        found = pattern.search(text[-80:])
        if found and is_unit(found[1]):
            return found[1].strip()
    return ""
