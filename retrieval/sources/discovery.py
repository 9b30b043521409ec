"""What there is to index: files of folders, and pages that source lists name."""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from retrieval.domain.access import EVERYONE, NOBODY
from retrieval.domain.errors import LoadError
from retrieval.domain.failures import Closed, DocumentFailure
from retrieval.domain.metadata import UNSAID, Metadata
from retrieval.domain.records import DocumentKey, LiveVersion
from retrieval.fetching.page_cache import Fetcher
from retrieval.fetching.page_updates import PageUpdates
from retrieval.sources.access_check import page_said
from retrieval.sources.list_reading import ListedUrl
from retrieval.sources.scopes import EVERYTHING, FoundFiles, Scope, Selection, walk
from retrieval.sources.sources_yaml import SourceLists
from retrieval.storage.roots import NOTHING, Exclusions
from retrieval.system.containment import chunks_of, open_file


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that is a document, with what is said of it.

    It is the file `name` inside `root`; `root` is a string because there may be very many, or
    None while the file cannot be had. `reading_name` is the name whose ending says how to read it.
    """

    root: str | None
    name: str
    reading_name: str
    said: Metadata = UNSAID


@dataclass(slots=True)
class DiscoveredFiles:
    """What was found. A document that is not in `files`, nor in an unreadable folder, is gone.

    One in `closed` is not to be read. `excluded` counts files that were taken out of the index,
    `unsupported` those that no loader reads, by kind.
    """

    files: dict[DocumentKey, SourceFile] = field(default_factory=dict)
    failures: list[DocumentFailure] = field(default_factory=list)
    closed: dict[DocumentKey, Closed] = field(default_factory=dict)
    pages: dict[DocumentKey, ListedUrl] = field(default_factory=dict)
    unreadable: list[Scope] = field(default_factory=list)
    excluded: int = 0
    unsupported: Counter[str] = field(default_factory=Counter)

    def may_hide(self, key: DocumentKey) -> bool:
        """Says whether a document may stand, or a page be listed, in an unreadable folder."""
        page = key.name.startswith(("http://", "https://"))
        return any(
            str(scope.root) == key.root if page else scope.covers(key) for scope in self.unreadable
        )


class Discovery:
    """Finds documents."""

    def __init__(
        self, fetcher: Fetcher, updates: PageUpdates, selection: Selection = EVERYTHING,
        data_folder: Path | None = None,
    ) -> None:  # fmt: skip
        self._fetcher = fetcher
        self._updates = updates
        self._data_folder = data_folder and data_folder.resolve()
        self._selection = selection

    def discovered(
        self, scopes: Sequence[Scope], lists: Mapping[Path, SourceLists],
        exclusions: Exclusions = NOTHING,
    ) -> DiscoveredFiles:  # fmt: skip
        """Returns the documents of `scopes`, pages as they were fetched last, without `exclusions`.

        `lists` are those of each scope's root, none of them read yet. Raises `ConfigurationError`
        for a folder that cannot be read.
        """
        discovered = DiscoveredFiles()
        everything: list[tuple[Scope, FoundFiles]] = []
        for scope in scopes:
            if exclusions.cover(str(scope.root / scope.inside)):
                discovered.excluded += 1
            else:
                found = walk(scope, self._selection, self._data_folder)
                everything.append((scope, found))
        # Files first, then lists: who adds a file says before who may see it.
        for scope, found in everything:
            discovered.failures += found.failures
            discovered.unsupported.update(found.unsupported)
            discovered.unreadable += [Scope(scope.root, folder) for folder in found.unreadable]
            self._take_files(scope, found, lists[scope.root], exclusions, discovered)
            for folder in found.list_folders:
                if not exclusions.cover(str(folder)):
                    self._take_pages(scope, folder, lists[scope.root], discovered)
        for key, listed in discovered.pages.items():
            discovered.files[key] = self._page(listed)
            if listed.said.access == NOBODY:
                discovered.closed[key] = Closed(key.name, "is listed in a folder that is closed")
        return discovered

    def _take_files(
        self,
        scope: Scope,
        found: FoundFiles,
        lists: SourceLists,
        exclusions: Exclusions,
        discovered: DiscoveredFiles,
    ) -> None:
        for name in found.names:
            key = scope.key_of(name)
            if exclusions and exclusions.cover(f"{key.root}/{name}"):
                discovered.excluded += 1
                continue
            said = lists.said_of(name)
            discovered.files[key] = SourceFile(key.root, name, name, said)
            if said.access == NOBODY:
                label = lists.label_of(name) or EVERYONE
                discovered.closed[key] = Closed(name, lists.why_closed(name), label)

    def _take_pages(
        self, scope: Scope, folder: Path, lists: SourceLists, discovered: DiscoveredFiles
    ) -> None:
        for listed in lists.of(folder).urls:
            said = page_said(lists, scope.root, folder, listed.said)
            key = DocumentKey(str(scope.root), listed.url)
            discovered.pages[key] = ListedUrl(listed.url, said)

    def fetch(self, discovered: DiscoveredFiles) -> None:
        """Brings the pages of a survey up to date; what cannot be had is among its failures."""
        pages = {
            key: page for key, page in discovered.pages.items() if key not in discovered.closed
        }
        labels = {key.name: page.said.access or EVERYONE for key, page in pages.items()}
        discovered.failures += (
            replace(failed, access=labels.get(failed.document, NOBODY))
            for failed in self._updates.bring([key.name for key in pages])
        )
        for key, listed in discovered.pages.items():
            discovered.files[key] = self._page(listed)

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
        if copy is None:
            return SourceFile(None, "", reading_name, said)
        return SourceFile(str(copy.parent), copy.name, reading_name, said)


def gone_from(
    live: Mapping[DocumentKey, LiveVersion], discovered: DiscoveredFiles, scopes: Sequence[Scope],
) -> list[DocumentKey]:  # fmt: skip
    """Returns the live documents of the scopes that are no more."""
    return [
        key
        for key in live
        if key not in discovered.files
        and any(scope.covers(key) for scope in scopes)
        and not discovered.may_hide(key)
    ]


def is_changed(file: SourceFile, known: LiveVersion | None, megabytes: int) -> bool:
    """Says whether a document would be indexed anew; one that cannot be read would be tried."""
    if known is None or file.root is None:
        return known is None
    digest = hashlib.sha256()
    try:
        with open_file(file.root, file.name) as opened:
            for chunk in chunks_of(opened, megabytes):
                digest.update(chunk)
    except (LoadError, OSError):
        return True
    return file.said.digest_with(digest.hexdigest()) != known.content_hash


def cannot_be_told(
    old: Iterable[DocumentKey], roots: Collection[Path], discovered: DiscoveredFiles
) -> set[DocumentKey]:
    """The documents of which nobody can tell now whether there is still a file."""
    walked = {str(root) for root in roots if root.is_dir()}
    return {key for key in old if key.root not in walked or discovered.may_hide(key)}
