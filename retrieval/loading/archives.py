"""Office files are zip archives: refused where they are none, or would unpack to too much."""

import io
import zipfile

from retrieval.domain.errors import LoadError

MAX_UNPACKED = 300 * 1024 * 1024
_MAX_MEMBERS = 20_000
# How a compound file begins, and a member's flag (MS-CFB 2.2; APPNOTE.TXT 4.4.4).
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = 1
_PROTECTED = "is protected by a password; save it without one"
# The streams by which compound files are told apart, named in UTF-16 (MS-OFFCRYPTO 2.3.4.4; MS-DOC, MS-XLS, MS-PPT).
_OLD_KINDS = {
    "WordDocument": (".doc", "Word"),
    "PowerPoint Document": (".ppt", "PowerPoint"),
    "Workbook": (".xls", "Excel"),
}


def check_archive(data: bytes, ending: str, program: str) -> None:
    """Raises `LoadError` unless `data` is a zip archive of a sensible size once unpacked.

    The sizes are those that the archive states; its reader stops at them, so that a lie
    about them is no way around.
    """
    if data.startswith(_COMPOUND):
        raise LoadError(_why_compound(data, ending, program))
    if not zipfile.is_zipfile(io.BytesIO(data)):
        raise LoadError(f"is not a {ending} file (not a zip archive); save it again from {program}")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise LoadError(_PROTECTED)
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAX_UNPACKED or len(members) > _MAX_MEMBERS:
        raise LoadError(
            f"unpacks to {unpacked / 2**20:,.0f} MB in {len(members):,} parts, which is too much; "
            "split it"
        )


def _why_compound(data: bytes, ending: str, program: str) -> str:
    """Says why a compound file is none of today's: encrypted, or of an older kind under a new name."""
    if _named(data, "EncryptedPackage"):
        return _PROTECTED
    for stream, (old, its_program) in _OLD_KINDS.items():
        if _named(data, stream):
            return f"is a {old} file under another name; save it as {ending} from {its_program}"
    return f"is not a {ending} file (not a zip archive); save it again from {program}"


def _named(data: bytes, stream: str) -> bool:
    return stream.encode("utf-16-le") + b"\0\0" in data
