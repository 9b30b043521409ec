"""What is said about a document beside its text: by its front matter, or by a source list."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is said; None where nothing is. `date` as in `Document`, `access` a label.

    `source` is the address that a page was fetched from, `added_at` ISO 8601 in UTC.
    """

    title: str | None = None
    date: str | None = None
    author: str | None = None
    tags: tuple[str, ...] | None = None
    language: str | None = None
    access: str | None = None
    source: str | None = None
    added_by: str | None = None
    added_at: str | None = None

    def over(self, other: "Metadata") -> "Metadata":
        """Returns what either says; what this one says wins."""
        return Metadata(**(other.as_json() | self.as_json()))

    def digest_with(self, content: str) -> str:
        """Returns the hash of a document: of its `content` hash, and of what is said of it."""
        if self == UNSAID:
            return content
        said = json.dumps(self.as_json(), sort_keys=True)
        return hashlib.sha256(f"{content}\0{said}".encode()).hexdigest()

    def as_json(self) -> dict[str, Any]:
        """Returns the fields that something is said in."""
        said = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in said.items() if value is not None}


UNSAID = Metadata()


def from_json(said: Mapping[str, Any]) -> Metadata:
    """Returns what `as_json` gave, read back from a database or file."""
    tags = said.get("tags")
    return Metadata(**(dict(said) | {"tags": None if tags is None else tuple(tags)}))
