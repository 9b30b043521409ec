"""The errors that a person may read: one line each, saying what to do."""


class MonaziteError(Exception):
    """Base of every error whose message is meant for a person."""


class ConfigurationError(MonaziteError):
    """A setting, path or argument is wrong; nothing was changed."""


class LoadError(MonaziteError):
    """One document could not be turned into text; the others can."""


class AccessUnclearError(LoadError):
    """Who may see a document cannot be told, so nobody may."""


class NoTextLayerError(LoadError):
    """A document is a picture of text; OCR could read it."""


class IndexMissingError(MonaziteError):
    """There is no index to search yet."""


class IndexMismatchError(MonaziteError):
    """The index was built with another embedding model or another pipeline."""


class IndexDamagedError(MonaziteError):
    """A derived index cannot be used as it is on disk; it can be filled again from the catalog."""


class IndexBusyError(MonaziteError):
    """Another indexing run holds the lock."""


class RunCancelledError(MonaziteError):
    """A run was told to stop, and did."""


class ModelError(MonaziteError):
    """The embedding model is missing, damaged or not what it claims to be."""


def how_to_install(extra: str = "") -> str:
    """Returns the command that installs this project, with an extra, from the folder of its checkout.

    By folder, not by name: the name is not ours on the package index.
    """
    what = f"'.[{extra}]'" if extra else "."
    return f".venv/bin/pip install -c constraints.txt -e {what} (in the checkout's folder)"


def first_line(error: BaseException) -> str:
    """Returns the first line of an error's message, or its type's name where it has none."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
