"""Keeps copies of the pages that source lists name, brought up to date only when they changed.

A page is kept with its etag and date, so that an index can be made anew without the network.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from retrieval.domain.errors import LoadError
from retrieval.domain.single_line import single_line
from retrieval.fetching.safe_http import Got, Web
from retrieval.loading.registry import SUPPORTED_ENDINGS
from retrieval.system.atomic_files import replace_file
from retrieval.system.containment import delete_file, is_file, read_file

_ENDINGS = {
    "text/html": ".html", "application/xhtml+xml": ".html", "application/pdf": ".pdf",
    "text/markdown": ".md", "text/csv": ".csv", "text/tab-separated-values": ".tsv",
    "application/rtf": ".rtf", "text/rtf": ".rtf", "message/rfc822": ".eml",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}  # fmt: skip
# What copies and their notes are named after.
_STEM = re.compile(r"[0-9a-f]{24}")
_NOTE_MEGABYTES = 1
# What can be sent back to a server as it came: RFC 9110, section 5.5.
_SENDABLE = re.compile(r"[!-~](?:[ -~]{0,998}[!-~])?")
_MAX_KIND_CHARS = 80


@dataclass(frozen=True, slots=True)
class _Page:
    """A page on disk; `etag` and `modified` are as its server gave them."""

    file: str
    etag: str = ""
    modified: str = ""


class Fetcher:
    """Keeps copies of pages in `folder`."""

    def __init__(self, folder: Path, web: Web) -> None:
        self._folder = folder
        self._web = web

    def copy_of(self, url: str) -> Path | None:
        """Returns the copy of a page as it was fetched last, or None."""
        page = self._known(url)
        return self._folder / page.file if page else None

    def fetch(self, url: str, *, deadline: float | None = None) -> Path:
        """Returns the copy of a page, brought up to date; `deadline` as in `Web.get`.

        Raises `LoadError` when the page cannot be had; an older copy stays.
        """
        known = self._known(url)
        got = self._web.get(url, _conditions(known), deadline=deadline)
        if got is not None:
            known = self._keep(url, got)
        if known is None:
            raise LoadError("cannot be fetched: its server says that we have it, but we don't")
        return self._folder / known.file

    def forget_others(self, urls: Iterable[str]) -> None:
        """Deletes the copies of pages that are not among `urls`."""
        copies = [] if self._folder.is_symlink() else list(self._folder.glob("*"))
        wanted = {_stem(url) for url in urls} if copies else set()
        for path in copies:
            stem = path.name.lstrip(".").partition(".")[0]
            if _STEM.fullmatch(stem) and stem not in wanted and is_file(self._folder, path.name):
                delete_file(self._folder, path.name)

    def _keep(self, url: str, got: Got) -> _Page:
        page = _Page(
            f"{_stem(url)}{_ending(got)}", _sendable(got, "etag"), _sendable(got, "last-modified")
        )
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            replace_file(self._folder / page.file, got.body)
            replace_file(self._note_of(url), json.dumps(asdict(page)).encode())
        except OSError as error:
            raise LoadError(f"cannot be kept in {self._folder} ({error.strerror})") from None
        return page

    def _known(self, url: str) -> _Page | None:
        try:
            note = self._note_of(url)
            page = _Page(**json.loads(read_file(self._folder, note.name, _NOTE_MEGABYTES)))
        except (OSError, ValueError, TypeError, LoadError):
            return None
        whole = all(isinstance(part, str) for part in (page.file, page.etag, page.modified))
        # The note lies in a folder of ours; a path out of it is not one that we wrote.
        if not whole or "/" in page.file:
            return None
        return page if is_file(self._folder, page.file) else None

    def _note_of(self, url: str) -> Path:
        return self._folder / f"{_stem(url)}.json"


def _stem(url: str) -> str:
    return hashlib.sha256(url.encode(errors="surrogatepass")).hexdigest()[:24]


def _sendable(got: Got, name: str) -> str:
    """What a server says of a version, or nothing where no request could hold it."""
    value = got.headers.get(name, "")
    return value if _SENDABLE.fullmatch(value) else ""


def _conditions(known: _Page | None) -> dict[str, str]:
    found = {}
    if known and known.etag:
        found["If-None-Match"] = known.etag
    if known and known.modified:
        found["If-Modified-Since"] = known.modified
    return found


def _ending(got: Got) -> str:
    """The ending that says what a page is: by its server's word, or else by its address."""
    kind = got.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in _ENDINGS:
        return _ENDINGS[kind]
    ending = PurePosixPath(urlsplit(got.url).path).suffix.lower()
    if ending in SUPPORTED_ENDINGS:
        return ending
    if kind == "text/plain":
        return ".txt"
    named = single_line(kind, _MAX_KIND_CHARS) or "unnamed"
    raise LoadError(f"is of a kind that is not supported ({named})")
