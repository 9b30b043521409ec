"""Texts that break tokenizers, databases or terminals, and what is stored of them."""

import json
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).parent / "texts.jsonl"


@dataclass(frozen=True)
class HostileText:
    """`stored` is what the index holds of `text`."""

    what: str
    text: str
    stored: str


def read_texts() -> list[HostileText]:
    return [HostileText(**json.loads(line)) for line in FILE.read_text().splitlines()]
