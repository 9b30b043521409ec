"""What the commands of the command line share: exit codes, options, the installation."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.wiring.installation import Installation
    from retrieval.domain.access import Reader

DONE, WITH_FAILURES, WRONG_USE = 0, 1, 2
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Paths = Annotated[
    list[Path] | None, typer.Argument(help="Folders or files; default: the documents folder.")
]


def open_installation(paths: Sequence[Path] = ()) -> "Installation":
    """Returns the installation that the settings describe; raises `ConfigurationError`.

    `paths` are about to be indexed.
    """
    from bot.wiring.installation import Installation
    from bot.wiring.settings import read_settings

    return Installation(read_settings(paths))


def reader_of(ids: str) -> "Reader":
    """Returns those whom an answer is for: `everyone`, or ids with commas; an operator without any.

    Raises `ConfigurationError` for what is no id.
    """
    from retrieval.domain.access import OPERATOR, Reader, ids_in, label_of
    from retrieval.domain.errors import ConfigurationError

    if not ids:
        return OPERATOR
    try:
        return Reader(frozenset(ids_in(label_of(ids.split(",")))))
    except ValueError as error:
        raise ConfigurationError(str(error)) from None
