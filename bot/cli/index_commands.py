"""The commands that change the index, or look after it: parse, call and print."""

import shlex
from contextlib import closing, nullcontext
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.options import DONE, WITH_FAILURES, Json, Paths, open_installation
from retrieval.domain.sanitizing import printable_line

Document = Annotated[str, typer.Argument(help="Its name, as `monazite status` shows it.")]


class Workers(StrEnum):
    """Where passages are embedded."""

    LOCAL = "local"
    RAY = "ray"


def register(app: typer.Typer) -> None:
    """Adds the commands to `app`."""
    for command in (index, remove, delete, forget, watch, verify, backup, restore, history, cancel):
        app.command()(command)


def index(  # noqa: PLR0913, PLR0917  each is an option of the command line
    paths: Paths = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Make the whole index anew, beside the old one.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="List what would change, and change nothing.")
    ] = False,
    workers: Annotated[
        Workers, typer.Option(help="Embed in this process, or on a Ray cluster (RAY_ADDRESS).")
    ] = Workers.LOCAL,
    who: Annotated[str, typer.Option(hidden=True, help="Who asked for it.")] = "",
    progress_lines: Annotated[
        bool, typer.Option(hidden=True, help="Tell of progress in lines, for programs.")
    ] = False,
    most_failures: Annotated[
        int | None, typer.Option(hidden=True, help="How many failures JSON names; all are counted.")
    ] = None,
    json: Json = False,
) -> None:
    """Bring the index up to date with the documents."""
    from bot.cli import console, index_console

    installation = open_installation(paths or ())
    installation.embeds_on_ray = workers is Workers.RAY
    chosen = paths or [installation.settings.documents]
    if dry_run:
        index_console.print_preview(installation.indexer.preview(chosen), json=json)
        return
    with (
        closing(installation.cluster) if installation.embeds_on_ray else nullcontext(),
        console.progress("Indexing", lines=progress_lines) as progress,
    ):
        report = installation.indexer.index(
            chosen, rebuild=rebuild, progress=progress, who=who, by_name=bool(paths)
        )
    for notice in report.notices:
        console.say(notice)
    if json:
        console.print_json(report.as_json(most_failures))
    else:
        index_console.print_index_report(report)
    raise typer.Exit(WITH_FAILURES if report.failed else DONE)


def remove(
    document: Document,
    _yes: Annotated[bool, typer.Option("--yes", hidden=True, help="Nothing is asked.")] = False,
) -> None:
    """Take a document out of the index; its file stays, and is not indexed until you name it."""
    from bot.cli import console

    target = open_installation().remover.remove(document)
    place = target.file or Path(*target.key)
    console.say(f"Removed {target.key.name}; its file stays at {place}")
    console.say(f"It stays out of the index until: monazite index {shlex.quote(str(place))}")


def delete(
    document: Document,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete a document for good: its file, and every trace of it in the index."""
    from bot.cli import console

    remover = open_installation().remover
    target = remover.find(document)
    remover.check_deletable(target)
    what = f"its file {target.file}" if target.file else "its passages; the file is gone already"
    question = printable_line(f"Delete {target.key.name}, {what}? There is no way back")
    if not yes and not typer.confirm(question):
        raise typer.Exit(WITH_FAILURES)
    remover.delete(document)
    console.say(f"Deleted {target.key.name}, {what}")


def forget(
    folder: Annotated[Path, typer.Argument(help="A folder, as `monazite status` shows it.")],
) -> None:
    """Take a folder out of the index with all its documents; the files stay."""
    from bot.cli import console

    done = open_installation().remover.forget(folder)
    console.say(f"Forgot {done.folder} with {done.documents} documents; the files stay")
    console.say(f"It stays out of the index until: monazite index {shlex.quote(str(done.folder))}")


def watch(
    paths: Paths = None,
) -> None:
    """Index, and again whenever the documents change, until stopped."""
    from bot.cli.watch import watch_documents

    installation = open_installation(paths or ())
    watch_documents(installation.indexer, paths or [installation.settings.documents])


def verify(
    repair: Annotated[bool, typer.Option("--repair", help="Mend what can be mended.")] = False,
    json: Json = False,
) -> None:
    """Prove that catalog, vectors and lexical index agree."""
    from bot.cli import console, index_console

    found = open_installation().verifier.verify(repair=repair)
    if json:
        console.print_json(found.as_json())
    else:
        index_console.print_verification(found)
    raise typer.Exit(DONE if found.whole else WITH_FAILURES)


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write.")],
    encrypt: Annotated[
        bool,
        typer.Option(
            "--encrypt", help="Insist on encrypting; with a key in the settings it is done."
        ),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    json: Json = False,
) -> None:
    """Write the index into one file, while questions are answered."""
    from bot.cli import index_console

    report = open_installation().backups.backup(file, encrypted=encrypt, force=force)
    index_console.print_backup("Backed up", report, json=json)


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `backup` wrote.")],
    keep_removed: Annotated[
        bool,
        typer.Option(
            "--keep-removed", help="Bring back what was taken out, or has no file any more."
        ),
    ] = False,
    trust: Annotated[
        list[Path] | None,
        typer.Option(help="A folder whose documents come back though it is not indexed here."),
    ] = None,
    unencrypted: Annotated[
        bool, typer.Option("--unencrypted", help="Take a backup in clear, though there is a key.")
    ] = False,
    json: Json = False,
) -> None:
    """Make the index what a backup says; the old one answers until then."""
    from bot.cli import index_console
    from retrieval.backup.backups import RestoreOptions

    options = RestoreOptions(keep_removed, tuple(trust or ()), unencrypted)
    report = open_installation().backups.restore(file, options=options)
    index_console.print_restored(report, json=json)
    raise typer.Exit(WITH_FAILURES if report.left_out else DONE)


def history(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many runs.")] = 20,
    json: Json = False,
) -> None:
    """Show the runs that changed the index, newest first."""
    from bot.cli import index_console

    index_console.print_history(open_installation().runs.history(limit), json=json)


def cancel() -> None:
    """Stop the indexing run at work; what it has done by then is kept."""
    from bot.cli import console

    stopping = open_installation().runs.cancel()
    console.say("The run will stop at its next document" if stopping else "No run is at work")
    raise typer.Exit(DONE if stopping else WITH_FAILURES)
