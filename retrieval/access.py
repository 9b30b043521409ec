"""Who may see a document: its access label, and the readers whom it lets in."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

# Slack's ids of channels (C, and G for older private ones) and of user groups (S).
_ID = re.compile(r"[CGS][A-Z0-9]+")
# The label of a document that everybody may see; no id looks like it.
EVERYONE = "everyone"


@dataclass(frozen=True, slots=True)
class Reader:
    """Those an answer is shown to, by the channels and user groups that they all belong to.

    They may see what everyone may, and what names one of `ids`. `ids` is None for an
    operator, who may see everything.
    """

    ids: frozenset[str] | None = frozenset()

    def may_see(self, label: str) -> bool:
        """Says whether a document with this access label may be shown."""
        if self.ids is None or label == EVERYONE:
            return True
        return not self.ids.isdisjoint(ids_in(label))


PUBLIC = Reader()
OPERATOR = Reader(None)


def label_of(ids: Iterable[str]) -> str:
    """Returns the access label for ids of channels and user groups, or for "everyone".

    Raises `ValueError` for anything else, and for nobody.
    """
    names = sorted({str(one).strip() for one in ids})
    if names == [EVERYONE]:
        return EVERYONE
    if not names:
        raise ValueError("access names nobody; name channels or user groups, or everyone")
    for name in names:
        if not _ID.fullmatch(name):
            raise ValueError(
                f"access takes ids of channels (C…) and user groups (S…), or everyone; not {name!r}"
            )
    return ",".join(names)


def ids_in(label: str) -> list[str]:
    """Returns the ids that a label lets in; none for everyone."""
    return [] if label == EVERYONE else label.split(",")
