"""Holds the files that Chroma keeps its vectors in against their own header, before they are opened.

Chroma's index (its fork of hnswlib, persisted format 1) maps what the files say into memory without
a look: a file that was cut off by a full disk, a loss of power or a bad copy ends the process by a
segmentation fault, or takes tens of gigabytes. What is held against each other here is what
`HierarchicalNSW::loadPersistedIndex` relies on: sizes, counts and the ids of neighbours.
"""

import struct
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import numpy as np

_HEADER = struct.Struct("<i6Qi I 3Q d Q".replace(" ", ""))
_DATA, _LENGTHS, _LINKS, _NAMES = (
    "data_level0.bin", "length.bin", "link_lists.bin", "index_metadata.pickle",
)  # fmt: skip
_FORMAT = 1
_SIZE = 4
# Elements looked at together, about 16 MB of vectors of 384 numbers.
_CHUNK = 10_000


class _Header(NamedTuple):
    version: int
    links_at: int
    most: int
    elements: int
    element_size: int
    label_at: int
    vector_at: int
    top_level: int
    entry: int
    max_links: int
    max_links_0: int
    links: int
    level_factor: float
    construction: int


def damage_in(folder: Path) -> str:
    """Returns what is wrong with the vectors in Chroma's `folder`, in a line, or ""."""
    if not folder.is_dir():
        return ""
    for segment in sorted(folder.iterdir()):
        if _is_segment(segment) and (reason := _damage_of(segment)):
            return f"{segment.name}/{reason}"
    return ""


def _is_segment(path: Path) -> bool:
    try:
        return str(UUID(path.name)) == path.name and path.is_dir()
    except ValueError:
        return False


def _damage_of(segment: Path) -> str:
    """What is wrong with one collection; one that was never written out has nothing to be wrong."""
    if not (segment / _NAMES).exists():
        # Without the names of its vectors Chroma begins anew, and reads none of the other files.
        return "" if _is_new(segment) else f"{_NAMES} is missing"
    try:
        header = _header_of(segment)
        if isinstance(header, str):
            return header
        return (
            _wrong_sizes(segment, header) or _wrong_links(segment, header)
            or _wrong_upper_links(segment, header) or _wrong_names(segment)
        )  # fmt: skip
    except OSError as error:
        name = Path(str(error.filename)).name if error.filename else "a file"
        return f"{name} cannot be read ({error.strerror})"


def _is_new(segment: Path) -> bool:
    """Says whether nothing was written out yet: Chroma makes the other files at once, and empty."""
    try:
        header = _header_of(segment)
    except OSError:
        return True
    return isinstance(header, str) or header.elements == 0


def _header_of(segment: Path) -> "_Header | str":
    data = (segment / "header.bin").read_bytes()
    if len(data) != _HEADER.size:
        return f"header.bin has {len(data)} bytes, not {_HEADER.size}"
    header = _Header(*_HEADER.unpack(data))
    sound = (
        header.version == _FORMAT
        and header.elements <= header.most
        and 0 < header.max_links <= header.max_links_0 <= 10_000
        and header.vector_at == header.links_at + _SIZE * (1 + header.max_links_0)
        and header.vector_at < header.label_at
        and header.element_size == header.label_at + 2 * _SIZE
        and (
            (header.entry < header.elements and 0 <= header.top_level < 100) or not header.elements
        )
    )
    return header if sound else "header.bin contradicts itself"


def _wrong_sizes(segment: Path, header: _Header) -> str:
    for name, expected in (
        (_DATA, header.elements * header.element_size), (_LENGTHS, header.elements * _SIZE),
        (_LINKS, header.elements * _SIZE),
    ):  # fmt: skip
        size = (segment / name).stat().st_size
        if size < expected:
            return f"{name} has {size:,} bytes, not {expected:,}: it is cut off"
    return ""


def _wrong_links(segment: Path, header: _Header) -> str:
    """Every element is near to elements that there are."""
    with (segment / _DATA).open("rb") as file:
        for start in range(0, header.elements, _CHUNK):
            many = min(_CHUNK, header.elements - start)
            raw = np.frombuffer(file.read(many * header.element_size), np.uint8)
            if len(raw) < many * header.element_size:
                return f"{_DATA} is cut off"
            elements = raw.reshape(many, header.element_size)
            links = elements[:, header.links_at : header.vector_at].copy().view("<u4")
            if _leads_astray(links, header):
                return f"{_DATA} is damaged: it leads to vectors that there are not"
    return ""


def _leads_astray(
    links: "np.ndarray[tuple[int, int], np.dtype[np.uint32]]", header: _Header
) -> bool:
    # Beside the count stands, in the third byte, whether the element is deleted.
    counts = links[:, 0] & 0xFFFF
    if counts.max(initial=0) > header.max_links_0:
        return True
    used = np.arange(links.shape[1] - 1)[None, :] < counts[:, None]
    return bool((links[:, 1:][used] >= header.elements).any())


def _wrong_upper_links(segment: Path, header: _Header) -> str:
    """Each element has a size, 0 for most, and that many bytes of lists, one for each upper level."""
    data = (segment / _LINKS).read_bytes()
    one, at = _SIZE * (1 + header.max_links), 0
    for _ in range(header.elements):
        if at + _SIZE > len(data):
            return f"{_LINKS} is cut off"
        size = int.from_bytes(data[at : at + _SIZE], "little")
        at += _SIZE
        if not size:
            continue
        if size % one or size > one * header.top_level or at + size > len(data):
            return f"{_LINKS} is damaged or cut off"
        lists = np.frombuffer(data, "<u4", size // _SIZE, at).reshape(-1, 1 + header.max_links)
        used = np.arange(header.max_links)[None, :] < (lists[:, :1] & 0xFFFF)
        too_many = (lists[:, 0] & 0xFFFF).max() > header.max_links
        if too_many or (lists[:, 1:][used] >= header.elements).any():
            return f"{_LINKS} is damaged: it leads to vectors that there are not"
        at += size
    return ""


def _wrong_names(segment: Path) -> str:
    """The names of the vectors are a pickle, which ends in a full stop; it is not opened here."""
    with (segment / _NAMES).open("rb") as file:
        file.seek(-min(1, (segment / _NAMES).stat().st_size), 2)
        return "" if file.read(1) == b"." else f"{_NAMES} is cut off"
