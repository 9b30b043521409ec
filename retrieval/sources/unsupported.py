"""Files of a folder that no loader reads: by kind, with what to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

_OFFICE = {
    ".doc": ".docx", ".dot": ".docx", ".odt": ".docx", ".ott": ".docx", ".wps": ".docx",
    ".wpd": ".docx", ".pages": ".docx", ".docm": ".docx", ".dotx": ".docx",
    ".ppt": ".pptx", ".pps": ".pptx", ".odp": ".pptx", ".key": ".pptx", ".pptm": ".pptx",
    ".ppsx": ".pptx", ".xls": ".xlsx", ".xlsb": ".xlsx", ".ods": ".xlsx", ".numbers": ".xlsx",
    ".xlsm": ".xlsx", ".msg": ".eml", ".mbox": ".eml", ".epub": ".html", ".mht": ".html",
    ".mhtml": ".html", ".xhtml": ".html", ".mobi": ".html", ".ps": ".pdf", ".eps": ".pdf",
    ".djvu": ".pdf", ".xps": ".pdf", ".tex": ".pdf", ".rst": ".md", ".adoc": ".md", ".org": ".md",
    ".log": ".txt", ".text": ".txt", ".xml": ".html or .txt", ".json": ".csv or .md",
    ".jsonl": ".csv or .md", ".yaml": ".md", ".yml": ".md", ".parquet": ".csv", ".db": ".csv",
    ".sqlite": ".csv", ".mdb": ".csv", ".accdb": ".csv", ".vsd": ".pdf", ".vsdx": ".pdf",
    ".svg": ".pdf", ".heic": ".png",
}  # fmt: skip
_PACKED = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".zst")
_SPOKEN = (".mp3", ".wav", ".m4a", ".ogg", ".mp4", ".mov", ".avi", ".mkv", ".webm")
_MAX_ENDING_CHARS = 12
_MAX_KINDS = 20
_NO_ENDING = "no ending"


@dataclass(frozen=True, slots=True)
class Skipped:
    """Files of one kind that are not read: the ending, how many there are, and what to do."""

    kind: str
    files: int
    remedy: str

    def __str__(self) -> str:
        """Returns it in a line, such as `.doc, 3 files: convert to .docx`."""
        return f"{self.kind}, {self.files:,} file{'s' if self.files != 1 else ''}: {self.remedy}"


def kind_of(name: str) -> str:
    """Returns the ending of a file's name, as files are counted by; one endless is none."""
    ending = PurePosixPath(name).suffix.lower()
    plain = ending.isascii() and ending[1:].isalnum() and len(ending) <= _MAX_ENDING_CHARS
    return ending if plain else _NO_ENDING


def skipped(counts: Mapping[str, int]) -> list[Skipped]:
    """Returns what was counted by kind, the most first; beyond twenty kinds, the rest as one."""
    most_first = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    found = [Skipped(kind, count, _remedy(kind)) for kind, count in most_first[:_MAX_KINDS]]
    rest = sum(count for _, count in most_first[_MAX_KINDS:])
    return [*found, Skipped("other kinds", rest, _remedy(""))] if rest else found


def _remedy(kind: str) -> str:
    if kind in _OFFICE:
        return f"convert to {_OFFICE[kind]}"
    if kind in _PACKED:
        return "unpack"
    if kind in _SPOKEN:
        return "add a transcript as .txt"
    if kind == _NO_ENDING:
        return "give them the ending of what they are, such as .txt"
    return "not a kind that is read; convert to .pdf or .txt where they hold text"
