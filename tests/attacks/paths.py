"""Attacks on paths: what stands in a folder of documents, and what must not be read of it."""

import json
import os
import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "paths.jsonl"
SECRET = "The secret of the tokens is xoxb-0815."


@dataclass(frozen=True)
class PathAttack:
    """`make` says what to put into the folder; `fails` names what is told of it, `adds` what goes in."""

    what: str
    make: list[list[Any]]
    fails: list[str] = field(default_factory=list)
    adds: list[str] = field(default_factory=list)
    fails_with: str = ""
    not_as_root: bool = False

    def put_into(self, folder: Path) -> None:
        outside = folder.parent / "outside"
        outside.mkdir(exist_ok=True)
        (outside / "plan.txt").write_text(SECRET)
        (folder.parent / "secret.txt").write_text(SECRET)
        for kind, name, *more in self.make:
            _make(kind, folder, name, more)


def _make(kind: str, folder: Path, name: Any, more: list[Any]) -> None:
    match kind:
        case "link":
            (folder / name).symlink_to(more[0])
        case "folder":
            (folder / name).mkdir()
        case "file":
            (folder / name).write_text("Erbium amplifies light in glass fibres.")
        case "pipe":
            os.mkfifo(folder / name)
        case "socket":
            here = os.open(folder, os.O_RDONLY)
            with socket.socket(socket.AF_UNIX) as made:
                made.bind(f"/proc/self/fd/{here}/{name}")
            os.close(here)
        case "mode":
            (folder / name).chmod(more[0])
        case "deep":
            deep = folder.joinpath(*["d" * name] * more[0])
            deep.mkdir(parents=True)
            (deep / "deep.txt").write_text("Erbium amplifies light in glass fibres.")
        case _:
            raise ValueError(kind)


def read_path_attacks() -> list[PathAttack]:
    lines = FILE.read_text(encoding="utf-8").splitlines()
    return [PathAttack(**json.loads(line)) for line in lines]
