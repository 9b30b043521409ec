"""Odd names and titles from outside, and how each is shown."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).parent / "names.jsonl"
# What no text of ours may hold, in whatever form: what nobody sees, and what does something.
HARMFUL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800"
    "\u3164\ufdd0-\ufdef\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)


@dataclass(frozen=True)
class Name:
    """A name or title as it is given, and as a person is shown it, before it is escaped."""

    what: str
    name: str
    shown: str


def read_names() -> list[Name]:
    lines = FILE.read_text(encoding="utf-8").splitlines()
    return [Name(**json.loads(line)) for line in lines]
