"""Encrypted backups, by age (https://age-encryption.org/v1): readable and makeable with the key alone.

An encrypted backup is a ZIP archive of two age files: `key.age` holds an identity made for this
backup, encrypted with the operator's key as a passphrase (scrypt), `backup.age` the backup,
encrypted for that identity. Without Monazite: `age -d key.age > identity`, then
`age -d -i identity backup.age`. Whoever does not know the key can neither read a backup nor
make one: the identity's public part, which encrypting takes, stands nowhere in clear.
"""

import zipfile
from pathlib import Path
from typing import BinaryIO

from retrieval.domain.errors import ConfigurationError, LoadError
from retrieval.system.containment import chunks_of, open_named

_KEY, _BACKUP = "key.age", "backup.age"
_MAX_KEY_MEMBER = 10_000
_SHORTEST_KEY = 16


def read_key(key: str | None, file: Path | None) -> str | None:
    """Returns the key of backups, as it is given or in its file; None where there is none.

    Raises `ConfigurationError` for both, for a file that cannot be read and for a short key.
    """
    if key and file:
        raise ConfigurationError("Set MONAZITE_BACKUP_KEY or MONAZITE_BACKUP_KEY_FILE, not both")
    if file:
        try:
            with open_named(file) as opened:
                key = b"".join(chunks_of(opened, 1)).decode().strip()
        except (LoadError, OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise ConfigurationError(
                f"MONAZITE_BACKUP_KEY_FILE {file} cannot be read ({reason})"
            ) from None
    elif not key:
        return None
    if len(key) < _SHORTEST_KEY:
        raise ConfigurationError(
            f"The key of backups needs at least {_SHORTEST_KEY} characters, such as: "
            "openssl rand -hex 24"
        )
    return key


def encrypt(plain: BinaryIO, target: BinaryIO, key: str) -> None:
    """Writes what `plain` holds to `target`, encrypted; memory stays flat."""
    import pyrage

    identity = pyrage.x25519.Identity.generate()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(_KEY, pyrage.passphrase.encrypt(str(identity).encode(), key))
        with archive.open(_BACKUP, "w", force_zip64=True) as member:
            pyrage.encrypt_io(plain, member, [identity.to_public()])


def is_encrypted(file: BinaryIO) -> bool:
    """Says whether a file is an encrypted backup; leaves it at its beginning."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except Exception:  # noqa: BLE001  whatever it is, it is none
        names = []
    file.seek(0)
    return sorted(names) == [_BACKUP, _KEY]


def decrypt(file: BinaryIO, plain: BinaryIO, key: str) -> None:
    """Writes the backup in the encrypted `file` to `plain`, and returns to its beginning.

    Raises `ConfigurationError` when the key is another one, or the file is damaged.
    """
    import pyrage

    try:
        with zipfile.ZipFile(file) as archive:
            with archive.open(_KEY) as member:
                wrapped = member.read(_MAX_KEY_MEMBER)
            identity = pyrage.x25519.Identity.from_str(
                pyrage.passphrase.decrypt(wrapped, key).decode()
            )
            with archive.open(_BACKUP) as member:
                pyrage.decrypt_io(member, plain, [identity])
    except Exception as error:
        raise ConfigurationError(
            "The backup cannot be decrypted: it was made with another key, or is damaged"
        ) from error
    plain.seek(0)
