"""Checks an installation, one thing at a time, and says how to mend what is wrong."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.wiring.settings import read_settings
from retrieval.domain.errors import ConfigurationError, IndexDamagedError, MonaziteError

if TYPE_CHECKING:
    from bot.wiring.installation import Installation

_MAX_PROBLEMS = 20


# The rights of a user's group and of everybody else.
_OTHERS = 0o077


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check; `remedy` says what to do when it is not `ok`."""

    check: str
    ok: bool
    detail: str
    remedy: str = ""


def check_installation() -> Iterator[Finding]:
    """Yields findings in the order in which problems should be mended."""
    from bot.wiring.installation import Installation

    try:
        settings = read_settings()
    except ConfigurationError as error:
        yield Finding("settings", False, str(error), "Correct the variable, or the line in .env")
        return
    yield Finding("settings", True, "read")
    installation = Installation(settings)
    checks: tuple[tuple[str, Callable[[Installation], str], str], ...] = (
        ("data folder", _data_folder, "Set MONAZITE_HOME to a folder you can write to"),
        (
            "permissions",
            _permissions,
            "What is in the data folder is closed to others now; they may have read it",
        ),
        ("documents", _documents, "Set MONAZITE_DOCUMENTS to the folder of your documents"),
        ("access rules", _access, "Mend it, and run: monazite index"),
        ("embedding model", _model, "Check MONAZITE_EMBEDDING_MODEL, or install Monazite anew"),
        ("chat model", _chat_model, "Install the provider's package and set its key, or unset it"),
        ("glossary", _glossary, "Check MONAZITE_GLOSSARY, or unset it to use the built-in one"),
        ("database", _database, "Check MONAZITE_DATABASE_URL"),
        (
            "vector store",
            _vectors,
            "Check MONAZITE_CHROMA_URL, where there is a server; else run: monazite verify --repair",
        ),
        ("index", _index, "Run: monazite index"),
    )
    for name, check, remedy in checks:
        try:
            yield Finding(name, True, check(installation))
        except MonaziteError as error:
            yield Finding(name, False, str(error), remedy)
        except Exception as error:  # noqa: BLE001  a check that breaks is a finding, not a crash
            yield Finding(name, False, f"{type(error).__name__}: {error}", remedy)


def _data_folder(installation: "Installation") -> str:
    home = installation.settings.home.absolute()
    existing = next(folder for folder in (home, *home.parents) if folder.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK):
        raise ConfigurationError(f"{home} cannot be written")
    return str(home)


def _permissions(installation: "Installation") -> str:
    from retrieval.system.permissions import close_home, open_to_others

    home = installation.settings.home.absolute()
    found = open_to_others(home)
    close_home(home)
    still = open_to_others(home)
    if still:
        raise ConfigurationError(
            f"{_some(still)} in {home} can be read by other users of this machine; "
            f"run: chmod -R go= {home}"
        )
    tokens = Path(".env")
    if tokens.is_file() and tokens.stat().st_mode & _OTHERS:
        raise ConfigurationError(
            ".env can be read by other users of this machine; run: chmod 600 .env"
        )
    if found:
        raise ConfigurationError(f"{_some(found)} could be read by other users of this machine")
    return "nothing in the data folder is open to other users of this machine"


def _some(paths: list[Path]) -> str:
    more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
    return ", ".join(path.name for path in paths[:3]) + more


def _documents(installation: "Installation") -> str:
    from retrieval.sources.scopes import Scope, describe_empty, walk
    from retrieval.sources.unsupported import skipped

    folder: Path = installation.settings.documents
    if not folder.is_dir():
        raise ConfigurationError(f"There is no folder {folder}")
    scope = Scope(folder.resolve())
    found = walk(scope, installation.settings.selection)
    if not found.names:
        raise ConfigurationError(describe_empty([scope], found.unsupported))
    others = "; ".join(str(one) for one in skipped(found.unsupported))
    return f"{len(found.names)} in {folder}" + (f"; not read: {others}" if others else "")


def _access(installation: "Installation") -> str:
    """Looks at files and lists as they are now, in the documents folder and where else is indexed."""
    from retrieval.sources.access_check import closed_now, lists_of
    from retrieval.sources.scopes import scopes_of

    build = installation.catalog.live_build()
    live = installation.catalog.live_versions(build.id) if build else {}
    roots = [Path(root) for root in sorted({key.root for key in live}) if Path(root).is_dir()]
    scopes = scopes_of([*roots, installation.settings.documents], roots)
    lists = lists_of(scopes, live, installation.access_reports.fitted())
    uses = [use for one in lists.values() for use in one.uses]
    problems = [fault.text for one in lists.values() for fault in one.faults]
    problems += [
        f"{closed.document} {closed.reason}"
        for scope in scopes
        for closed in closed_now(scope, lists[scope.root], installation.settings.selection)
    ]
    if problems:
        more = (
            f"; and {len(problems) - _MAX_PROBLEMS:,} more" if len(problems) > _MAX_PROBLEMS else ""
        )
        raise ConfigurationError("; ".join(dict.fromkeys(problems[:_MAX_PROBLEMS])) + more)
    if not uses:
        return "none; every document is for everyone who may ask"
    told = (f"{use.list} rule {use.number} ({use.access}): {use.files:,} files" for use in uses)
    return "; ".join([*list(told)[:_MAX_PROBLEMS], *(["…"] if len(uses) > _MAX_PROBLEMS else [])])


def _model(installation: "Installation") -> str:
    embeddings = installation.embeddings
    dimensions = len(embeddings.embed_query("monazite"))
    return f"{embeddings.name}, {dimensions} dimensions, reads {embeddings.max_tokens} word pieces"


def _chat_model(installation: "Installation") -> str:
    if installation.writing is None:
        return "none set; answers are verbatim sentences"
    return f"{installation.settings.chat_model} can be opened; {_price(installation)}"


def _price(installation: "Installation") -> str:
    from bot.costs.prices import Tokens
    from bot.wiring.writing import read_prices

    cost = read_prices(installation.settings).cost(Tokens(1_000_000, 1_000_000))
    return (
        "its price is not known"
        if cost is None
        else f"{cost:.2f} US dollars for a million tokens in and out"
    )


def _glossary(installation: "Installation") -> str:
    from retrieval.text.glossary import load_glossary

    path = installation.settings.glossary
    return f"{len(load_glossary(path).groups)} entries in {path.name}"


def _database(installation: "Installation") -> str:
    build = installation.catalog.live_build()
    return "tables up to date" + (f", generation {build.generation}" if build else "")


def _vectors(installation: "Installation") -> str:
    build = installation.catalog.live_build()
    where = "server" if installation.settings.chroma_url else "embedded"
    if build and (reason := installation.vectors.damaged(build.id)):
        raise IndexDamagedError(f"{where}, and it cannot be searched ({reason})")
    return (
        f"{where}, {installation.vectors.count(build.id)} passages" if build else f"{where}, empty"
    )


def _index(installation: "Installation") -> str:
    build = installation.searcher.snapshot().build
    expected = installation.catalog.passage_count(build.id)
    found = {
        "vector store": installation.vectors.count(build.id),
        "lexical index": installation.lexical(build.id).count(),
    }
    for name, count in found.items():
        if count != expected:
            raise ConfigurationError(f"The {name} holds {count} passages, the catalog {expected}")
    return f"{expected} passages in catalog, vector store and lexical index alike"
