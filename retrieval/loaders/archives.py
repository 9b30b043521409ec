"""Office files are zip archives: refused where they are none, or would unpack to too much."""

import io
import zipfile

from retrieval.errors import LoadError

MAX_UNPACKED = 300 * 1024 * 1024
_MAX_MEMBERS = 20_000


def check_archive(data: bytes, ending: str, program: str) -> None:
    """Raises `LoadError` unless `data` is a zip archive of a sensible size once unpacked.

    The sizes are those that the archive states; its reader stops at them, so that a lie
    about them is no way around.
    """
    if not zipfile.is_zipfile(io.BytesIO(data)):
        raise LoadError(f"is not a {ending} file (not a zip archive); save it again from {program}")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAX_UNPACKED or len(members) > _MAX_MEMBERS:
        raise LoadError(
            f"unpacks to {unpacked / 2**20:,.0f} MB in {len(members):,} parts, which is too much; "
            "split it"
        )
