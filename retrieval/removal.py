"""Removes a document for good: its file, and every trace of it in the index."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from retrieval.access import OPERATOR, Reader
from retrieval.errors import ConfigurationError, IndexMissingError
from retrieval.records import DocumentKey, LiveVersion
from retrieval.runs import Runs
from retrieval.stores import Stores
from retrieval.uploads import Uploads


@dataclass(frozen=True, slots=True)
class Target:
    """A document to remove; `file` is what will be deleted, None where it is gone already."""

    key: DocumentKey
    file: Path | None


class Remover:
    """Removes documents, one a run."""

    def __init__(self, stores: Stores, runs: Runs, uploads: Uploads) -> None:
        self._stores = stores
        self._runs = runs
        self._uploads = uploads

    def find(self, name: str, reader: Reader = OPERATOR) -> Target:
        """Returns the live document of this name; only what `reader` may see is suggested for it.

        Raises `ConfigurationError` when there is none, or more than one, or when it is a page
        that a source list names.
        """
        catalog = self._stores.catalog
        build = catalog.live_build()
        if build is None:
            raise IndexMissingError("There is no index yet; run: monazite index")
        live = catalog.live_versions(build.id)
        found = [key for key in live if key.name == name or str(Path(key.root, key.name)) == name]
        if not found:
            near = get_close_matches(name, _visible(live, reader), 1)
            hint = f"; did you mean {near[0]}?" if near else "; names are those of: monazite status"
            raise ConfigurationError(f"There is no document {name}{hint}")
        if len(found) > 1:
            folders = ", ".join(key.root for key in found)
            raise ConfigurationError(f"{name} is in {folders}; say which, with its folder")
        (key,) = found
        if key.name.startswith(("http://", "https://")):
            raise ConfigurationError(f"{name} is listed in a sources.yaml; take it out there")
        file = Path(key.root, key.name)
        return Target(key, file if file.is_file() else None)

    def remove(self, name: str, who: str = "") -> Target:
        """Removes the document of this name; it cannot be brought back.

        Raises as `find` does, `IndexBusyError` while a run is at work, and `ConfigurationError`
        when the file cannot be deleted; then the document stays.
        """
        with self._runs.open("remove", who) as run:
            target = self.find(name)
            build = self._stores.catalog.live_build()
            if target.file:
                try:
                    target.file.unlink()
                except OSError as error:
                    raise ConfigurationError(
                        f"{target.file} cannot be deleted ({error.strerror}); the document stays"
                    ) from error
            if build:
                self._stores.write(build.id, (), [target.key])
            run.report = {"documents": {"removed": 1}}
            if target.file:
                self._uploads.forget(target.file)
        return target


def _visible(live: Mapping[DocumentKey, LiveVersion], reader: Reader) -> list[str]:
    return [key.name for key, known in live.items() if reader.may_see(known.access)]
