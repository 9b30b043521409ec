"""Attacks that are data: one JSON object a line, each with what it is and what must happen."""

import json
from pathlib import Path
from typing import Any


def read_cases(area: str) -> list[dict[str, Any]]:
    """Returns the attacks on an area."""
    lines = (Path(__file__).parent / f"{area}.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines if line.strip()]
