"""The command line: parses, calls and prints. Exit 0 done, 1 with failures, 2 wrong use."""

import os
import shutil
import sys
from collections.abc import Iterator
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from bot.cli import document_commands, index_commands, log_commands
from bot.cli.options import DONE, WITH_FAILURES, WRONG_USE, Json, open_installation
from bot.runtime.request_ids import new_request_id
from retrieval.domain.errors import MonaziteError, first_line

# How SQLite, Chroma, tantivy and the system say it, and what to do.
_DISK = (
    (
        ("disk is full", "No space left on device"),
        "The disk is full; free some space and run it again, nothing is lost",
    ),
    (
        ("Read-only file system", "readonly database", "read-only", "Permission denied"),
        "The data folder cannot be written; mend that, or set MONAZITE_HOME to one that can",
    ),
)

_HARDLY_ANY = 20_000_000

app = typer.Typer(
    name="monazite",
    help="Answers questions about rare earths from your own documents, with citations.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
index_commands.register(app)
document_commands.register(app)
log_commands.register(app)


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="The question; - reads one a line from stdin.")],
    passages: Annotated[
        bool, typer.Option("--passages", help="Also print the whole passages cited.")
    ] = False,
    as_seen_by: Annotated[
        str, typer.Option(help="Ids of a channel and user groups, with commas: answer as for them.")
    ] = "",
    json: Json = False,
) -> None:
    """Answer a question from the documents, with citations."""
    from bot.cli.ask import Asker
    from bot.cli.options import reader_of

    asker = Asker(open_installation(), json=json, passages=passages, reader=reader_of(as_seen_by))
    if question != "-":
        asker.ask(question)
        return
    asked = [asker.try_to_ask(line) for line in _lines_of_stdin()]
    raise typer.Exit(DONE if all(asked) else WITH_FAILURES)


@app.command()
def status(json: Json = False) -> None:
    """Show what the index holds."""
    from bot.cli import console
    from bot.cli.status import read_status

    installation = open_installation()
    home = str(installation.settings.home.absolute())
    access = installation.access_reports.latest()
    found = read_status(
        installation.catalog, installation.roots, home, installation.fingerprint, access
    )
    if json:
        console.print_json(found.as_json())
    else:
        console.print_status(found)


@app.command()
def doctor(
    slack: Annotated[
        bool, typer.Option("--slack", help="Also ask Slack: token, scopes, events, socket.")
    ] = False,
) -> None:
    """Check the installation and say how to mend what is wrong."""
    from bot.cli import console
    from bot.ops.doctor import check_installation
    from bot.slack.service.slack_doctor import check_slack

    failed = False
    for finding in chain(check_installation(), check_slack() if slack else ()):
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
    from bot.slack.service.service import serve_http, serve_socket

    installation = open_installation()
    if mode is Mode.SOCKET:
        serve_socket(installation)
    else:
        serve_http(installation, host, port)


@app.command(name="model-server")
def model_server(
    model: Annotated[
        Path | None, typer.Option(help="A GGUF file; default: the small model of models.txt.")
    ] = None,
    port: Annotated[int, typer.Option(help="Port to listen on, on loopback.")] = 8321,
    threads: Annotated[
        int | None, typer.Option(min=1, help="Cores to use; default: all of them.")
    ] = None,
) -> None:
    """Serve a chat model from this machine, for teams without a key."""
    from bot.cli import console
    from bot.runtime.local_model_server import LocalModel, locate_gguf
    from bot.runtime.signals import wait_for_stop

    server = LocalModel(locate_gguf(model), port, threads)
    console.say(
        f"Serving; set MONAZITE_CHAT_MODEL=openai:local MONAZITE_CHAT_BASE_URL={server.url} "
        "MONAZITE_CHAT_GUIDED=true"
    )
    wait_for_stop()


class EvalMode(StrEnum):
    """Whose sentences are measured."""

    EXTRACTIVE = "extractive"
    GENERATED = "generated"


@app.command(name="eval")
def evaluate(
    file: Annotated[
        Path, typer.Argument(help="JSON lines: question, documents, answers, answerable.")
    ],
    mode: Annotated[
        EvalMode | None,
        typer.Option(help="Verbatim sentences, or a chat model's; default: as it is set."),
    ] = None,
    json: Json = False,
) -> None:
    """Measure the answers against questions whose answers are known."""
    from bot.cli import console
    from bot.evaluation.runner import evaluate as measure
    from bot.evaluation.runner import read_cases
    from retrieval.domain.errors import ConfigurationError

    installation = open_installation()
    if mode is EvalMode.GENERATED and installation.writing is None:
        raise ConfigurationError("--mode generated needs a chat model; set MONAZITE_CHAT_MODEL")
    cases = read_cases(file)
    plain = mode is EvalMode.EXTRACTIVE
    answerer = installation.plain_answerer if plain else installation.answerer
    with console.progress("Asking") as progress:
        report = measure(cases, answerer, installation.searcher, installation.catalog, progress)
    if json:
        console.print_json(report.as_json())
    else:
        console.print_evaluation(report)


def _lines_of_stdin() -> Iterator[str]:
    for raw in sys.stdin.buffer:
        yield raw.decode("utf-8", errors="replace").rstrip("\r\n")


def main() -> None:
    """Runs the program; no stack trace reaches the terminal."""
    from bot.telemetry.logs import quiet_libraries

    # What this program writes is for its user alone, whatever library writes it.
    os.umask(0o077)
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
    from bot.telemetry.logs import write_traceback
    from bot.wiring.settings import read_settings

    request_id = new_request_id()
    try:
        home = read_settings().home
    except MonaziteError:
        home = Path()
    path = write_traceback(home, error, request_id)
    where = f"see {path}, request {request_id}" if path else f"request {request_id}"
    first = first_line(error)
    _complain(f"{_advice_on(first, home)}; {where}")
    return WITH_FAILURES


def _advice_on(first: str, home: Path) -> str:
    """What a person is told of an error that nobody expected."""
    for signs, advice in _DISK:
        if any(words in first for words in signs):
            return advice
    # Chroma does not always say why it could not write.
    full = home.exists() and shutil.disk_usage(home).free < _HARDLY_ANY
    return f"{_DISK[0][1]} ({first})" if full else f"Something went wrong ({first})"


def _complain(text: str) -> None:
    from bot.telemetry.redaction import redact
    from retrieval.domain.sanitizing import printable

    sys.stderr.write(f"monazite: {printable(redact(text))}\n")
