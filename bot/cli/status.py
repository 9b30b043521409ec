"""What the index holds now."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from retrieval.domain.errors import IndexMissingError
from retrieval.domain.records import DocumentInfo, DocumentKey
from retrieval.sources.access_report import AccessReport
from retrieval.storage.catalog import Catalog
from retrieval.storage.roots import Exclusion, Roots

# What is shown of a document beside its title and date, where it is said.
_SHOWN = ("author", "tags", "language", "source", "added_by", "added_at")


@dataclass(frozen=True, slots=True)
class IndexedFolder:
    """A folder that is indexed: its path, whether it is there, and how many documents are of it."""

    path: str
    there: bool
    documents: int


@dataclass(frozen=True, slots=True)
class Status:
    """The live index; `updated_at` is ISO 8601 in UTC."""

    home: str
    fingerprint: str
    current: bool
    generation: int
    updated_at: str
    passages: int
    documents: tuple[DocumentInfo, ...]
    folders: tuple[IndexedFolder, ...] = ()
    taken_out: tuple[Exclusion, ...] = ()
    access: AccessReport = field(default_factory=AccessReport)

    def as_json(self) -> dict[str, Any]:
        """Returns what `monazite status --json` prints."""
        found = asdict(self)
        for document in found["documents"]:
            document["indexed_at"] = document["indexed_at"].isoformat()
            for name in ("ledger", "outdated_since", "root", "version_id"):
                del document[name]
            said = document.pop("said")
            document |= {name: value for name, value in said.items() if name in _SHOWN and value}
        for taken_out in found["taken_out"]:
            taken_out["decided_at"] = taken_out["decided_at"].isoformat()
        return found


def read_status(
    catalog: Catalog, roots: Roots, home: str, fingerprint: str, access: AccessReport | None = None
) -> Status:
    """Returns the state of the index. Raises `IndexMissingError` before the first one.

    `access` is what the access rules did in the latest runs. `current` says whether the index was made with the present settings.
    """
    build = catalog.live_build()
    if build is None:
        raise IndexMissingError("There is no index yet; run: monazite index")
    return Status(
        home=home,
        fingerprint=build.fingerprint,
        current=build.fingerprint == fingerprint,
        generation=build.generation,
        updated_at=build.updated_at.isoformat(timespec="seconds"),
        passages=catalog.passage_count(build.id),
        documents=tuple(catalog.documents()),
        folders=tuple(_folders(roots, catalog.live_versions(build.id))),
        taken_out=tuple(roots.excluded()),
        access=access or AccessReport(),
    )


def _folders(roots: Roots, live: Iterable[DocumentKey]) -> Iterator[IndexedFolder]:
    counts = Counter(key.root for key in live)
    known = {str(root) for root in roots.known()}
    for path in sorted(known | counts.keys()):
        yield IndexedFolder(path, path in known and Path(path).is_dir(), counts[path])
