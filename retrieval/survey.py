"""What there is to index: files of folders, and pages that source lists name."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from retrieval.fetching import Fetcher
from retrieval.index_report import Failure
from retrieval.metadata import UNSAID, Metadata
from retrieval.page_updates import PageUpdates
from retrieval.records import DocumentKey, LiveVersion
from retrieval.source_lists import ListedUrl, SourceLists
from retrieval.sources import EVERYTHING, Scope, Selection, walk


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
    """What was found. A document that is not in `files` is gone."""

    files: dict[DocumentKey, SourceFile] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)


class Surveyor:
    """Finds documents."""

    def __init__(
        self, fetcher: Fetcher, updates: PageUpdates, selection: Selection = EVERYTHING
    ) -> None:
        self._fetcher = fetcher
        self._updates = updates
        self._selection = selection

    def survey(self, scopes: Sequence[Scope], *, fetch: bool = True) -> Survey:
        """Returns the documents of `scopes`, pages brought up to date if they are to be fetched.

        Raises `ConfigurationError` for a folder that cannot be read, or a list that cannot be
        understood.
        """
        survey = Survey()
        pages: dict[DocumentKey, ListedUrl] = {}
        for scope in scopes:
            found, lists = walk(scope, self._selection), SourceLists(scope.root)
            for name in found.names:
                key = scope.key_of(name)
                survey.files[key] = SourceFile(f"{key.root}/{name}", name, lists.said_of(name))
            for folder in found.list_folders:
                for listed in lists.of(folder).urls:
                    pages[DocumentKey(str(scope.root), listed.url)] = listed
        if fetch:
            survey.failures += self._updates.bring([key.name for key in pages])
        for key, listed in pages.items():
            survey.files[key] = self._page(listed)
        return survey

    def forget_pages(self, wanted: Collection[str]) -> None:
        """Deletes the copies of pages whose addresses are not among `wanted`."""
        self._fetcher.forget_others(wanted)

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
