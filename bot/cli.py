"""The command line: parses, calls and prints. Exit 0 done, 1 with failures, 2 wrong use."""

import os
import sys
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer

from retrieval.errors import MonaziteError

if TYPE_CHECKING:
    from bot.answers import Answer
    from bot.assembly import Assembly
    from retrieval.records import StoredPassage

DONE, WITH_FAILURES, WRONG_USE = 0, 1, 2

app = typer.Typer(
    name="monazite",
    help="Answers questions about rare earths from your own documents, with citations.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


@app.command()
def index(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Folders or files; default: the documents folder.")
    ] = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Make the whole index anew, beside the old one.")
    ] = False,
    json: Json = False,
) -> None:
    """Bring the index up to date with the documents."""
    from bot import console

    assembly = _assemble()
    with console.progress("Indexing") as progress:
        report = assembly.indexer.index(
            paths or [assembly.settings.documents], rebuild=rebuild, progress=progress
        )
    for notice in report.notices:
        console.say(notice)
    if json:
        console.print_json(report.as_json())
    else:
        console.print_index_report(report)
    raise typer.Exit(WITH_FAILURES if report.failed else DONE)


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="The question; - reads one a line from stdin.")],
    passages: Annotated[
        bool, typer.Option("--passages", help="Also print the whole passages cited.")
    ] = False,
    json: Json = False,
) -> None:
    """Answer a question from the documents, with citations."""
    assembly = _assemble()
    show = _answer_printer(assembly, json=json, passages=passages)
    if question != "-":
        show(assembly.answerer.answer(question))
        return
    failures = [_ask_line(assembly, line, show, json=json) for line in _lines_of_stdin()]
    raise typer.Exit(WITH_FAILURES if any(failures) else DONE)


@app.command()
def status(json: Json = False) -> None:
    """Show what the index holds."""
    from bot import console
    from bot.status import read_status

    assembly = _assemble()
    home = str(assembly.settings.home.absolute())
    found = read_status(assembly.catalog, home, assembly.fingerprint)
    if json:
        console.print_json(found.as_json())
    else:
        console.print_status(found)


@app.command()
def doctor() -> None:
    """Check the installation and say how to mend what is wrong."""
    from bot import console
    from bot.doctor import examine

    failed = False
    for finding in examine():
        console.print_findings([finding])
        failed = failed or not finding.ok
    raise typer.Exit(WITH_FAILURES if failed else DONE)


class Mode(StrEnum):
    """How Slack reaches the bot."""

    SOCKET = "socket"
    HTTP = "http"


@app.command()
def serve(
    mode: Annotated[
        Mode, typer.Option(help="Socket Mode, or HTTP for a public address.")
    ] = Mode.SOCKET,
    host: Annotated[
        str, typer.Option(help="Address to listen on, with --mode http.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on, with --mode http.")] = 3000,
) -> None:
    """Answer questions in Slack until stopped."""
    from bot.logs import show_service_logs
    from bot.slack.serving import serve_http, serve_socket

    show_service_logs()
    assembly = _assemble()
    if mode is Mode.SOCKET:
        serve_socket(assembly)
    else:
        serve_http(assembly, host, port)


@app.command(name="eval")
def evaluate(
    file: Annotated[
        Path, typer.Argument(help="JSON lines: question, documents, answers, answerable.")
    ],
    json: Json = False,
) -> None:
    """Measure the answers against questions whose answers are known."""
    from bot import console
    from bot.evaluation import evaluate as measure
    from bot.evaluation import read_cases

    assembly = _assemble()
    cases = read_cases(file)
    with console.progress("Asking") as progress:
        report = measure(cases, assembly.answerer, assembly.searcher, assembly.catalog, progress)
    if json:
        console.print_json(report.as_json())
    else:
        console.print_evaluation(report)


def _assemble() -> "Assembly":
    from bot.assembly import Assembly
    from bot.settings import read_settings

    return Assembly(read_settings())


def _answer_printer(
    assembly: "Assembly", *, json: bool, passages: bool
) -> Callable[["Answer"], None]:
    from bot import console

    def show(answer: "Answer") -> None:
        cited = answer.citations or answer.nearest
        found = assembly.catalog.live_passages([citation.passage for citation in cited])
        whole = [found[key] for key in dict.fromkeys(c.passage for c in cited) if key in found]
        if json:
            extra = {"passages": [_passage_json(stored) for stored in whole]} if passages else {}
            console.print_json(answer.as_json() | extra)
            return
        console.print_answer(answer)
        if passages:
            console.print_passages(whole)

    return show


def _passage_json(stored: "StoredPassage") -> dict[str, object]:
    passage = stored.passage
    return {
        "passage": stored.id, "document": stored.document, "start": passage.start,
        "end": passage.end, "text": passage.text,
    }  # fmt: skip


def _ask_line(
    assembly: "Assembly", line: str, show: Callable[["Answer"], None], *, json: bool
) -> bool:
    """Answers one line of stdin; returns True when it could not be asked."""
    from bot import console
    from bot.answers import Answer
    from bot.questions import QuestionError

    try:
        show(assembly.answerer.answer(line))
    except QuestionError as error:
        if json:
            refused = Answer(line, "", False, "extractive", request_id=uuid4().hex[:12])
            console.print_json(refused.as_json() | {"error": str(error)})
        else:
            console.say(str(error))
        return True
    return False


def _lines_of_stdin() -> Iterator[str]:
    for raw in sys.stdin.buffer:
        yield raw.decode("utf-8", errors="replace").rstrip("\r\n")


def main() -> None:
    """Runs the program; no stack trace reaches the terminal."""
    from bot.logs import quiet_libraries

    quiet_libraries()
    try:
        app()
    except SystemExit as done:
        _leave(done)
    except MonaziteError as error:
        _complain(str(error))
        sys.exit(WRONG_USE)
    except KeyboardInterrupt:
        _complain("Stopped; what was done so far is kept, run the command again to go on")
        sys.exit(WITH_FAILURES)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(WITH_FAILURES)
    except Exception as error:  # noqa: BLE001  the last gate before the terminal
        sys.exit(_report(error))


def _leave(done: SystemExit) -> None:
    """Exits; skips taking the interpreter apart when that would take torch's 1.5 seconds."""
    code = done.code if isinstance(done.code, int) else DONE if done.code is None else WRONG_USE
    if "torch" in sys.modules:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def _report(error: Exception) -> int:
    from bot.logs import write_traceback
    from bot.settings import read_settings

    request_id = uuid4().hex[:12]
    try:
        home = read_settings().home
    except MonaziteError:
        home = Path()
    path = write_traceback(home, error, request_id)
    where = f"see {path}, request {request_id}" if path else f"request {request_id}"
    first = str(error).splitlines()[0] if str(error) else type(error).__name__
    _complain(f"Something went wrong ({first}); {where}")
    return WITH_FAILURES


def _complain(text: str) -> None:
    from bot.logs import redact

    sys.stderr.write(f"monazite: {redact(text)}\n")
