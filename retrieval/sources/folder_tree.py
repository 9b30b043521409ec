"""The files below a folder, links and wrongly named lists among them; nothing in it is followed."""

import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path

from retrieval.domain.errors import LoadError
from retrieval.sources.list_reading import LIST_NAME
from retrieval.system.containment import open_file
from retrieval.text.access_words import like_access

_STEMS = ("source", "sources")
_LIST_ENDINGS = (".yaml", ".yml", ".txt", ".json", ".toml")
_COPIES = (".bak", ".orig", ".old", ".swp", "~", ".part")
_LIKE = 0.8
_LOOKED_AT = 65_536
# What a list has in it, in YAML or JSON.
_KEYS = re.compile(r"[\"']?([^\W\d_][\w \-]{2,20}?)[\"']?[ \t]{0,4}:")


@dataclass(slots=True)
class FolderTree:
    """What lies below `top`, by paths inside it with `/`; hidden folders and files are left out.

    `lists` are the folders that hold a list, `misnamed` files that look like lists under another
    name, `unreadable` folders with the reason. `links` are symbolic links to files, with where
    they lead; `twins` the names of each file that has several.
    """

    top: Path
    files: list[str] = field(default_factory=list)
    lists: list[str] = field(default_factory=list)
    misnamed: list[str] = field(default_factory=list)
    unreadable: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    twins: dict[tuple[int, int], list[str]] = field(default_factory=dict)


def read_tree(top: Path) -> FolderTree:
    """Returns what lies below `top`; folders that cannot be read are noted, not raised."""
    tree = FolderTree(top)
    waiting = [""]
    while waiting:
        inside = waiting.pop()
        try:
            with os.scandir(top / inside) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            tree.unreadable[inside] = error.strerror or str(error)
            continue
        above = f"{inside}/" if inside else ""
        for entry in found:
            if entry.is_dir(follow_symlinks=False) and entry.name != LIST_NAME:
                if not entry.name.startswith("."):
                    waiting.append(above + entry.name)
            else:
                _take(entry, above, tree)
    return tree


def misnamed_above(folder: Path) -> list[str]:
    """Returns files in a folder above the indexed one that are lists by another spelling of the name.

    Other files there are none of ours, whatever they say.
    """
    try:
        with os.scandir(folder) as entries:
            return [
                entry.name
                for entry in entries
                if _is_misspelt(entry) and _reads_like_a_list(entry.path)
            ]
    except OSError:
        return []


def _take(entry: os.DirEntry[str], above: str, tree: FolderTree) -> None:
    name = above + entry.name
    if entry.name == LIST_NAME:
        tree.lists.append(above.rstrip("/"))
        return
    if looks_misnamed(entry):
        tree.misnamed.append(name)
    if entry.name.startswith("."):
        return
    tree.files.append(name)
    try:
        if entry.is_symlink():
            tree.links[name] = os.path.realpath(entry.path)
        elif (known := entry.stat(follow_symlinks=False)).st_nlink > 1:
            tree.twins.setdefault((known.st_dev, known.st_ino), []).append(name)
    except OSError:
        return


def looks_misnamed(entry: "os.DirEntry[str]") -> bool:
    """Says whether a file that is no list was meant as one: by its name, or by what it says."""
    if _is_misspelt(entry):
        return True
    name = _plain(entry.name)
    if entry.name == LIST_NAME or name.endswith(_COPIES):
        return False
    stem, endings = _taken_apart(name)
    named = bool({".yaml", ".yml"} & set(endings))
    like = len(stem) < 12 and SequenceMatcher(None, stem, "sources").ratio() > _LIKE
    return (named or like) and _reads_like_a_list(entry.path)


def _is_misspelt(entry: "os.DirEntry[str]") -> bool:
    name = _plain(entry.name)
    if entry.name == LIST_NAME or name.endswith(_COPIES):
        return False
    stem, endings = _taken_apart(name)
    return stem in _STEMS and bool({".yaml", ".yml"} & set(endings))


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().strip()


def _taken_apart(name: str) -> tuple[str, list[str]]:
    """A name without what stands before its first letter and without endings; the endings."""
    stem = "".join(letter for letter in name if letter.isprintable())
    stem = re.sub(r"^[\W_]+", "", stem)
    return _without_endings(stem)


def _without_endings(stem: str) -> tuple[str, list[str]]:
    endings: list[str] = []
    while ending := next((one for one in _LIST_ENDINGS if stem.endswith(one)), ""):
        endings.append(ending)
        stem = stem.removesuffix(ending).rstrip(" .")
    return stem, endings


def _reads_like_a_list(path: str) -> bool:
    try:
        with open_file(Path(path).parent, Path(path).name) as opened:
            text = opened.read(_LOOKED_AT).decode("utf-8", errors="replace")
    except (LoadError, OSError):
        return False
    keys = {key.casefold() for key in _KEYS.findall(text)}
    return {"documents", "path"} <= keys and any(map(like_access, keys))


def names_below(folder: Path, most: int) -> Iterator[str]:
    """Yields paths of files below a folder, at most so many; those that cannot be read are not there."""
    count = 0
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        above = Path(place).relative_to(folder).as_posix()
        for name in names:
            yield name if above == "." else f"{above}/{name}"
            count += 1
            if count >= most:
                return
