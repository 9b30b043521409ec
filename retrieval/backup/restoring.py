"""What of a backup comes back: nothing that was taken away since, and nobody sees more of it than now."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from retrieval.backup.models import DocumentEntry, is_page
from retrieval.domain.access import EVERYONE, NOBODY, both
from retrieval.domain.errors import LoadError
from retrieval.domain.records import DocumentKey, LiveVersion
from retrieval.loading.front_matter import access_said
from retrieval.sources.discovery import DiscoveredFiles
from retrieval.sources.scopes import Scope
from retrieval.storage.roots import Exclusions
from retrieval.system.containment import is_there, read_file

NOT_KNOWN = "its folder is not indexed here; confirm it with --trust FOLDER"
TAKEN_OUT = "it was taken out of the index; --keep-removed takes it in again"
GONE = "its file is not there any more; --keep-removed brings it back all the same"
UNLISTED = "no sources.yaml lists it any more; --keep-removed brings it back all the same"


@dataclass(frozen=True, slots=True)
class Trust:
    """Folders that documents of a backup may belong to: indexed here, in the documents folder, named."""

    roots: Mapping[Path, bool]
    documents: Path
    named: Collection[Path] = ()

    def extends_to(self, root: Path) -> bool:
        """Says whether `root` is one of them. A path that a link leads away from is none."""
        trusted = (
            root in self.roots
            or root.is_relative_to(self.documents.resolve())
            or any(root.is_relative_to(folder.resolve()) for folder in self.named)
        )
        return trusted and root.resolve() == root

    def scopes(self, keys: Collection[DocumentKey]) -> list[Scope]:
        """The parts of the file system to look at for documents of a backup, in trusted folders."""
        scopes = []
        for root in sorted({Path(key.root) for key in keys}):
            if not (self.extends_to(root) and root.is_dir()):
                continue
            if self.roots.get(root, True):
                scopes.append(Scope(root))
            else:
                scopes += [
                    Scope(root, key.name)
                    for key in keys
                    if key.root == str(root) and is_there(root, key.name)
                ]
        return scopes


@dataclass(frozen=True, slots=True)
class RestoreDecision:
    """What becomes of a document: why it is `left_out`, or its label and content hash."""

    left_out: str = ""
    access: str = NOBODY
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Present:
    """What this installation says of documents now; `live` is None without an index.

    `reread` says that the next run is to read every document again.
    """

    trust: Trust
    discovered: DiscoveredFiles
    exclusions: Exclusions
    live: Mapping[DocumentKey, LiveVersion] | None
    keep_removed: bool
    megabytes: int
    reread: bool = False

    def judge(self, entry: DocumentEntry) -> RestoreDecision:
        """Says what becomes of a document of a backup."""
        if not self.trust.extends_to(Path(entry.root)):
            return RestoreDecision(NOT_KNOWN)
        if not self.keep_removed and (reason := self._removed(entry)):
            return RestoreDecision(reason)
        now = self._label(entry)
        then = both(entry.access, entry.said.access or EVERYONE)
        access = both(then, now)
        # With a hash of no file, the next run reads it again and gives it the label of then.
        again = self.reread or access != now or access != (entry.said.access or EVERYONE)
        return RestoreDecision("", access, "0" if again else entry.hash)

    def _removed(self, entry: DocumentEntry) -> str:
        if self.exclusions.cover(f"{entry.root}/{entry.name}"):
            return TAKEN_OUT
        if entry.key in self.discovered.files or self.discovered.may_hide(entry.key):
            return ""
        if Path(entry.root).is_dir():
            return UNLISTED if is_page(entry.name) else GONE
        # The folder is not there, but what was removed before it went is not in the index.
        return GONE if self.live and entry.key not in self.live else ""

    def _label(self, entry: DocumentEntry) -> str:
        """Who may see the document now, as strictly as catalog, lists and file together say."""
        known = self.live.get(entry.key) if self.live else None
        label = known.access if known else EVERYONE
        file = self.discovered.files.get(entry.key)
        if file is not None:
            listed = both(label, file.said.access or EVERYONE)
            return both(listed, self._said_by_file(entry))
        if self.discovered.may_hide(entry.key) and known is None:
            return NOBODY
        return label

    def _said_by_file(self, entry: DocumentEntry) -> str:
        """The label in the file as it is now; nobody's where it cannot be told."""
        if is_page(entry.name):
            return EVERYONE
        try:
            data = read_file(entry.root, entry.name, self.megabytes)
            return access_said(data, entry.name) or EVERYONE
        except FileNotFoundError:
            return EVERYONE
        except (LoadError, OSError):
            return NOBODY
