"""Numbers, the format codes of their cells, and what a spreadsheet shows for them."""

import json
from pathlib import Path

NUMBER_FORMATS = [
    json.loads(line)
    for line in Path(__file__).with_suffix(".jsonl").read_text(encoding="utf-8").splitlines()
]
