"""Attacks: what a hostile document says, and what a model that obeys it would answer."""

import json
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).parent / "attacks.jsonl"


@dataclass(frozen=True)
class Attack:
    """`text` stands in a document; a model that gives in says `says`, and quotes `quote`.

    `plain` says that this is a lie in plain words about what the true document tells of: a
    rule cannot tell it from a paraphrase once the model quotes the true document for it.
    """

    name: str
    text: str
    says: str
    quote: str
    plain: bool


def read_attacks() -> list[Attack]:
    lines = FILE.read_text(encoding="utf-8").splitlines()
    return [Attack(**json.loads(line)) for line in lines]
