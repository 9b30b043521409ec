"""`monazite documents`: what is indexed, and how much of each document was read."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.options import Json, open_installation

if TYPE_CHECKING:
    from retrieval.domain.records import DocumentInfo

_MAX_HINTS = 3


def register(app: typer.Typer) -> None:
    """Adds the command to `app`."""
    app.command()(documents)


def documents(
    name: Annotated[
        str, typer.Argument(help="A document, by its name or path; default: all of them.")
    ] = "",
    text: Annotated[
        bool, typer.Option("--text", help="Also print the document's text as it was read.")
    ] = False,
    json: Json = False,
) -> None:
    """List the documents, or show how much of one was read and what was left out."""
    from bot.cli import console
    from retrieval.domain.errors import ConfigurationError, IndexMissingError

    catalog = open_installation().catalog
    if catalog.live_build() is None:
        raise IndexMissingError("There is no index yet; run: monazite index")
    known = catalog.documents()
    if not name:
        if text:
            raise ConfigurationError("--text needs a document; see: monazite documents")
        _print_all(known, json=json)
        return
    for info in _named(name, known):
        content = catalog.text(info.version_id) if text else None
        if json:
            console.print_json(_as_json(info) | ({} if content is None else {"text": content}))
        else:
            _print_one(info)
            if content is not None:
                console.tell(f"\n{content}")


def _named(name: str, known: "list[DocumentInfo]") -> "list[DocumentInfo]":
    from difflib import get_close_matches

    from retrieval.domain.errors import ConfigurationError
    from retrieval.domain.sanitizing import printable_line

    found = [one for one in known if name in (one.name, f"{one.root}/{one.name}")]
    if not found:
        close = get_close_matches(name, [one.name for one in known], _MAX_HINTS)
        hint = f"; did you mean {', '.join(close)}?" if close else "; see: monazite documents"
        raise ConfigurationError(f"There is no document {printable_line(name)}{hint}")
    return found


def _print_all(known: "list[DocumentInfo]", *, json: bool) -> None:
    from bot.cli import console

    if json:
        for one in known:
            console.print_json(_as_json(one))
        return
    console.print_table(
        ("Document", "Title", "Words read", "Of all", "Left out"),
        (
            (
                one.name, one.title, f"{one.ledger.words:,}", f"{one.ledger.share:.0%}",
                one.ledger.told,
            )
            for one in known
        ),
    )  # fmt: skip


def _print_one(info: "DocumentInfo") -> None:
    from bot.cli import console
    from retrieval.domain.ledger import describe

    ledger = info.ledger
    console.tell(f"Document  {info.root}/{info.name}" if info.root else f"Document  {info.name}")
    console.tell(f"Title     {info.title}")
    console.tell(f"Date      {info.date or 'none stated'}")
    console.tell(f"Indexed   {info.indexed_at:%Y-%m-%d %H:%M} UTC, {info.passages} passages")
    if info.outdated_since:
        console.tell(
            f"Outdated  its file has changed and cannot be read any more, seen on {info.outdated_since:%Y-%m-%d}"
        )
    console.tell(
        f"Read      {ledger.words:,} words ({ledger.share:.1%} of those known), "
        f"{ledger.pages:,} pages, {ledger.rows:,} rows of tables"
    )
    for loss in ledger.losses:
        console.tell(f"Left out  {describe(loss)}")
    if not ledger.losses:
        console.tell("Left out  nothing that is known of")


def _as_json(info: "DocumentInfo") -> dict[str, Any]:
    outdated = info.outdated_since
    return {
        "name": info.name, "root": info.root, "title": info.title, "date": info.date,
        "format": info.format, "passages": info.passages, "access": info.access,
        "indexed_at": info.indexed_at.isoformat(),
        "outdated_since": outdated.isoformat() if outdated else None,
        "share_read": round(info.ledger.share, 4), "told": info.ledger.told,
        **info.ledger.as_json(),
    }  # fmt: skip
