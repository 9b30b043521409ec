"""Who may see a document: its access label, and the readers whom it lets in."""

import re
import reprlib
from collections.abc import Iterable
from dataclasses import dataclass

# Slack's ids of channels (C, and G for older private ones) and of user groups (S).
_ID = re.compile(r"[CGS][A-Z0-9]+")
# The label of a document that everybody may see; no id looks like it.
EVERYONE = "everyone"
# The label of a document whose access cannot be told: no reader has it, operators included.
NOBODY = "nobody"
# Joins what two sources say of one document; a reader must satisfy each of them.
_AND = "&"


@dataclass(frozen=True, slots=True)
class Reader:
    """Those an answer is shown to, by the channels and user groups that they all belong to.

    They may see what everyone may, and what names one of `ids` (in each part of a label that
    has several). `ids` is None for an operator, who may see everything but what is closed to all.
    """

    ids: frozenset[str] | None = frozenset()

    def may_see(self, label: str) -> bool:
        """Says whether a document with this access label may be shown."""
        if label == NOBODY:
            return False
        if self.ids is None or label == EVERYONE:
            return True
        return all(not self.ids.isdisjoint(part) for part in _parts(label))


PUBLIC = Reader()
OPERATOR = Reader(None)


def label_of(ids: Iterable[object]) -> str:
    """Returns the access label for ids of channels and user groups, or for "everyone".

    Raises `ValueError` for anything else, and for nobody.
    """
    given = list(ids)
    for one in given:
        if not isinstance(one, str) or not (one.strip() == EVERYONE or _ID.fullmatch(one.strip())):
            raise ValueError(
                "access takes ids of channels (C…) and user groups (S…), or everyone; "
                f"not {shortened(one)}"
            )
    names = sorted({str(one).strip() for one in given})
    if not names:
        raise ValueError("access names nobody; name channels or user groups, or everyone")
    if EVERYONE in names and len(names) > 1:
        raise ValueError("access names everyone and others besides; name one or the other")
    return ",".join(names)


def both(one: str, other: str) -> str:
    """Returns the label that lets in only those whom both labels let in."""
    if NOBODY in (one, other):
        return NOBODY
    parts = {frozenset(part) for label in (one, other) for part in _parts(label)}
    # Whom the smaller part lets in, the larger one lets in too.
    needed = [part for part in parts if not any(smaller < part for smaller in parts)]
    return _AND.join(sorted(",".join(sorted(part)) for part in needed)) or EVERYONE


def ids_in(label: str) -> list[str]:
    """Returns the ids that a label names; none for everyone and for nobody."""
    return sorted({name for part in _parts(label) for name in part})


def shortened(value: object) -> str:
    """Returns a value as a message may show it: a large or deep one is cut."""
    return _SHORT.repr(value)


def _parts(label: str) -> list[list[str]]:
    if label in (EVERYONE, NOBODY):
        return []
    return [part.split(",") for part in label.split(_AND)]


_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 60
_SHORT.maxlevel = 2
