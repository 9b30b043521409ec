"""Takes documents and folders out of the index, and deletes documents with their files."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from retrieval.domain.access import OPERATOR, Reader
from retrieval.domain.errors import ConfigurationError, IndexMissingError, LoadError
from retrieval.domain.records import DocumentKey, LiveVersion
from retrieval.sources.uploads import Uploads
from retrieval.storage.index import Index
from retrieval.storage.roots import Roots
from retrieval.storage.runs import OpenRun, Runs
from retrieval.system.containment import delete_file, is_file, printable


@dataclass(frozen=True, slots=True)
class Target:
    """A document to take out; `file` is its file, None where there is none inside its folder.

    `uploaded` says that it was added from Slack.
    """

    key: DocumentKey
    file: Path | None
    uploaded: bool = False


@dataclass(frozen=True, slots=True)
class Forgotten:
    """A folder that was taken out, and how many documents with it."""

    folder: Path
    documents: int


class Remover:
    """Removes documents, one a run.

    `documents` is the folder that the settings name; `forget_pages` deletes copies of pages whose
    addresses are not among those it is given.
    """

    def __init__(
        self, index: Index, runs: Runs, uploads: Uploads, roots: Roots,
        forget_pages: Callable[[set[str]], object],
    ) -> None:  # fmt: skip
        self._index = index
        self._runs = runs
        self._uploads = uploads
        self._roots = roots
        self._forget_pages = forget_pages

    def find(self, name: str, reader: Reader = OPERATOR) -> Target:
        """Returns the live document of this name or path; what `reader` may see is suggested for it.

        Raises `ConfigurationError` when there is none, or more than one, or when it is a page
        that a source list names.
        """
        live = self._live()
        wanted = {name, str(Path(name).absolute())} if "\0" not in name else {name}
        found = [key for key in live if key.name == name or f"{key.root}/{key.name}" in wanted]
        if not found:
            raise ConfigurationError(
                f"There is no document {printable(name)}{self._hint(name, live, reader)}"
            )
        if len(found) > 1:
            folders = ", ".join(key.root for key in found)
            raise ConfigurationError(f"{name} is in {folders}; say which, with its folder")
        (key,) = found
        if key.name.startswith(("http://", "https://")):
            raise ConfigurationError(f"{name} is listed in a sources.yaml; take it out there")
        file = Path(key.root, key.name)
        known = Path(key.root) in self._roots.known() and is_file(key.root, key.name)
        return Target(key, file if known else None, self._uploads.holds(file))

    def remove(self, name: str, who: str = "") -> Target:
        """Takes the document of this name out of the index; its file stays where it is.

        It stays out, whatever is indexed, until it is indexed by its own name again. Raises as
        `find` does, and `IndexBusyError` while a run is at work.
        """
        with self._runs.open("remove", who) as run:
            target = self.find(name)
            # Before it goes: a run that is killed in between is made up for by the next one.
            self._roots.exclude(Path(*target.key), run.who)
            self._take_out([target.key], run)
        return target

    def delete(self, name: str, who: str = "", *, uploads_only: bool = False) -> Target:
        """Deletes the document of this name: its file, and every trace of it in the index.

        Raises as `remove` does, and `ConfigurationError` when the file cannot be deleted, does not
        lie inside a folder that is indexed, or was not added from Slack (`uploads_only`); then
        the document stays.
        """
        with self._runs.open("delete", who) as run:
            target = self.find(name)
            self.check_deletable(target, uploads_only=uploads_only)
            if target.file:
                _unlink(target)
            self._roots.forget(Path(*target.key))
            self._take_out([target.key], run)
            if target.file:
                self._uploads.forget(target.file)
        return target

    def check_deletable(self, target: Target, *, uploads_only: bool = False) -> None:
        """Raises `ConfigurationError` when this document is not to be deleted, saying why."""
        if uploads_only and not target.uploaded:
            raise ConfigurationError(
                f"{target.key.name} was not added from Slack; whoever looks after the documents "
                "folder can delete it, and `remove` takes it out of the index"
            )
        if target.file is None and Path(*target.key).exists():
            raise ConfigurationError(
                f"{printable(target.key.name)} is no regular file inside a folder that was indexed by "
                "name, so it is not deleted; `monazite remove` takes it out of the index"
            )

    def taken_out(self, name: str) -> Path:
        """Returns the file of a document that was taken out, to be indexed again by its name.

        Raises `ConfigurationError` when there is none of this name, or more than one.
        """
        paths = [one.path for one in self._roots.excluded()]
        found = [path for path in paths if path == name or path.endswith(f"/{name}")]
        files = [path for path in map(Path, found) if is_file(path.parent, path.name)]
        if len(files) > 1:
            raise ConfigurationError(f"{name} is {', '.join(map(str, files))}; say which")
        if not files:
            raise ConfigurationError(f"No document {printable(name)} was taken out of the index")
        return files[0]

    def forget(self, folder: Path, who: str = "") -> Forgotten:
        """Takes a folder out of the index, all its documents with it; the files stay.

        It stays out until it is indexed by its own name again. Raises `ConfigurationError` when
        nothing of it is indexed, `IndexBusyError` while a run is at work.
        """
        with self._runs.open("forget", who) as run:
            place = folder.resolve()
            live = self._live()
            gone = [
                key for key in live if Path(*key).is_relative_to(place) or key.root == str(place)
            ]
            roots = [root for root in self._roots.known() if root.is_relative_to(place)]
            if not gone and not roots:
                raise ConfigurationError(
                    f"Nothing of {printable(str(place))} is indexed; monazite status lists the folders"
                )
            self._roots.exclude(place, run.who)
            self._roots.drop(place)
            self._take_out(gone, run)
            self._forget_pages({key.name for key in self._live()})
        return Forgotten(place, len(gone))

    def _take_out(self, keys: list[DocumentKey], run: OpenRun) -> None:
        build = self._index.catalog.live_build()
        if build and keys:
            self._index.sweep(build.id)
            self._index.write(build.id, (), keys)
        run.report = {"documents": {"removed": len(keys)}}

    def _live(self) -> dict[DocumentKey, LiveVersion]:
        build = self._index.catalog.live_build()
        if build is None:
            raise IndexMissingError("There is no index yet; run: monazite index")
        return self._index.catalog.live_versions(build.id)

    def _hint(self, name: str, live: Mapping[DocumentKey, LiveVersion], reader: Reader) -> str:
        taken_out = [one.path for one in self._roots.excluded() if one.path.endswith(f"/{name}")]
        if taken_out:
            where = f", and its file stands at {taken_out[0]}" if reader == OPERATOR else ""
            return f"; it was taken out of the index{where}"
        visible = [key.name for key, known in live.items() if reader.may_see(known.access)]
        near = get_close_matches(name, visible, 1)
        return f"; did you mean {near[0]}?" if near else "; names are those of: monazite status"


def _unlink(target: Target) -> None:
    try:
        delete_file(target.key.root, target.key.name)
    except (LoadError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigurationError(
            f"{target.file} cannot be deleted ({reason}); the document stays"
        ) from error
