"""Who may see the documents of an index, by what lists and files say now, before any is read again."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from retrieval.domain.access import EVERYONE, NOBODY, both
from retrieval.domain.errors import AccessUnclearError, LoadError
from retrieval.domain.failures import Closed
from retrieval.domain.metadata import Metadata
from retrieval.domain.records import DocumentKey, LiveVersion
from retrieval.loading.front_matter import access_said
from retrieval.sources.list_reading import LIST_NAME
from retrieval.sources.scopes import Scope, Selection, walk
from retrieval.sources.sources_yaml import RememberedLabels, SourceLists
from retrieval.system.containment import open_file

_LOOKED_AT = 256_001


def lists_of(
    scopes: Sequence[Scope], live: Mapping[DocumentKey, LiveVersion],
    fitted: Iterable[tuple[str, str, str]] = (),
) -> dict[Path, SourceLists]:  # fmt: skip
    """Returns the source lists that speak of each indexed folder; `fitted` as in `RememberedLabels`."""
    answered = frozenset(f"{key.root}/{key.name}" for key in live if live[key].access != NOBODY)
    remembered = RememberedLabels(frozenset(fitted), answered)
    return {scope.root: SourceLists(scope.root, remembered) for scope in scopes}


def page_said(lists: SourceLists, root: Path, folder: Path, said: Metadata) -> Metadata:
    """Returns what is said of a page that the list in `folder` names.

    Where its entry does not say who may see it, those may who may see the list's folder.
    """
    if said.access:
        return said
    inside = folder.relative_to(root).as_posix()
    listed = LIST_NAME if inside == "." else f"{inside}/{LIST_NAME}"
    return replace(said, access=lists.said_of(listed).access)


def stricter_labels(
    scopes: Sequence[Scope], lists: Mapping[Path, SourceLists],
    live: Mapping[DocumentKey, LiveVersion],
) -> dict[str, str]:  # fmt: skip
    """Returns the labels, by ids of versions, of live documents that fewer may see than the index says.

    Nothing is opened here: that waits until the document is read.
    """
    labels: dict[str, str] = {}
    pages = {scope.root: _pages(scope, lists[scope.root]) for scope in scopes}
    for key, known in live.items():
        scope = next((scope for scope in scopes if scope.covers(key)), None)
        if scope is None or known.access == NOBODY:
            continue
        if key.name.startswith(("http://", "https://")):
            label = pages[scope.root].get(key.name, EVERYONE)
        else:
            inside = Path(key.root, key.name).relative_to(scope.root).as_posix()
            label = _label(key, inside, lists[scope.root])
        if both(label, known.access) != known.access:
            labels[known.version_id] = label
    return labels


def closed_now(scope: Scope, lists: SourceLists, selection: Selection) -> Iterator[Closed]:
    """Yields the files of a folder whose own text does not let anybody tell who may see them."""
    for name in walk(scope, selection).names:
        try:
            access_said(_head_of(str(scope.root), name), name)
        except AccessUnclearError as error:
            yield Closed(name, str(error), lists.label_of(name) or EVERYONE)
        except (LoadError, OSError):
            continue


def _pages(scope: Scope, lists: SourceLists) -> dict[str, str]:
    found: dict[str, str] = {}
    for inside in lists.tree.lists:
        folder = scope.root / inside
        for listed in lists.of(folder).urls:
            said = page_said(lists, scope.root, folder, listed.said)
            found[listed.url] = said.access or EVERYONE
    return found


def _label(key: DocumentKey, name: str, lists: SourceLists) -> str:
    listed = lists.said_of(name).access or EVERYONE
    if listed == NOBODY:
        return NOBODY
    try:
        own = access_said(_head_of(key.root, key.name), PurePosixPath(name).name)
        return both(listed, own or EVERYONE)
    except AccessUnclearError:
        return NOBODY
    except (LoadError, OSError):
        return listed


def _head_of(root: str, name: str) -> bytes:
    with open_file(root, name) as opened:
        return opened.read(_LOOKED_AT)
