"""The prompts: one text file each, the package's own or a team's, told apart by their hash."""

import hashlib
import string
from dataclasses import dataclass
from pathlib import Path

from retrieval.domain.errors import ConfigurationError

_OWN = Path(__file__).parent
# What a team's version of a prompt must leave room for.
_FIELDS = {
    "answer": frozenset({"max_words"}),
    "plan": frozenset[str](),
    "repair": frozenset({"complaint"}),
}
_HASH_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Prompt:
    """The text of a prompt, a template with fields in braces."""

    name: str
    text: str

    @property
    def version(self) -> str:
        """Returns the first 12 hexadecimal digits of the text's SHA-256."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:_HASH_DIGITS]

    def fill(self, **fields: object) -> str:
        """Returns the text with its fields filled in."""
        return self.text.format(**fields)


def load_prompt(name: str, folder: Path | None = None) -> Prompt:
    """Returns the prompt `name`: from `folder` where it holds `name.txt`, else our own.

    Raises `ConfigurationError` when a team's version cannot be read or lacks a field.
    """
    own = _OWN / f"{name}.txt"
    path = folder / own.name if folder and (folder / own.name).exists() else own
    if folder and not folder.is_dir():
        raise ConfigurationError(f"There is no folder {folder}; check MONAZITE_PROMPTS")
    try:
        text = path.read_text(encoding="utf-8")
        fields = {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"The prompt {path} cannot be used ({error}); write literal braces twice"
        ) from error
    if fields != _FIELDS[name]:
        wanted = ", ".join(f"{{{field}}}" for field in sorted(_FIELDS[name])) or "no fields"
        raise ConfigurationError(f"The prompt {path} must hold {wanted}, and no other fields")
    return Prompt(name, text)
