"""`make soak`: 3,000 questions while everything fails that can; a table, and a file with the figures.

`SOAK_MINUTES` (60) and `SOAK_QUESTIONS` (3,000) make it shorter, `SOAK_FILE` says where the figures
go. Ends with 1 when a question was answered twice or not at all, or when something grew.
"""

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.soak.running import run
from bench.soak.stages import servers_stage, sqlite_stage

ROOT = Path(__file__).parents[2]
# The first stage has more to go wrong.
_SHARE = 0.6


def main() -> int:
    """Runs both stages, and tells what came of them."""
    minutes = float(os.environ.get("SOAK_MINUTES", "60"))
    questions = int(os.environ.get("SOAK_QUESTIONS", "3000"))
    found = []
    for make, share in ((sqlite_stage, _SHARE), (servers_stage, 1 - _SHARE)):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
            seconds = minutes * 60 * share
            with make(Path(name), ROOT / "seeds", round(questions * share), seconds) as stage:
                print(f"{stage.name}: {stage.questions} questions in {seconds:.0f} s", flush=True)
                found.append(run(stage))
                _print(found[-1])
                if not found[-1]["ok"]:
                    _keep_logs(Path(name))
    path = Path(os.environ.get("SOAK_FILE", "soak.json"))
    path.write_text(json.dumps({"minutes": minutes, "stages": found}, indent=1))
    print(f"The figures are in {path}")
    return 0 if all(stage["ok"] for stage in found) else 1


def _print(stage: dict[str, Any]) -> None:
    print(f"\n{stage['stage']}: {'held' if stage['ok'] else 'BROKE'}")
    print(f"  {stage['questions']} questions in {stage['seconds']} s: {stage['outcomes']}")
    for name, figures in stage["programs"].items():
        told = ", ".join(f"{what} {a:.0f} → {b:.0f}" for what, (a, b) in figures.items())
        print(f"  {name}: {told}; stopped in {stage['stop_seconds'][name]} s")
    for left_out in stage["left_out"]:
        print(f"  left out: {left_out}")
    sys.stdout.flush()


def _keep_logs(folder: Path) -> None:
    """Keeps what the programs logged, where something broke."""
    for log in folder.glob("*.log"):
        kept = Path(f"soak-{log.name}")
        kept.write_bytes(log.read_bytes()[-5_000_000:])
        print(f"  see {kept}")


if __name__ == "__main__":
    sys.exit(main())
