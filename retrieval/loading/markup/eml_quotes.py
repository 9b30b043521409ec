"""Tells what a mail says from what it quotes of earlier ones, which is read as such."""

import re
from collections.abc import Iterator
from dataclasses import replace

from retrieval.domain.places import Place
from retrieval.loading.plain_text import add_plain
from retrieval.loading.text_builder import TextBuilder

QUOTED = "quoted from an earlier mail"
_QUOTE = re.compile(r"\A\s{0,3}(?:>\s?){1,40}")
_ATTRIBUTION = re.compile(
    r"\A\s{0,20}(?:On\b.{4,200}\bwrote|Am\b.{4,200}\bschrieb.{0,80}|Le\b.{4,200}\ba écrit|"
    r"El\b.{4,200}\bescribió|Il\b.{4,200}\bha scritto|Den\b.{4,200}\bskrev.{0,80}|Op\b.{4,200}\bschreef.{0,80})\s{0,5}[:：]\s{0,5}",
)
_ORIGINAL = re.compile(
    r"\A\s{0,20}(?:-{2,40}\s{0,5}(?:original\s{1,5}message|ursprüngliche\s{1,5}nachricht|message\s{1,5}d'origine|"
    r"mensaje\s{1,5}original|opprinnelig\s{1,5}melding|original-nachricht)\s{0,5}-{2,40}|_{10,80})\s{0,5}",
    re.IGNORECASE,
)
_FORWARDED = re.compile(
    r"\A\s{0,20}(?:-{2,40}\s{0,5}(?:forwarded\s{1,5}message|weitergeleitete\s{1,5}nachricht|message\s{1,5}transféré|"
    r"mensaje\s{1,5}reenviado)(?:\s{1,5}.{0,60})?-{2,40}|begin\s{1,5}forwarded\s{1,5}message\s{0,5}:)\s{0,5}",
    re.IGNORECASE,
)
_FROM = re.compile(
    r"\A\s{0,20}\*?(?:from|von|de|fra|från|da|发件人)\s{0,5}:\*?\s{0,5}\S", re.IGNORECASE
)
_OTHER_HEADER = re.compile(
    r"\A\s{0,20}\*?(?:sent|date|to|subject|cc|gesendet|datum|an|betreff|envoyé|à|objet|enviado|para|asunto|"
    r"sendt|til|emne|发送时间|收件人|主题)\s{0,5}:\*?\s{0,5}\S",
    re.IGNORECASE,
)


def add_mail_text(
    builder: TextBuilder, text: str, *, above: int | None = None, part: str = ""
) -> None:
    """Adds the text of a mail; the place of what it quotes or forwards says so.

    `above` is how many lines of the file stand above it, if it stands in the file as it is.
    """
    for first, lines, said in _segments(re.split("\r\n|\r|\n", text)):
        where = ", ".join(filter(None, (part, said)))
        source = "\n".join(lines)
        start = None if above is None else above + first
        add_plain(builder, source, above=start, level=2, place=Place(part=where))


def is_quotation(element_class: str, element_id: str, tag: str, kind: str) -> bool:
    """Says whether an element of an HTML mail holds what it quotes of an earlier one."""
    names = f"{element_class} {element_id}".lower()
    known = (
        "gmail_quote",
        "yahoo_quoted",
        "moz-cite",
        "gmail_attr",
        "protonmail_quote",
        "divrplyfwdmsg",
    )
    return (tag == "blockquote" and kind.lower() == "cite") or any(one in names for one in known)


def _segments(lines: list[str]) -> Iterator[tuple[int, list[str], str]]:
    """Runs of lines, with the number of lines above each, and what it is said to be."""
    run: list[str] = []
    first, below, said, in_marked = 0, "", "", False
    for index, line in enumerate(lines):
        below = _begins(lines, index) or below
        marked = bool(_QUOTE.match(line))
        now = below or (QUOTED if marked or _attributes(lines, index) else "")
        if not line.strip() and said == QUOTED and not below:
            # A blank line between two quoted ones belongs to them.
            now = said if index + 1 < len(lines) and _QUOTE.match(lines[index + 1]) else ""
        # Who wrote the quoted lines stands above them, in a block of its own.
        apart = bool(line.strip()) and marked != in_marked
        if run and (now != said or apart):
            yield first, run, said
            run = []
        if not run:
            first, said, in_marked = index, now, marked
        run.append(_QUOTE.sub("", line, count=1) if marked else line)
    if run:
        yield first, run, said


def _attributes(lines: list[str], index: int) -> bool:
    """Says whether a line tells who wrote the quoted lines below it; it may be wrapped."""
    joined = " ".join(lines[index : index + 2])
    return bool(_ATTRIBUTION.fullmatch(lines[index]) or _ATTRIBUTION.fullmatch(joined)) or (
        index > 0 and bool(_ATTRIBUTION.fullmatch(" ".join(lines[index - 1 : index + 1])))
    )


def _begins(lines: list[str], index: int) -> str:
    """What all below a line is, where the line begins an earlier mail: quoted or forwarded."""
    line = lines[index]
    if _FORWARDED.fullmatch(line):
        return "forwarded message"
    if _ORIGINAL.fullmatch(line) and any(map(_FROM.match, lines[index + 1 : index + 4])):
        return QUOTED
    if _FROM.match(line):
        headers = sum(bool(_OTHER_HEADER.match(other)) for other in lines[index + 1 : index + 6])
        return QUOTED if headers >= 2 and index > 0 else ""
    return ""


def quoted_place(place: Place) -> Place:
    """Returns a place, said to be in what a mail quotes."""
    if QUOTED in place.part:
        return place
    return replace(place, part=", ".join(filter(None, (place.part, QUOTED))))
