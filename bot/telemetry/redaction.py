"""Keeps secrets out of what is written down: by their look, and by their value."""

import os
import re
from collections.abc import Iterable, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import BaseModel

# The password in a URL, and anything that looks like a Slack or provider key.
_SECRET = re.compile(
    r"(?<=://)([^:/@\s]+):[^@\s]+(?=@)|\b(?:xox[a-z]-|xapp-|sk-)[\w-]{6,}|(?<=Bearer )\S+"
)
_NAMES = re.compile(r"(?:KEY|TOKEN|SECRET|PASSWORD)$")
# A shorter value would be found in innocent words.
_SHORTEST = 6


def redact(text: str) -> str:
    """Returns `text` without passwords in URLs and without keys."""
    return _SECRET.sub(lambda match: f"{match[1]}:***" if match[1] else "***", text)


def secrets_of(
    *settings: "BaseModel", environment: Mapping[str, str] = os.environ
) -> frozenset[str]:
    """Returns the values that must not be seen: secret settings, and variables named like keys."""
    from pydantic import SecretStr

    values = [
        value.get_secret_value()
        for one in settings
        for value in dict(one).values()
        if isinstance(value, SecretStr)
    ]
    values += [value for name, value in environment.items() if _NAMES.search(name)]
    return frozenset(value for value in values if len(value) >= _SHORTEST)


class Redactor:
    """Cleans text, and the entries of a log, of `secrets` and of what looks like one."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        # The longest first: one secret may hold another.
        self._secrets = sorted(secrets, key=len, reverse=True)

    def clean(self, text: str) -> str:
        """Returns `text` with `***` in the place of each secret."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return redact(text)

    def __call__(
        self, _logger: Any, _method: str, entry: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        """Cleans a whole entry, as a processor of structlog does."""
        return {self.clean(key): self._clean_value(value) for key, value in entry.items()}

    def _clean_value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.clean(value)
        if isinstance(value, Mapping):
            return {key: self._clean_value(inner) for key, inner in value.items()}
        if isinstance(value, (list, tuple, set, frozenset)):
            return [self._clean_value(inner) for inner in value]
        return (
            value
            if value is None or isinstance(value, (bool, int, float))
            else self.clean(str(value))
        )
