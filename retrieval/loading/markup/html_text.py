"""The text of elements of a page, as a browser shows it: superscripts stay apart from numbers."""

import re
from collections.abc import Iterator
from typing import Any

UNSEEN = frozenset(
    "script style template svg iframe head title meta link base object embed canvas audio video "
    "datalist noscript math".split()
) - {"math"}
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_RAISED = str.maketrans(
    "0123456789+-−()abcdefghijklmnoprstuvwxyz", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ"
)
_ORDINALS = frozenset(("st", "nd", "rd", "th", "er", "ère", "re", "e", "ème", "º", "ª", "tm", "sm"))
_MARK = re.compile(r"\A\W{0,5}(?:\d{1,3}|[a-z]|[*†‡§¶#]{1,3})\W{0,5}\Z")


def is_hidden(element: Any) -> bool:
    """Says whether a browser does not show an element."""
    return element.get("hidden") is not None or bool(_HIDING.search(element.get("style") or ""))


def raised(text: str, before: str) -> str:
    """Returns a superscript as it may follow `before`: "12,300" and "1" are no 12,3001."""
    bare = text.strip()
    if bare.lower() in _ORDINALS or not bare:
        return text
    if len(bare) <= 4 and not re.search(r"[^\w+\-−(),\s]", bare):
        return bare.translate(_RAISED)
    return f" {bare}" if before[-1:].isalnum() and bare[:1].isalnum() else bare


def inline_text(element: Any) -> str:
    """Returns all text inside of an element on one line."""
    return " ".join("".join(_pieces(element)).split())


def text_and_marks(element: Any) -> tuple[str, tuple[str, ...]]:
    """Returns the text of a cell without the note marks that are raised behind it, and those marks."""
    pieces, marks = [], []
    for node in element.iter("sup"):
        bare = "".join(node.itertext()).strip()
        if (
            _MARK.fullmatch(bare)
            and not _is_exponent(node, bare)
            and not _inside_sup(node, element)
        ):
            marks += [mark for mark in re.split(r"[\s,;()\[\]]+", bare) if mark]
            node.set("data-mark", "1")
    pieces = ["".join(_pieces(element))]
    return " ".join("".join(pieces).split()), tuple(marks)


def _is_exponent(node: Any, bare: str) -> bool:
    """m² and 10⁶ are no notes."""
    before = node.getprevious()
    text = (before.tail if before is not None else node.getparent().text) or ""
    return bool(
        bare.lstrip("-−").isdigit()
        and re.search(r"(?:\b(?:[kcdmµn]?m|ft|in|s|yd)|(?<!\d)10|[×x]\s?10)\s*\Z", text)
    )


def _inside_sup(node: Any, element: Any) -> bool:
    return any(parent.tag == "sup" for parent in node.iterancestors() if parent is not element)


def _pieces(element: Any) -> Iterator[str]:
    yield element.text or ""
    before = element.text or ""
    for child in element:
        if isinstance(child.tag, str) and child.tag not in UNSEEN and not is_hidden(child):
            if child.tag == "sup":
                if child.get("data-mark") is None:
                    yield raised(inline_text(child), before)
            elif child.tag == "br":
                yield " "
            else:
                block = child.tag in BLOCKS
                yield " " if block else ""
                yield from _pieces(child)
                yield " " if block else ""
        before = child.tail or before
        yield child.tail or ""


BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav "
    "ol optgroup option p pre search section select summary table tbody td textarea tfoot th thead tr ul".split()
)
