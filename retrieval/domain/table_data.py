"""Tables as data: what a loader found, before it becomes text."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as it is shown: `text` with its own unit or percent sign, without its note marks.

    `marks` are the note marks that stood on it, such as `("12",)`; `address` is its place in a
    sheet (`B4`), if it has one.
    """

    text: str
    marks: tuple[str, ...] = ()
    address: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column by the path of its headings, outermost first; `unit` is said of all its cells."""

    path: tuple[str, ...]
    unit: str = ""

    @property
    def name(self) -> str:
        """Returns the headings in one line, such as `Mine production › 2023`."""
        return " › ".join(self.path)


@dataclass(frozen=True, slots=True)
class Row:
    """A row: the labels of the groups it stands under and its own, outermost first, and its cells.

    `cells` are those of `Table.columns`, in their order; the label is none of them.
    `page` counts from 1 where a table goes on over several.
    """

    labels: tuple[str, ...]
    cells: tuple[Cell, ...]
    page: int | None = None
    marks: tuple[str, ...] = ()
    lines: tuple[int, int] | None = None

    @property
    def label(self) -> str:
        """Returns the labels in one line, such as `Imports › Metals › Ferrocerium, alloys`."""
        return " › ".join(self.labels)


@dataclass(frozen=True, slots=True)
class Table:
    """A table. `label_name` heads the column of the labels; `unit` is said of the whole table.

    `notes` are texts by note mark; `legend` are meanings of what stands for no number, such as
    `{"—": "Zero", "W": "Withheld", "NA": "Not available"}`. `sheet` is the name of the sheet.
    """

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    caption: str = ""
    label_name: str = ""
    unit: str = ""
    notes: dict[str, str] = field(default_factory=dict)
    legend: dict[str, str] = field(default_factory=dict)
    sheet: str = ""
