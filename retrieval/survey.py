"""What there is to index: files of folders, and pages that source lists name."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from retrieval.access import EVERYONE, NOBODY
from retrieval.access_check import Closed, page_said
from retrieval.errors import LoadError
from retrieval.fetching import Fetcher
from retrieval.index_report import Failure
from retrieval.list_reading import ListedUrl
from retrieval.metadata import UNSAID, Metadata
from retrieval.records import DocumentKey, LiveVersion
from retrieval.source_lists import SourceLists
from retrieval.sources import EVERYTHING, Scope, Selection, walk

_FETCHED_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that is a document, with what is said of it.

    `place` is its path, a string because there may be very many, or None while it cannot be
    had; `reading_name` is the name whose ending says how to read it.
    """

    place: str | None
    reading_name: str
    said: Metadata = UNSAID

    @property
    def path(self) -> Path | None:
        """Returns where the file is, or None while it cannot be had."""
        return None if self.place is None else Path(self.place)


@dataclass(slots=True)
class Survey:
    """What was found. A document that is not in `files` is gone; one in `closed` is not to be read."""

    files: dict[DocumentKey, SourceFile] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    closed: dict[DocumentKey, Closed] = field(default_factory=dict)
    pages: dict[DocumentKey, ListedUrl] = field(default_factory=dict)


class Surveyor:
    """Finds documents."""

    def __init__(self, fetcher: Fetcher, selection: Selection = EVERYTHING) -> None:
        self._fetcher = fetcher
        self._selection = selection

    def survey(self, scopes: Sequence[Scope], lists: Mapping[Path, SourceLists]) -> Survey:
        """Returns the documents of `scopes`, pages as they were fetched last.

        `lists` are those of each scope's root, none of them read yet. Raises `ConfigurationError` for a folder that
        cannot be read.
        """
        survey = Survey()
        # Files first, then lists: who adds a file says before who may see it.
        everything = [(scope, walk(scope, self._selection)) for scope in scopes]
        for scope, found in everything:
            speaking = lists[scope.root]
            for name in found.names:
                key = scope.key_of(name)
                said = speaking.said_of(name)
                survey.files[key] = SourceFile(f"{key.root}/{name}", name, said)
                if said.access == NOBODY:
                    survey.closed[key] = Closed(
                        name, speaking.why_closed(name), speaking.label_of(name) or EVERYONE
                    )
            for folder in found.list_folders:
                for listed in speaking.of(folder).urls:
                    said = page_said(speaking, scope.root, folder, listed.said)
                    key = DocumentKey(str(scope.root), listed.url)
                    survey.pages[key] = ListedUrl(listed.url, said)
        for key, listed in survey.pages.items():
            survey.files[key] = self._page(listed)
            if listed.said.access == NOBODY:
                survey.closed[key] = Closed(key.name, "is listed in a folder that is closed")
        return survey

    def fetch(self, survey: Survey) -> None:
        """Brings the pages of a survey up to date; what cannot be had is among its failures."""
        self._bring_up_to_date(
            {key: page for key, page in survey.pages.items() if key not in survey.closed}, survey
        )
        for key, listed in survey.pages.items():
            survey.files[key] = self._page(listed)

    def forget_pages(self, wanted: Collection[str]) -> None:
        """Deletes the copies of pages whose addresses are not among `wanted`."""
        self._fetcher.forget_others(wanted)

    def _bring_up_to_date(self, pages: dict[DocumentKey, ListedUrl], survey: Survey) -> None:
        def fetched(key: DocumentKey) -> Failure | None:
            try:
                self._fetcher.fetch(key.name)
            except LoadError as error:
                access = pages[key].said.access or EVERYONE
                return Failure(key.name, str(error), access)
            return None

        with ThreadPoolExecutor(_FETCHED_AT_ONCE) as pool:
            survey.failures += filter(None, pool.map(fetched, pages))

    def _page(self, listed: ListedUrl) -> SourceFile:
        copy = self._fetcher.copy_of(listed.url)
        said = Metadata(source=listed.url).over(listed.said)
        # The hash in the copy's name is nothing to take a title from.
        name = listed.url.rstrip("/").rpartition("/")[2].partition("?")[0] or "page"
        ending = copy.suffix if copy else ""
        reading_name = name if name.endswith(ending) else f"{name}{ending}"
        return SourceFile(str(copy) if copy else None, reading_name, said)


def gone_from(
    live: Mapping[DocumentKey, LiveVersion], files: Mapping[DocumentKey, SourceFile],
    scopes: Sequence[Scope],
) -> list[DocumentKey]:  # fmt: skip
    """Returns the live documents of the scopes that are no more."""
    return [key for key in live if key not in files and any(scope.covers(key) for scope in scopes)]


def is_changed(file: SourceFile, known: LiveVersion | None) -> bool:
    """Says whether a document would be indexed anew; one that cannot be read would be tried."""
    path = file.path
    if known is None or path is None:
        return known is None
    try:
        with path.open("rb") as opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError:
        return True
    return file.said.digest_with(digest) != known.content_hash
