"""What there is to index: files of folders, and pages that source lists name."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from retrieval.containment import chunks_of, open_file
from retrieval.errors import LoadError
from retrieval.fetching import Fetcher
from retrieval.index_report import Failure
from retrieval.metadata import UNSAID, Metadata
from retrieval.records import DocumentKey, LiveVersion
from retrieval.roots import NOTHING, Exclusions
from retrieval.source_lists import ListedUrl, SourceLists
from retrieval.sources import EVERYTHING, Found, Scope, Selection, walk

_FETCHED_AT_ONCE = 8


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
class Survey:
    """What was found. A document that is not in `files`, nor in an unreadable folder, is gone.

    `excluded` counts files that were taken out of the index.
    """

    files: dict[DocumentKey, SourceFile] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    unreadable: list[Scope] = field(default_factory=list)
    excluded: int = 0

    def may_hide(self, key: DocumentKey) -> bool:
        """Says whether a document may stand, or a page be listed, in an unreadable folder."""
        page = key.name.startswith(("http://", "https://"))
        return any(
            str(scope.root) == key.root if page else scope.covers(key) for scope in self.unreadable
        )


class Surveyor:
    """Finds documents."""

    def __init__(
        self, fetcher: Fetcher, selection: Selection = EVERYTHING, data_folder: Path | None = None
    ) -> None:
        self._fetcher = fetcher
        self._data_folder = data_folder and data_folder.resolve()
        self._selection = selection

    def survey(
        self, scopes: Sequence[Scope], exclusions: Exclusions = NOTHING, *, fetch: bool = True
    ) -> Survey:
        """Returns the documents of `scopes`, pages brought up to date if they are to be fetched.

        Without those of `exclusions`.

        Raises `ConfigurationError` for a folder that cannot be read, or a list that cannot be
        understood.
        """
        survey = Survey()
        pages: dict[DocumentKey, ListedUrl] = {}
        for scope in scopes:
            if exclusions.cover(str(scope.root / scope.inside)):
                survey.excluded += 1
                continue
            found, lists = self._walk(scope), SourceLists(scope.root)
            survey.failures += found.failures
            survey.unreadable += [Scope(scope.root, folder) for folder in found.unreadable]
            for name in found.names:
                key = scope.key_of(name)
                if exclusions and exclusions.cover(f"{key.root}/{name}"):
                    survey.excluded += 1
                    continue
                survey.files[key] = SourceFile(key.root, name, name, lists.said_of(name))
            for folder in found.list_folders:
                if exclusions.cover(str(folder)):
                    continue
                for listed in lists.of(folder).urls:
                    pages[DocumentKey(str(scope.root), listed.url)] = listed
        if fetch:
            self._bring_up_to_date(pages, survey)
        for key, listed in pages.items():
            survey.files[key] = self._page(listed)
        return survey

    def _walk(self, scope: Scope) -> Found:
        return walk(scope, self._selection, self._data_folder)

    def forget_pages(self, wanted: Collection[str]) -> None:
        """Deletes the copies of pages whose addresses are not among `wanted`."""
        self._fetcher.forget_others(wanted)

    def _bring_up_to_date(self, pages: dict[DocumentKey, ListedUrl], survey: Survey) -> None:
        def fetched(key: DocumentKey) -> Failure | None:
            try:
                self._fetcher.fetch(key.name)
            except LoadError as error:
                return Failure(key.name, str(error))
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
        if copy is None:
            return SourceFile(None, "", reading_name, said)
        return SourceFile(str(copy.parent), copy.name, reading_name, said)


def gone_from(
    live: Mapping[DocumentKey, LiveVersion], survey: Survey, scopes: Sequence[Scope],
) -> list[DocumentKey]:  # fmt: skip
    """Returns the live documents of the scopes that are no more."""
    return [
        key
        for key in live
        if key not in survey.files
        and any(scope.covers(key) for scope in scopes)
        and not survey.may_hide(key)
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
    old: Iterable[DocumentKey], roots: Collection[Path], survey: Survey
) -> set[DocumentKey]:
    """The documents of which nobody can tell now whether there is still a file."""
    walked = {str(root) for root in roots if root.is_dir()}
    return {key for key in old if key.root not in walked or survey.may_hide(key)}
